#pragma once

#include <string>

#include "absl/status/status.h"

namespace picket {

// Writes batches of text to standard output. After the first error, such as a full disk or a closed
// pipe, keeps the error and writes nothing more. The constructor makes the process ignore SIGPIPE,
// so the process can still close its other files after the reader has closed the pipe.
// Threads: One thread uses an instance.
class StandardOutput {
 public:
  StandardOutput();
  std::string& text() { return text_; }
  // Writes `text` to standard output, and then empties `text`. On a terminal, control characters in
  // lines of JSON are escaped (PrintableJson).
  void Flush();
  const absl::Status& status() const { return status_; }
  // Returns true if the reader has closed the pipe. `status` is then an error, but the command
  // should end without printing this error.
  bool reader_is_gone() const { return reader_is_gone_; }

 private:
  const bool is_terminal_;
  std::string text_;
  bool reader_is_gone_ = false;
  absl::Status status_;
};

}  // namespace picket
