#pragma once

// Decodes JSON that audit records contain inside strings (Data, NewValue, …) into a list of names
// and values. A list in the order of the source keeps repeated keys, and has one shape whatever the
// JSON is.

#include <cstddef>
#include <string>
#include <string_view>

#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// Threads: one. Lifetime: one per normaliser; keeps its buffers.
class InnerJson {
 public:
  static constexpr int kMaxDepth = 64;
  // The limit for all leaves of one record. Each leaf repeats the keys of its path, so a small
  // string can become large.
  static constexpr size_t kMaxBytes = 1 << 20;

  enum class Result {
    kNoJson,   // not an object or an array
    kDecoded,  // appended
    kBad,      // begins like JSON but is invalid; nothing was appended
    kTooLarge  // nothing was appended
  };

  // Whether the string begins like an object or an array. `escaped` as in Append.
  static bool LooksLikeJson(std::string_view escaped);

  // Appends `{"name":"<name>.key.key","value":"…"}` for each leaf, with a comma before it unless
  // `out` is empty. `name` and `escaped` are the inside of JSON strings that have been walked;
  // everything appended is valid JSON too. Elements of an array have the array's name. A leaf that
  // is not a string is written as its JSON. Complexity: one pass.
  Result Append(std::string_view name, std::string_view escaped, ByteBuffer& out);
  // The same for JSON that is not inside a string: the record has an object or an array where a
  // string with JSON is documented.
  Result AppendJson(std::string_view name, std::string_view json, ByteBuffer& out);

 private:
  Result AppendText(std::string_view name, ByteBuffer& out);
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
  ByteBuffer leaves_;
  size_t room_ = 0;
  bool too_large_ = false;
};

}  // namespace picket::parser
