#pragma once

// The paths of the fields of an audit record in an OCSF event and in an ECS event. The table is
// used by the normaliser, the ECS projection, the resolution of field names in rules, and
// docs/mapping.md. A field without a row keeps its name: it is `unmapped.<Name>` in OCSF and
// `o365.audit.<Name>` in ECS.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "model/audit_fields.h"

namespace picket {

// What the event has at the OCSF path of a field. The field's own value is the unconverted value in
// the record.
enum class Kept : uint8_t {
  // The field's own value. `unmapped` does not repeat it.
  kText,
  // The field's own value, if the event's class has the attribute and the value is valid for it.
  // Otherwise the value is in `unmapped`.
  kTextOrUnmapped,
  // The name that corresponds to the field's numeric value. Rules can use the name or the number.
  // The number itself is in `unmapped`.
  kName,
  // A converted or derived value. The field's own value is in `unmapped` or at the path of another
  // row.
  kCopy,
};

struct FieldPath {
  std::string_view sources;  // fields, separated by '|'; the first field with a value is used
  std::string_view ocsf;     // "actor.user.name"; empty if OCSF has no attribute for the field
  std::string_view ecs;      // "user.id"; empty if only o365.audit.<Name> has the field
  Kept kept;
};
absl::Span<const FieldPath> FieldPaths();

// A member of a Name/Value list that rules can refer to by its name. ECS events have the member at
// `o365.audit.<List>.<key>`. For the list Parameters, OCSF events also have the member at
// `api.request.data.<name>`, besides the whole list.
struct PairName {
  Field list;
  std::string_view name;      // "Role.DisplayName"
  std::string_view key_json;  // `"Role_DisplayName":`
  uint8_t number;             // an index within the list; below 64, so that a set fits into 64 bits
};
absl::Span<const PairName> PairNames();
// Finds a member by its name. Returns nullptr if PairNames() does not contain the name. Makes no
// allocation.
// Complexity: One hash lookup.
const PairName* FindPairName(Field list, std::string_view name);

// One of the five Name/Value lists, such as "Parameters" with the OCSF path
// "api.request.data.parameters".
struct PairListPath {
  Field field;
  std::string_view name;
  std::string_view ocsf;
  std::string_view name_key;   // "name", "Name"
  std::string_view value_key;  // "value", "NewValue"
};
absl::Span<const PairListPath> PairListPaths();

}  // namespace picket
