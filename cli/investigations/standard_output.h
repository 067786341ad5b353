#pragma once

#include <string>

#include "absl/status/status.h"

namespace picket {

// Writes batches of text to standard output, and keeps the first error, such as a full disk or a
// closed pipe. The constructor makes the process ignore SIGPIPE. When the pipe is closed, the
// process can therefore still close its other files.
// Threads: one.
class StandardOutput {
 public:
  StandardOutput();
  std::string& text() { return text_; }
  // Writes `text` to standard output, and then empties `text`.
  void Flush();
  const absl::Status& status() const { return status_; }
  // Returns true if the reader has closed the pipe. A closed pipe is not an error.
  bool reader_is_gone() const { return reader_is_gone_; }

 private:
  std::string text_;
  bool reader_is_gone_ = false;
  absl::Status status_;
};

}  // namespace picket
