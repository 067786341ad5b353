#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "json/json_end_finder.h"

namespace picket::parser {

// Finds the first record after damage, if neither brackets nor lines show where that record begins.
// The finder looks for an opening brace and a quote after a comma or a closing brace. The object
// that begins with this brace must have matching brackets and the member names that every record
// has.
// Threads: an object is used by one thread. Lifetime: there is one finder per file. Complexity: the
// finder scans at most 64 MiB per file.
class RecordFinder {
 public:
  // Starts the search for a new damaged record.
  void Start() { from_ = 1; }
  // Returns the position of the record, or nullopt if no record has been found yet. `text` is all
  // text known so far. It begins with the damaged record, without the bytes that DropFront has
  // reported as removed. Each call continues the search of the previous call at searched().
  // `is_all` is true if no more text will follow.
  std::optional<size_t> Find(std::string_view text, bool is_all);
  size_t searched() const { return from_; }
  // Reports that the caller has removed `bytes` bytes from the front of the text. The next call of
  // Find gets the text without them.
  void DropFront(size_t bytes) { from_ = from_ > bytes ? from_ - bytes : 1; }

 private:
  JsonEndFinder end_finder_;
  size_t from_ = 1;
  int64_t budget_ = 64 << 20;
};

}  // namespace picket::parser
