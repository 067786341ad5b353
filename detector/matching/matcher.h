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
  // Apply only rules whose log source does not contradict the event's own `product`, `service` and
  // `category`. A key that the rule or the event leaves out contradicts nothing.
  bool route = false;
  // If false, every rule is evaluated on every event: slow, with the same verdicts. For checks.
  bool use_index = true;
  // Cache the candidate rules of field values across events, in bounded memory.
  bool cache_values = true;
};

// Evaluates a rule set on one event at a time.
// Threads: one. Lifetime: one per worker. Holds scratch memory, so that matching does not allocate
// after the first events.
class Matcher {
 public:
  explicit Matcher(std::shared_ptr<const RuleSet> rules, MatcherOptions options = {});
  ~Matcher();

  // Parses the event and returns the indexes of the rules that match, in ascending order; valid
  // until the next call. If the event is not a JSON object, no rule matches and ok() is false.
  // `event_json` must stay valid while the functions below are used.
  absl::Span<const uint32_t> Match(std::string_view event_json);
  // The same for an event that another matcher has parsed: reads its token index instead of its
  // JSON.
  absl::Span<const uint32_t> Match(const JsonTokens& event);
  // Match in two steps, for events that are parsed earlier. `event` must stay valid while the
  // functions below are used.
  bool Parse(std::string_view event_json, ParsedEvent& event);
  absl::Span<const uint32_t> MatchParsed(const ParsedEvent& event);
  bool ok() const;

  // The token index and the top-level members of the event that was parsed last. Use them only if
  // ok() is true.
  const JsonTokens& tokens() const;
  EventMembers members() const { return EventMembers(tokens()); }

  // Gets the string of a field of the last event; numbers and booleans are as written. If the field
  // has several values, returns the first. Returns false if the field is absent or null.
  bool FieldString(FieldId field, std::string_view* text) const;

  // A field and value of the last event that made a rule match.
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
