#pragma once

// Decodes JSON that audit records contain inside strings (Data, NewValue, …) into a list of names
// and values. The list has one entry for each leaf. A leaf is a value that is neither an object nor
// an array. The entries are in the order of the source, and repeated keys are kept.

#include <cstddef>
#include <string>
#include <string_view>

#include "parser/mapping/byte_buffer.h"

namespace picket::parser {

// Decodes the JSON inside strings.
// Threads: Only one thread may use an instance. Lifetime: Each normaliser has one instance, which
// keeps its buffers.
class InnerJson {
 public:
  static constexpr int kMaxDepth = 64;
  // The limit for the total size of the leaves of one record. Each leaf repeats the keys of its
  // path, so the output for a small string can be large.
  static constexpr size_t kMaxBytes = 1 << 20;

  enum class Result {
    kNoJson,   // the string does not begin like an object or an array
    kDecoded,  // the leaves were appended
    kBad,      // the string begins like JSON but is invalid; nothing was appended
    kTooLarge  // the leaves exceed kMaxBytes; nothing was appended
  };

  // Returns true if the string begins like an object or an array. `escaped` has the same meaning as
  // in Append.
  static bool LooksLikeJson(std::string_view escaped);

  // Appends `{"name":"<name>.key.key","value":"…"}` for each leaf, preceded by a comma unless `out`
  // is empty. `name` and `escaped` are the insides of valid JSON strings. An element of an array
  // has the name of the array. A leaf that is not a string is written as its JSON.
  // Complexity: Linear, in one pass over the string.
  Result Append(std::string_view name, std::string_view escaped, ByteBuffer& out);
  // Does the same as Append for JSON that is not inside a string. Some records have an object or an
  // array where the documented type is a string with JSON.
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
