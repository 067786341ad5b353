#pragma once

// Rules compiled once into an immutable set, and the matcher that evaluates it on events.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "common/strings.h"
#include "detector/parsed_event.h"
#include "detector/rule.h"
#include "model/field_names.h"

namespace picket::detector {

// One file of rules: Sigma YAML, one or more documents.
struct RuleFile {
  std::string path;  // as messages name it
  std::string text;
};

// What is wrong with a rule: `rules/x.yml:14:7: unknown modifier 'contain'`. The rule it names is left out; others load.
// A warning (LintSigma) is about a rule that loads.
struct RuleFault {
  enum class Severity : uint8_t { kError, kWarning };
  std::string file;
  int line = 0;
  int column = 0;
  std::string message;
  Severity severity = Severity::kError;
  std::string ToString() const;
};

// Values for placeholders (`User|expand: '%admins%'`): name of the list, without percent signs → its values. A value is
// read as one in a rule is: wildcards and escapes count.
using ValueLists = StringMap<std::vector<std::string>>;

// Where a rule's field name leads in an event. ResolveFieldName (model/field_names.h) for normalised events; the
// identity (a literal key, then a dotted path) for any other JSON.
using FieldResolver = std::function<std::vector<EventPath>(std::string_view name)>;
std::vector<EventPath> LiteralFieldName(std::string_view name);

struct Expression;
struct SigmaDocument;

// Immutable once compiled. Threads: shared by all workers without locks. Lifetime: shared_ptr<const RuleSet>.
class RuleSet {
 public:
  // Rules with faults are left out and reported in `faults`; the rest is compiled. A rule with a placeholder that
  // `lists` has no values for has a fault.
  static std::shared_ptr<const RuleSet> Compile(const std::vector<RuleFile>& files,
                                                const FieldResolver& resolve,
                                                std::vector<RuleFault>& faults,
                                                const ValueLists& lists = {});
  // The same from documents that have been read.
  static std::shared_ptr<const RuleSet> Compile(std::vector<SigmaDocument> documents,
                                                const FieldResolver& resolve,
                                                std::vector<RuleFault>& faults,
                                                const ValueLists& lists = {});
  ~RuleSet();

  absl::Span<const DetectionRule> rules() const;
  absl::Span<const CorrelationRule> correlations() const;

  struct Compiled;  // the index; detector/ only
  const Compiled& compiled() const { return *compiled_; }

  // Rules over the elements of an array, each of which is matched as {"": element}; detector/ only.
  static std::shared_ptr<const RuleSet> CompileElementRules(
      const std::vector<std::shared_ptr<const Expression>>& rules);

 private:
  RuleSet();
  std::unique_ptr<Compiled> compiled_;
};

// Every *.yml and *.yaml below a folder except *.test.yml and what is hidden (a name that begins with a dot), sorted by
// path; or the one file.
// Files that cannot be read become faults.
std::vector<RuleFile> ReadRuleFiles(const std::string& path, std::vector<RuleFault>& faults);

struct MatcherOptions {
  // Only rules whose logsource does not contradict the event's own `product`, `service` and `category` apply. A key that
  // the rule or the event leaves out contradicts nothing.
  bool route = false;
  // Without, every rule is evaluated on every event: slow, the same verdicts, for checks.
  bool use_index = true;
  // What a value of a field led to is kept for when it comes again, within a fixed bound.
  bool remember_values = true;
};

// Evaluates a rule set on one event at a time.
// Threads: one. Lifetime: one a worker; holds scratch memory, so that matching allocates nothing once warm.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleSet> rules, MatcherOptions options = {});
  ~Matcher();

  // Parses the event (a JSON object) and returns the indexes of the rules that match, ascending; valid until the next
  // call. An event that is no JSON object matches nothing; `ok()` is false then. The text must outlive what is asked of
  // the event.
  absl::Span<const uint32_t> Match(std::string_view event_json);
  // The same in two steps, for events that are parsed at another time. The event must outlive what is asked of it.
  bool Parse(std::string_view event_json, ParsedEvent& event);
  absl::Span<const uint32_t> MatchParsed(const ParsedEvent& event);
  bool ok() const;

  // Of the event of the last Match: the text of a field (numbers and booleans as they are written), the first one where
  // there are several; nothing when it is absent or null.
  bool FieldText(FieldId field, std::string_view* text) const;

  // Of the event of the last Match: the fields and values that made `rule` match, for the alert and for people.
  struct MatchedField {
    std::string_view name;   // as the rule writes it
    std::string_view value;  // as the event has it
  };
  void MatchedFields(uint32_t rule, std::vector<MatchedField>* fields) const;

  const RuleSet& rule_set() const;

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace picket::detector
