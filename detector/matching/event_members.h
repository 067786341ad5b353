#pragma once

// Finds the top-level members of an event in the token index of the event, so that the event is
// parsed only once.

#include <string_view>

#include "json/json_tokens.h"

namespace picket::detector {

// A view of the members of an event. The matcher only reads the members that rules name. Other code
// finds the remaining members with this view, such as the time, the uid or the actor.
// Threads: Use each instance from one thread. Lifetime: A view is valid as long as `tokens`, which
// must be the index of a JSON object. Failure: No call fails.
class EventMembers {
 public:
  explicit EventMembers(const JsonTokens& tokens) : tokens_(&tokens) {}

  // Returns the raw JSON value of the first member with the key `key`, or an empty view if there is
  // no such member. Keys are not unescaped before they are compared. The function visits the tokens
  // from the beginning of the event and does not allocate.
  std::string_view Find(std::string_view key) const;

  // Returns the whole event.
  std::string_view json() const { return tokens_->text(); }

 private:
  const JsonTokens* tokens_;
};

}  // namespace picket::detector
