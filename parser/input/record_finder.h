#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "json/json_end_finder.h"

namespace picket::parser {

// Finds the record that follows a damaged record. The finder looks for the characters {" that do
// not follow a colon. The object that begins at this brace is a record if its brackets match and it
// contains the names of an operation and a time, which are in every record and in its wrappers.
// Threads: One thread uses an instance. Lifetime: there is one finder per file. Complexity: the
// finder examines objects of at most about 64 MiB in total per file.
class RecordFinder {
 public:
  // Starts the search for a new damaged record.
  void Start() { from_ = 1; }
  // Returns the position of the next record in `text`, or nullopt if no record has been found yet.
  // `text` begins with the damaged record and contains everything that has been read so far, except
  // bytes reported to DropFront. The search begins at searched(), where the previous call stopped.
  // `is_all` is true if no more text will follow.
  std::optional<size_t> Find(std::string_view text, bool is_all);
  size_t searched() const { return from_; }
  // Must be called after the caller has removed `bytes` bytes from the front of the text. The next
  // call of Find must get the text without these bytes.
  void DropFront(size_t bytes) { from_ = from_ > bytes ? from_ - bytes : 1; }

 private:
  JsonEndFinder end_finder_;
  size_t from_ = 1;
  int64_t budget_ = 64 << 20;
};

}  // namespace picket::parser
