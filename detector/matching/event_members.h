#pragma once

// The top-level members of an event, found in the token index of its only parse.

#include <string_view>

#include "json/json_tokens.h"

namespace picket::detector {

// A view that is passed on from the matcher to whoever needs a member of the event that no rule
// names: its time, its uid, its actor.
// Threads: one. Lifetime: valid as long as `tokens` is, which must be the index of a JSON object.
// Failure: none.
class EventMembers {
 public:
  explicit EventMembers(const JsonTokens& tokens) : tokens_(&tokens) {}

  // Returns the raw JSON of the first member with this key (as written), or an empty view if there
  // is none. Complexity: linear in the tokens up to the member; no allocation.
  std::string_view Find(std::string_view key) const;

  // The whole event.
  std::string_view json() const { return tokens_->text(); }

 private:
  const JsonTokens* tokens_;
};

}  // namespace picket::detector
