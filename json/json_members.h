#pragma once

// Members of JSON objects and arrays as views into the text, without an index and without parsing.
// For code that needs few members of a record, or that rewrites records (unwrapping, masking).
//
// The text should be valid JSON. Text that is not is never read beyond its end: members stop where
// the text becomes invalid. Values are still escaped, and strings have their quotes.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace picket {

// The value of one member of an object; empty if the object has no such member, or `object` is not
// an object. `key` is compared with the escaped name.
// Complexity: linear up to the member; no allocation.
std::string_view JsonMember(std::string_view object, std::string_view key);

inline bool IsJsonString(std::string_view value) { return !value.empty() && value.front() == '"'; }
// A JSON string without its quotes, still escaped; empty for any other value.
inline std::string_view JsonStringContent(std::string_view value) {
  return value.size() < 2 || value.front() != '"' ? std::string_view()
                                                  : value.substr(1, value.size() - 2);
}

// Parses an integer. Returns false for any other value.
bool ParseJsonInteger(std::string_view value, int64_t* number);

// At most `bytes` bytes of UTF-8, cut between characters.
std::string_view TruncateUtf8(std::string_view text, size_t bytes);

// The end of each object and array of a text. Without it, JsonMembers on nested containers skips
// over the inner ones again on every level.
// Threads: one. Lifetime: the text must outlive it. Memory: 8 bytes per container. Complexity:
// linear to construct; a lookup is a binary search among the containers.
class JsonContainerEnds {
 public:
  // `text` is shorter than 4 GiB.
  explicit JsonContainerEnds(std::string_view text);
  // The position in the text after the container that begins at `begin`, a pointer into the text;
  // npos if it does not end.
  size_t EndOf(const char* begin) const;
  const char* text() const { return text_.data(); }

 private:
  struct Container {
    uint32_t begin;
    uint32_t end;
  };
  std::string_view text_;
  std::vector<Container> containers_;  // sorted by `begin`
};

// Iterates over the members of an object or the elements of an array.
//   JsonMembers members(object);
//   while (members.Next()) … members.name(), members.value()
// Threads: one. Lifetime: `container` must outlive it. Failure: a text that is not a container has
// no members.
class JsonMembers {
 public:
  // `ends`, optional, belongs to a text that contains `container`, and must outlive this object.
  explicit JsonMembers(std::string_view container, const JsonContainerEnds* ends = nullptr);

  // False at the end, and where the text is not JSON.
  bool Next();
  // Without quotes, still escaped; empty in an array.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  // After Next() has returned false: the text from the value that is cut off or invalid.
  std::string_view rest() const { return text_.substr(at_ < text_.size() ? at_ : text_.size()); }

 private:
  size_t SkipValue(size_t at) const;

  std::string_view text_;
  const JsonContainerEnds* ends_;
  size_t at_ = 0;
  char close_ = 0;  // the closing bracket; 0: no more members
  bool first_ = true;
  std::string_view name_;
  std::string_view value_;
};

}  // namespace picket
