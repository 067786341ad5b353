#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <vector>

#include "json/json_splitter.h"

namespace picket::parser {

inline constexpr size_t kLargestRecord = 2 << 20;

// Splits a blob that is damaged, or too large to be read at once, into records and damaged pieces.
// Arrays within arrays and envelopes (parser/input/unwrapper.h) are opened.
//
//   RecordSalvage salvage(is_record);
//   salvage.Start(blob);
//   while (std::optional<RecordSalvage::Piece> piece = salvage.Next()) …
//
// Threads: one. Lifetime: the blob must outlive the pieces. Failure: none; damaged bytes are
// returned as pieces with an error. Complexity: linear; the search for records after damage reads at
// most 64 MiB per blob.
class RecordSalvage {
 public:
  struct Piece {
    std::string_view bytes;
    std::string_view error;      // a constant; empty: this may be a record
    bool is_whole_blob = false;  // damaged, and the blob contains nothing else
  };

  // `is_record` says whether the text is a record that can be read and has every mandatory field.
  explicit RecordSalvage(std::function<bool(std::string_view)> is_record)
      : is_record_(std::move(is_record)) {}

  void Start(std::string_view blob);
  // nullopt at the end.
  std::optional<Piece> Next();
  // The piece that Next has just returned is not JSON: Next returns it again, as damaged, up to the
  // first record that is found in it.
  void MarkDamaged() { is_last_damaged_ = true; }

 private:
  // An array or a sequence of elements.
  struct Level {
    Level(std::string_view level_text, int level_depth)
        : text(level_text), splitter(level_text), depth(level_depth) {}

    std::string_view text;
    JsonArraySplitter splitter;
    int depth;
    bool has_elements = false;
    bool is_resumed = false;  // at a record that was found after damage
  };

  // Opens a nested array or an envelope.
  bool Open(std::string_view element);
  Piece SkipDamage(std::string_view damaged, bool is_rest);
  size_t FindRecord(std::string_view tail, size_t size);

  const std::function<bool(std::string_view)> is_record_;
  std::vector<Level> levels_;
  std::string_view last_;
  bool is_last_damaged_ = false;
  int64_t search_budget_ = 0;
};

// Whether a byte outside of strings can occur in no JSON text. After a quote that is not closed, the
// names of fields seem to be outside of strings. Uses no memory, so that text of any size can be
// tested.
bool HasInvalidBytesOutsideStrings(std::string_view text);

}  // namespace picket::parser
