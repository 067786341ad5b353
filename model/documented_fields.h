#pragma once

// The types of the fields of audit records, and of the members of complex types, from Microsoft's
// pages on the Office 365 Management Activity API schema. model/audit_fields.h builds a lookup
// table from them.

#include <string_view>

#include "absl/types/span.h"

namespace picket {

struct DocumentedFields {
  // The complex type that has these members; empty for fields of the record itself.
  std::string_view owner;
  // text, integer, boolean, pairs (a list of {Name, Value}), object (with unknown members), or a
  // complex type. With [] behind it, a list of these.
  std::string_view type;
  std::string_view names;  // separated by blanks
};
absl::Span<const DocumentedFields> AllDocumentedFields();

}  // namespace picket
