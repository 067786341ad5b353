#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "json/json_end_finder.h"

namespace picket::parser {

// Finds the first record after damage, where neither brackets nor lines show where it begins: a
// brace and a quote after a comma or a brace, opening an object whose brackets match and which has
// names that every record has.
// Threads: one. Lifetime: one per file. Complexity: scans at most 64 MiB per file.
class RecordFinder {
 public:
  // Starts the search for a new damaged record.
  void Start() { from_ = 1; }
  // `text` is everything known from the beginning of the damaged record on: more than in the last
  // call, except for what DropFront has removed. `is_all`: there will be no more.
  // Returns the position of the record. nullopt: no record begins before searched(), and more text
  // is needed to find one after it.
  std::optional<size_t> Find(std::string_view text, bool is_all);
  size_t searched() const { return from_; }
  // The first `bytes` bytes are no longer part of the text that the next Find gets.
  void DropFront(size_t bytes) { from_ = from_ > bytes ? from_ - bytes : 1; }

 private:
  JsonEndFinder end_finder_;
  size_t from_ = 1;
  int64_t budget_ = 64 << 20;
};

}  // namespace picket::parser
