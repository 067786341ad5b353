#pragma once

// Evaluates a compiled rule set on events.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/parsed_event.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {

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
