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
  // True if the value is an IP address that may have a port. Rules can name the address alone.
  bool is_address = false;
  // Only for the places that keywords search (ResolveFieldName("")): true if keywords do not search
  // this part of the event, although they search a part that contains it.
  bool is_excluded = false;
  // Only for the places that keywords search: a value that the normaliser writes here if the record
  // has none. Keywords do not see this value.
  std::string placeholder;
};

// Returns the paths at which an event can have the value of a field. `name` can be a raw name of
// the Management API (Operation, ClientIP, Parameters.ForwardTo), an OCSF path (actor.user.name),
// or an ECS or o365.audit.* name (user.id, o365.audit.Parameters.ForwardTo). A raw name that the
// mapping does not know resolves to the same name in `unmapped`.
//
// An empty name stands for keywords. Its paths lead to the parts of an event in which keywords are
// searched: the values that are in the record itself, but not the names, captions, hashes and
// numbers that the normaliser adds.
// Complexity: Linear in the size of the tables. The function is meant for the compilation of rules,
// not for the hot path.
std::vector<EventPath> ResolveFieldName(std::string_view name);

}  // namespace picket
