#pragma once

// Finds members of JSON objects and elements of arrays by scanning the text. Nothing is parsed or
// indexed in advance. Suits code that needs few members of a record, or that rewrites records
// (unwrapping, masking).
//
// The text should be valid JSON. Iteration over invalid text stops where the text becomes invalid,
// and never reads beyond the text's end. Values are views into the text: escapes are not decoded,
// and strings keep their quotes.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace picket {

// Returns the value of one member of an object, or an empty view if the object has no such member
// or `object` is not an object. `key` is compared with the names as they appear in the text, with
// their escapes.
// Complexity: linear up to the member, without allocation.
std::string_view JsonMember(std::string_view object, std::string_view key);

inline bool IsJsonString(std::string_view value) { return !value.empty() && value.front() == '"'; }
// Returns a JSON string without its quotes, still escaped. Returns an empty view for any other
// value.
inline std::string_view JsonStringContent(std::string_view value) {
  return value.size() < 2 || value.front() != '"' ? std::string_view()
                                                  : value.substr(1, value.size() - 2);
}

// Parses an integer. Returns false for any other value.
bool ParseJsonInteger(std::string_view value, int64_t* number);

// Stores where each container (object or array) of a text ends. JsonMembers uses these positions to
// skip containers. Without them, JsonMembers would scan a nested container again at every level.
// Threads: an object is used by one thread. Lifetime: the text must outlive the object. Memory: the
// object takes 8 bytes per container. Complexity: construction is linear, and a lookup is a binary
// search among the containers.
class JsonContainerEnds {
 public:
  // `text` must be shorter than 4 GiB.
  explicit JsonContainerEnds(std::string_view text);
  // Returns the position after the container that begins at `begin`, a pointer into the text.
  // Returns npos if the container is not closed.
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
// Threads: an object is used by one thread. Lifetime: `container` must outlive the object. Failure:
// a text that is neither an object nor an array has no members.
class JsonMembers {
 public:
  // `ends` is optional. It must have been built from a text that contains `container`, and must
  // outlive this object.
  explicit JsonMembers(std::string_view container, const JsonContainerEnds* ends = nullptr);

  // Advances to the next member. Returns false at the end, and if the text is not valid JSON there.
  bool Next();
  // Returns the name without its quotes, still escaped. In an array, the name is empty.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  // After Next() has returned false, returns the rest of the text. If a value is invalid or cut
  // off, the rest begins at this value. Otherwise, it begins after the last value.
  std::string_view rest() const { return text_.substr(at_ < text_.size() ? at_ : text_.size()); }

 private:
  size_t SkipValue(size_t at) const;

  std::string_view text_;
  const JsonContainerEnds* ends_;
  size_t at_ = 0;
  char close_ = 0;  // the closing bracket; 0 after the last member
  bool first_ = true;
  std::string_view name_;
  std::string_view value_;
};

}  // namespace picket
