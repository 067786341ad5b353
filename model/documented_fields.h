#pragma once

// What the pages on the Office 365 Management Activity API schema say of the fields of audit
// records: their types, and those of the members of complex types. model/audit_fields.h makes them
// a table to look names up in.

#include <string_view>

#include "absl/types/span.h"

namespace picket {

struct DocumentedFields {
  std::string_view
      owner;  // the complex type whose members they are; empty: fields of the record itself
  // text, integer, boolean, pairs (a list of {Name, Value}), object (of whose members nothing is
  // known), a complex type; with [] behind it a list of such.
  std::string_view type;
  std::string_view names;  // separated by blanks
};
absl::Span<const DocumentedFields> AllDocumentedFields();

}  // namespace picket
