#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_splitter.h"

namespace picket::parser {

inline constexpr size_t kLargestRecord = 2 << 20;

// Splits a blob that is damaged, or too large to be read at once, into records and damaged pieces.
// Also splits nested arrays and envelopes (parser/input/unwrapper.h) into their records.
//
//   RecordSalvage salvage(is_record);
//   salvage.Start(blob);
//   while (std::optional<RecordSalvage::Piece> piece = salvage.Next()) …
//
// Threads: an object is used by one thread. Lifetime: the blob must outlive the pieces, which are
// valid until the next Start. Failure: no
// function fails; damaged bytes are returned as pieces with an error. Complexity: linear. The
// search for records after damage reads at most 64 MiB per blob.
class RecordSalvage {
 public:
  struct Piece {
    std::string_view bytes;
    std::string_view error;  // why the piece is damaged (a constant); empty if it may be a record
    bool is_whole_blob = false;  // the piece is damaged, and the blob contains nothing else
    // The part of the blob that contains the piece. It begins with the piece, unless the piece is
    // in a list that is JSON in a string; it is then the object with that string.
    std::string_view source;
  };

  // `is_record` returns true if the text is a readable record that has every mandatory field.
  explicit RecordSalvage(std::function<bool(std::string_view)> is_record)
      : is_record_(std::move(is_record)) {}

  void Start(std::string_view blob);
  // Returns the next piece, or nullopt at the end of the blob.
  std::optional<Piece> Next();
  // Reports that the piece just returned by Next is not JSON. Next then returns that piece again as
  // damaged, but only up to the first record that is found in the piece.
  void MarkDamaged() { is_last_damaged_ = true; }

 private:
  // An array, or a sequence of elements without brackets, that is being split.
  struct Level {
    Level(std::string_view level_text, int level_depth)
        : text(level_text), splitter(level_text), depth(level_depth) {}

    std::string_view text;
    JsonArraySplitter splitter;
    int depth;
    std::string_view source;  // the object whose string contains `text`, or empty
    bool has_elements = false;
    bool is_resumed = false;  // the level begins at a record that was found after damage
  };

  // If `element` is a nested array or an envelope, begins to split `element` and returns true.
  // Otherwise returns false.
  bool Open(std::string_view element);
  // Returns true if `element`, the last one of its level, contains another record that is not part
  // of it. Such an element is cut off inside, and brackets of the levels around it close its own.
  bool HasSwallowedRecords(std::string_view element);
  Piece PieceOf(std::string_view bytes, std::string_view error) const;
  Piece SkipDamage(std::string_view damaged, bool is_rest);
  size_t FindRecord(std::string_view tail, size_t size);

  const std::function<bool(std::string_view)> is_record_;
  std::vector<Level> levels_;
  std::deque<std::string> decoded_;  // lists that were JSON in a string
  std::string_view last_;
  bool is_last_damaged_ = false;
  int64_t search_budget_ = 0;
};

// Returns true if the text between strings contains a byte that JSON does not allow there. After an
// unclosed quote, strings and the text between strings swap roles, so field names then appear
// outside of strings. The function allocates no memory, so it can test text of any size.
bool HasInvalidBytesOutsideStrings(std::string_view text);

}  // namespace picket::parser
