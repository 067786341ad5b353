#pragma once

// Where each field of an audit record stands in an OCSF event and in an ECS event: the table that
// the normaliser, the ECS projection, the field names of rules and docs/mapping.md read. What has
// no row keeps its name: OCSF `unmapped.<Name>`, ECS `o365.audit.<Name>`.

#include <cstdint>
#include <string_view>

#include "absl/types/span.h"
#include "model/audit_fields.h"

namespace picket {

// What of the source stands at an OCSF path.
enum class Kept : uint8_t {
  kText,            // the field's own text; `unmapped` does not repeat it
  kTextOrUnmapped,  // the same where the class has the attribute or the value fits it, else in `unmapped`
  kName,  // what the value means, by which rules ask for the field too; its own text is in `unmapped`
  kCopy,  // a typed or derived copy; its own text is in `unmapped` or in another row
};

struct FieldPath {
  std::string_view sources;  // separated by '|', the first that has something wins
  std::string_view ocsf;     // "actor.user.name"; empty: no attribute of OCSF
  std::string_view ecs;      // "user.id"; empty: only o365.audit.<Name>
  Kept kept;
};
absl::Span<const FieldPath> FieldPaths();

// Members of Name/Value lists that rules ask for by name. Beside the ordered list they stand under
// their own name: ECS `o365.audit.<List>.<key>`, of Parameters also OCSF `api.request.data.<name>`.
struct PairName {
  Field list;
  std::string_view name;      // "Role.DisplayName"
  std::string_view key_json;  // `"Role_DisplayName":`
  uint8_t number;             // within its list, below 64
};
absl::Span<const PairName> PairNames();
// nullptr when nobody asks for the name. Makes no allocation. Complexity: one hash look-up.
const PairName* FindPairName(Field list, std::string_view name);

// The five lists: "Parameters" and its OCSF path, "api.request.data.parameters".
struct PairListPath {
  Field field;
  std::string_view name;
  std::string_view ocsf;
  std::string_view name_key;   // "name", "Name"
  std::string_view value_key;  // "value", "NewValue"
};
absl::Span<const PairListPath> PairListPaths();

}  // namespace picket
