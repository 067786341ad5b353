#pragma once

// Evaluates a compiled rule set on events.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/event_members.h"
#include "detector/matching/parsed_event.h"
#include "detector/matching/rule_set.h"
#include "json/json_tokens.h"

namespace picket::detector {

struct MatcherOptions {
  // If true, a rule is applied only to events that fit its log source: the `product`, `service` and
  // `category` of the event must be those of the rule. A key that is missing from the rule or from
  // the event is not compared.
  bool route = false;
  // If false, every rule is evaluated on every event. This is slow but gives the same verdicts; it
  // is used to check the index.
  bool use_index = true;
  // If true, the candidate rules that were found for a value are kept in a cache for later events.
  // The memory of the cache is bounded.
  bool cache_values = true;
};

// Evaluates a rule set on one event at a time.
// Threads: Use each instance from one thread. Lifetime: Each worker has its own matchers. A matcher
// keeps scratch memory, so matching does not allocate after the first events.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleSet> rules, MatcherOptions options = {});
  ~Matcher();

  // Parses the event and returns the indexes of the rules that match, in ascending order. The
  // result is valid until the next call. If the event is not a JSON object, no rule matches and
  // ok() is false. `event_json` must stay valid until the next event is matched.
  absl::Span<const uint32_t> Match(std::string_view event_json);
  // Matches an event that another matcher has parsed. Reads the token index of the event instead of
  // its JSON.
  absl::Span<const uint32_t> Match(const JsonTokens& event);
  // Parse and MatchParsed do the work of Match in two steps, so that several events can be parsed
  // before the first of these events is matched. `event` must stay valid until the next event is
  // matched.
  bool Parse(std::string_view event_json, ParsedEvent& event);
  absl::Span<const uint32_t> MatchParsed(const ParsedEvent& event);
  bool ok() const;

  // Returns the token index of the event that was parsed last. Call tokens() and members() only if
  // ok() is true.
  const JsonTokens& tokens() const;
  EventMembers members() const { return EventMembers(tokens()); }

  // Gets the distinct strings of the last event at the first of the given places that has any, in
  // the order of the event. Numbers and booleans are returned as written in the event, and
  // addresses without their port. `texts` becomes empty if the places are absent or null. At most
  // `most` strings are returned.
  void FieldStrings(absl::Span<const FieldId> places, size_t most,
                    std::vector<std::string_view>* texts) const;

  // A field of the last event, with a value that made a rule match.
  struct MatchedField {
    std::string_view name;   // the name as written in the rule
    std::string_view value;  // the value, unescaped
  };
  void MatchedFields(uint32_t rule, std::vector<MatchedField>* fields) const;

  const RuleSet& rule_set() const;

 private:
  struct Scratch;
  std::unique_ptr<Scratch> scratch_;
};

}  // namespace picket::detector
