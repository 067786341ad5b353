#pragma once

// The mapping as people read it: docs/mapping.md and the answers of `picket mapping`.

#include <string>
#include <string_view>

#include "model/operation_rows.h"

namespace picket {

// What a row makes of a record, in words: "the role and the member from Target".
std::string_view SubjectInWords(Subject subject);

std::string MappingAsText();      // one line a row
std::string MappingAsJson();      // {"version":…,"operations":[…],"fields":[…]}
std::string MappingAsMarkdown();  // docs/mapping.md; a test holds the file against it

// What becomes of an operation: its row, or what the verb rule makes of it, and where the fields of
// the record stand in both outputs. Without a workload each row of the operation is told.
std::string ExplainOperation(std::string_view operation, std::string_view workload);

}  // namespace picket
