#pragma once

// MaxMind DB files (format 2.0, https://maxmind.github.io/MaxMind-DB/): a search tree over the bits of an address whose
// leaves point to data.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace picket::parser {

// A value in the data section; views are into the database.
struct MaxMindValue {
  enum Type : uint8_t { kNone, kText, kDouble, kUnsigned, kOther };
  Type type = kNone;
  std::string_view text;  // not checked for UTF-8
  double number = 0;
  uint64_t integer = 0;
};

// A whole database in memory. Nothing of the file is trusted: every position is checked against its end, nothing
// recurses, and a look-up takes at most some thousand steps whatever the bytes say.
// Threads: any, it is const. Lifetime: values view it. Failure: Parse refuses what is no database of this format; where
// the tree or the data are damaged there is nothing to be found.
class MaxMindReader {
 public:
  static absl::StatusOr<MaxMindReader> Parse(std::string bytes);

  // Where the data of the network that holds the address lie; 4 or 16 bytes in network order.
  // Complexity: a step a bit.
  std::optional<size_t> Find(std::span<const uint8_t> address) const;

  // What a path leads to, {"city", "names", "en"}; a number is the place in a list.
  MaxMindValue Get(size_t data, std::initializer_list<std::string_view> path) const;

  const std::string& type() const { return type_; }  // "GeoLite2-City"

 private:
  struct Item;

  MaxMindReader() = default;
  // The item at `position`, pointers followed; false where the bytes are no item.
  bool Read(size_t base, size_t position, Item& item) const;
  // The position after the item and all that it holds.
  bool Skip(size_t base, size_t position, size_t& after, int& budget) const;
  MaxMindValue GetFrom(size_t base, size_t position,
                       std::initializer_list<std::string_view> path) const;
  uint32_t Child(uint32_t node, bool right) const;

  std::string bytes_;
  size_t data_ = 0;  // where the data section begins
  uint32_t node_count_ = 0;
  uint32_t record_bits_ = 0;
  bool is_v6_ = false;
  std::string type_;
};

}  // namespace picket::parser
