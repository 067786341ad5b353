#pragma once

// The paths of the fields of an audit record in an OCSF event and in an ECS event. The normaliser,
// the ECS projection, the field names of rules and docs/mapping.md use this table. A field without
// a row keeps its name: OCSF `unmapped.<Name>`, ECS `o365.audit.<Name>`.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "model/audit_fields.h"

namespace picket {

// What an OCSF path contains of the field.
enum class Kept : uint8_t {
  // The field's own value; `unmapped` does not repeat it.
  kText,
  // The same if the class has the attribute and the value fits it, else it is in `unmapped`.
  kTextOrUnmapped,
  // The name of a number, which rules can use as well; the field's own value is in `unmapped`.
  kName,
  // A typed or derived copy; the field's own value is in `unmapped` or in another row.
  kCopy,
};

struct FieldPath {
  std::string_view sources;  // separated by '|'; the first one that has a value counts
  std::string_view ocsf;     // "actor.user.name"; empty if OCSF has no attribute for it
  std::string_view ecs;      // "user.id"; empty if it is only in o365.audit.<Name>
  Kept kept;
};
absl::Span<const FieldPath> FieldPaths();

// Members of Name/Value lists that rules refer to by name. In addition to the ordered list, events
// have them under their own name: ECS `o365.audit.<List>.<key>`, and for Parameters OCSF
// `api.request.data.<name>`.
struct PairName {
  Field list;
  std::string_view name;      // "Role.DisplayName"
  std::string_view key_json;  // `"Role_DisplayName":`
  uint8_t number;             // within its list, below 64
};
absl::Span<const PairName> PairNames();
// Returns nullptr if no rule refers to the name. Makes no allocation. Complexity: one hash lookup.
const PairName* FindPairName(Field list, std::string_view name);

// The five Name/Value lists: "Parameters" and its OCSF path, "api.request.data.parameters".
struct PairListPath {
  Field field;
  std::string_view name;
  std::string_view ocsf;
  std::string_view name_key;   // "name", "Name"
  std::string_view value_key;  // "value", "NewValue"
};
absl::Span<const PairListPath> PairListPaths();

}  // namespace picket
