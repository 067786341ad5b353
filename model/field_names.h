#pragma once

// Which place of a normalised event a rule's field name means.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

// A path into a normalised event. Arrays on the way mean "any member".
struct EventPath {
  std::vector<std::string> segments;  // {"actor", "user", "name"}
  // For Name/Value lists (Parameters.ForwardTo, ModifiedProperties.X.NewValue): `segments` leads to
  // the list; the member whose "Name" (any case) equals `member`, and of it the key `member_key`
  // ("Value", "NewValue", "OldValue").
  std::string member;
  std::string member_key;
};

// Resolves a raw Management API name (Operation, ClientIP, Parameters.ForwardTo), an OCSF path
// (actor.user.name) or an ECS / o365.audit.* name (user.id, o365.audit.Parameters.ForwardTo) to the
// place that keeps the source's own text. A raw name that the mapping does not know lies in
// `unmapped` under its own name. Several paths: the value may stand in any of them. Complexity: a
// hash look-up; for rule compilation, not for the hot path.
std::vector<EventPath> ResolveFieldName(std::string_view name);

}  // namespace picket
