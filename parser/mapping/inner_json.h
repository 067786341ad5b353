#pragma once

// JSON that audit records carry inside texts (Data, NewValue, …), taken apart into names and texts. As a list in the
// order of the source it keeps keys that stand twice, and has one shape whatever the JSON is.

#include <cstddef>
#include <string>
#include <string_view>

#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// Threads: one. Lifetime: one a normaliser; keeps its buffers.
class InnerJson {
 public:
  static constexpr int kMaxDepth = 64;
  // Of all leaves of one record: a path repeats its keys, so that a small text can grow large.
  static constexpr size_t kMaxBytes = 1 << 20;

  enum class Result {
    kNoJson,   // no object and no array
    kDecoded,  // appended
    kBad,      // begins like JSON and is none; nothing was appended
    kTooLarge  // nothing was appended
  };

  // Whether the text begins as an object or an array does. `escaped` as in Append.
  static bool LooksLikeJson(std::string_view escaped);

  // Appends `{"name":"<name>.key.key","value":"…"}` for each leaf, with a comma before all but the first of `out`.
  // `name` and `escaped` are the inside of JSON strings that have been walked, as is all that is appended. Members of
  // an array have the array's name. A leaf that is no text stands as its JSON. Complexity: one pass.
  Result Append(std::string_view name, std::string_view escaped, Bytes& out);
  // The same of JSON that is no text: an object or an array where a text with it belongs.
  Result AppendJson(std::string_view name, std::string_view json, Bytes& out);

 private:
  Result AppendText(std::string_view name, Bytes& out);
  bool Value(int depth);
  bool Object(int depth);
  bool Array(int depth);
  bool String(std::string_view& inner);
  bool Scalar();
  void SkipBlanks();
  void Leaf(std::string_view text);

  std::string text_;
  size_t at_ = 0;
  std::string path_;
  Bytes leaves_;
  size_t room_ = 0;
  bool too_large_ = false;
};

}  // namespace picket::parser
