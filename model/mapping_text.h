#pragma once

// The mapping in readable form: docs/mapping.md and the output of `picket mapping`.

#include <string>
#include <string_view>

#include "model/operation_rows.h"

namespace picket {

// Returns a phrase that names the objects of the event and the source fields in the record, such as
// "the role and the member from Target".
std::string_view SubjectInWords(Subject subject);

std::string MappingAsText();  // one line per row
std::string MappingAsJson();  // {"version":…,"operations":[…],"fields":[…]}
// Returns the content of docs/mapping.md. A test compares that file with the result.
std::string MappingAsMarkdown();

// Explains how an operation is mapped (by its row or by its verb), and at which paths OCSF and ECS
// events have the fields of the record. If `workload` is empty, the text lists every row of the
// operation.
std::string ExplainOperation(std::string_view operation, std::string_view workload);

}  // namespace picket
