#pragma once

// Resolves the field names of rules to paths in a normalised event.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// A path into a normalised event. An array on the path means any of its elements.
struct EventPath {
  std::vector<std::string> segments;  // {"actor", "user", "name"}
  // For Name/Value lists (Parameters.ForwardTo, ModifiedProperties.X.NewValue): `segments` leads to
  // the list. The value is `member_key` ("Value", "NewValue", "OldValue") of the element whose
  // "Name", ignoring case, is `member`.
  std::string member;
  std::string member_key;
};

// Resolves a raw Management API name (Operation, ClientIP, Parameters.ForwardTo), an OCSF path
// (actor.user.name) or an ECS / o365.audit.* name (user.id, o365.audit.Parameters.ForwardTo) to the
// path of the record's own value. A raw name that the mapping does not know is in `unmapped` under
// its own name. If there are several paths, the value can be at any of them. Complexity: linear in
// the size of the tables; for the compilation of rules, not for the hot path.
std::vector<EventPath> ResolveFieldName(std::string_view name);

}  // namespace picket
