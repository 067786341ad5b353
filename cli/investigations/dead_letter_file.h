#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "absl/status/status.h"

namespace picket {

// The file of --dead-letters, with one line of JSON for each dead letter.
// Threads: One thread uses an instance. Failure: returns InvalidArgument if the file cannot be
// written.
class DeadLetterFile {
 public:
  DeadLetterFile() = default;
  ~DeadLetterFile();
  DeadLetterFile(const DeadLetterFile&) = delete;
  DeadLetterFile& operator=(const DeadLetterFile&) = delete;

  absl::Status Open(const std::string& path);

  // Writes a dead letter. A very large dead letter is written in parts, with one call for each
  // part. `record` is the position of the record in the file `input`, counted from 1. `offset` is
  // the byte of the decompressed file at which the record begins. `part` is the position of the
  // part in the dead letter, counted from 1. If there is only one part, `part` is 0. Does nothing
  // if no file is open.
  absl::Status Write(const std::string& input, uint64_t record, uint64_t offset,
                     std::string_view reason, std::string_view error, std::string_view bytes,
                     int part);

  absl::Status Close();

 private:
  absl::Status WriteError() const;

  std::string path_;
  std::FILE* file_ = nullptr;
  std::string line_;
};

}  // namespace picket
