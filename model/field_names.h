#pragma once

// Resolves the field names of rules to paths in a normalised event.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// A path into a normalised event. If the path leads through an array, any of its elements can
// match.
struct EventPath {
  std::vector<std::string> segments;  // {"actor", "user", "name"}
  // `member` and `member_key` are set for Name/Value lists (Parameters.ForwardTo,
  // ModifiedProperties.X.NewValue). In this case `segments` leads to the list, `member` is the
  // "Name" of an element (compared ignoring case), and `member_key` is the key of the value in that
  // element ("Value", "NewValue" or "OldValue").
  std::string member;
  std::string member_key;
};

// Returns the paths at which an event can have the value of a field. `name` can be a raw name of
// the Management API (Operation, ClientIP, Parameters.ForwardTo), an OCSF path (actor.user.name),
// or an ECS or o365.audit.* name (user.id, o365.audit.Parameters.ForwardTo). A raw name that the
// mapping does not know resolves to the same name in `unmapped`.
// Complexity: Linear in the size of the tables. The function is meant for the compilation of rules,
// not for the hot path.
std::vector<EventPath> ResolveFieldName(std::string_view name);

}  // namespace picket
