#pragma once

#include <string>

#include "absl/status/status.h"

namespace picket {

// Writes to standard output in pieces of a batch, and keeps the first error, such as a full disk or
// a closed pipe. Constructing it makes the process ignore SIGPIPE, so that a closed pipe does not
// end it before it has closed its other files.
// Threads: one.
class StandardOutput {
 public:
  StandardOutput();
  std::string& text() { return text_; }
  // Writes `text` and clears it.
  void Flush();
  const absl::Status& status() const { return status_; }
  // The reader has closed the pipe, which is not a fault.
  bool reader_is_gone() const { return reader_is_gone_; }

 private:
  std::string text_;
  bool reader_is_gone_ = false;
  absl::Status status_;
};

}  // namespace picket
