#pragma once

// The types of the fields of audit records, and of the members of complex types, as documented on
// Microsoft's pages about the Office 365 Management Activity API schema. model/audit_fields.cc
// builds a lookup table from them.

#include <string_view>

#include "absl/types/span.h"

namespace picket {

struct DocumentedFields {
  // The complex type that has these members; empty for fields of the record itself.
  std::string_view owner;
  // One of text, integer, boolean, pairs (a list of {Name, Value}), object (with unknown members),
  // or the name of a complex type. A type followed by [] is a list whose elements have that type.
  std::string_view type;
  std::string_view names;  // the names that have this type, separated by blanks
};
absl::Span<const DocumentedFields> AllDocumentedFields();

}  // namespace picket
