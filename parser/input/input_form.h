#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "parser/input/input_window.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// Detects the form of a file from its beginning, and consumes everything before the records.
// Failure: the function returns InvalidArgument if the file has none of the supported forms. If
// nothing could be read because of a read error, the function returns that error.
absl::StatusOr<std::unique_ptr<RecordCutter>> DetectForm(InputWindow& window);

}  // namespace picket::parser
