#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "parser/input/input_window.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// Detects the form of a file from its beginning, and consumes what precedes the records.
// Failure: InvalidArgument if the file has none of the forms; the window's error if that is why
// there is nothing to read.
absl::StatusOr<std::unique_ptr<RecordCutter>> DetectForm(InputWindow& window);

}  // namespace picket::parser
