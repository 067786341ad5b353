#pragma once

// The mapping for people: docs/mapping.md and the output of `picket mapping`.

#include <string>
#include <string_view>

#include "model/operation_rows.h"

namespace picket {

// Which fields of a record the objects of the event come from, in words: "the role and the member
// from Target".
std::string_view SubjectInWords(Subject subject);

std::string MappingAsText();      // one line per row
std::string MappingAsJson();      // {"version":…,"operations":[…],"fields":[…]}
std::string MappingAsMarkdown();  // docs/mapping.md; a test compares the file with it

// Explains how an operation is mapped (its row, or the result of the verb rule), and where the
// fields of the record are in both outputs. Without a workload it lists every row of the operation.
std::string ExplainOperation(std::string_view operation, std::string_view workload);

}  // namespace picket
