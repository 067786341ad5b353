#pragma once

// The members of JSON objects and arrays as views into the text, for what rewrites records: wrappers and masking. The
// text should be valid JSON; one that is not is never read beyond its end, and its members stop where it goes wrong.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace picket {

// Where each object and array of a text ends, for those who go down into it: without it every level skips over all that
// lies below once more.
// Threads: one. Lifetime: of one text, which must outlive it. Memory: 8 bytes a container. Complexity: linear to make; a
// search among the containers for each question.
class JsonContainerEnds {
 public:
  // `text` is shorter than 4 GiB.
  explicit JsonContainerEnds(std::string_view text);
  // The position in the text after the container that starts at `begin`, a place in it; npos when it does not end.
  size_t EndOf(const char* begin) const;
  const char* text() const { return text_.data(); }

 private:
  struct Container {
    uint32_t begin;
    uint32_t end;
  };
  std::string_view text_;
  std::vector<Container> containers_;  // in the order of their begin
};

// A place in an object or array: where a name or a value is expected next.
//   JsonMembers members(object);
//   while (members.Next()) … members.name(), members.value()
// Threads: one. Lifetime: `container` must outlive it. Failure: a text that is no container has no members.
class JsonMembers {
 public:
  // `ends`, optional, is of a text that `container` is a part of, and must outlive this.
  explicit JsonMembers(std::string_view container, const JsonContainerEnds* ends = nullptr);

  // False at the end, and where the text is no JSON.
  bool Next();
  // Without quotes, still escaped; empty in an array.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  // After Next() was false: the text ends inside this value, or is wrong where it starts.
  std::string_view rest() const { return text_.substr(at_ < text_.size() ? at_ : text_.size()); }

 private:
  size_t SkipValue(size_t at) const;

  std::string_view text_;
  const JsonContainerEnds* ends_;
  size_t at_ = 0;
  char close_ = 0;  // 0: no more members
  bool first_ = true;
  std::string_view name_;
  std::string_view value_;
};

inline bool IsJsonText(std::string_view value) { return !value.empty() && value.front() == '"'; }
// A text without its quotes, still escaped.
inline std::string_view JsonInner(std::string_view text) { return text.substr(1, text.size() - 2); }

}  // namespace picket
