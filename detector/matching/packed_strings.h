#pragma once

// Lists of strings in one contiguous buffer.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace picket::detector {

// The folded strings with which predicates compare values. Each list is stored as its length,
// followed by the length and the bytes of each string. The lists of one predicate are adjacent.
class PackedStrings {
 public:
  // Returns the position at which the next list will begin.
  uint32_t size() const { return static_cast<uint32_t>(bytes_.size()); }
  void Add(const std::vector<std::string>& list) {
    Append(static_cast<uint32_t>(list.size()));
    for (const std::string& string : list) {
      Append(static_cast<uint32_t>(string.size()));
      bytes_ += string;
    }
  }

  // Returns whether `holds` returns true for any string of the list at position `at`. If it does so
  // for no string, sets `at` to the position after the list.
  template <typename Holds>
  bool AnyOf(uint32_t& at, Holds&& holds) const {
    for (uint32_t left = Read(at); left > 0; --left) {
      const uint32_t size = Read(at);
      const std::string_view string(bytes_.data() + at, size);
      at += size;
      if (holds(string)) return true;
    }
    return false;
  }

 private:
  void Append(uint32_t number) {
    bytes_.append(reinterpret_cast<const char*>(&number), sizeof(number));
  }
  uint32_t Read(uint32_t& at) const {
    uint32_t number;
    std::memcpy(&number, bytes_.data() + at, sizeof(number));
    at += sizeof(number);
    return number;
  }
  std::string bytes_;
};

}  // namespace picket::detector
