#pragma once

// Reads MaxMind DB files (format 2.0, https://maxmind.github.io/MaxMind-DB/): a search tree over the
// bits of an address, whose leaves point to data.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace picket::parser {

// A value in the data section. Views point into the database.
struct MaxMindValue {
  enum Type : uint8_t { kNone, kString, kDouble, kUnsigned, kOther };
  Type type = kNone;
  std::string_view text;  // may be invalid UTF-8
  double number = 0;
  uint64_t integer = 0;
};

// A whole database in memory. The file is not trusted: every position is checked against its end,
// nothing recurses, and a lookup takes at most some thousand steps whatever the bytes are.
// Threads: const, any. Lifetime: values are views into it. Failure: Parse rejects anything but a
// database of this format; lookups in a damaged tree or damaged data find nothing.
class MaxMindReader {
 public:
  static absl::StatusOr<MaxMindReader> Parse(std::string bytes);

  // The position of the data for the network that contains the address. The address is 4 or 16 bytes
  // in network order. Complexity: one step per bit.
  std::optional<size_t> Find(std::span<const uint8_t> address) const;

  // The value at a path, {"city", "names", "en"}. A number is the index in a list.
  MaxMindValue Get(size_t data, std::initializer_list<std::string_view> path) const;

  const std::string& type() const { return type_; }  // "GeoLite2-City"

 private:
  struct Item;

  MaxMindReader() = default;
  // Decodes the item at `position`. False if the bytes are not an item.
  bool Read(size_t base, size_t position, Item& item) const;
  // Sets `after` to the position after the item and everything that it contains.
  bool Skip(size_t base, size_t position, size_t& after, int& budget) const;
  MaxMindValue GetFrom(size_t base, size_t position,
                       std::initializer_list<std::string_view> path) const;
  uint32_t Child(uint32_t node, bool right) const;

  std::string bytes_;
  size_t data_ = 0;  // position of the data section
  uint32_t node_count_ = 0;
  uint32_t record_bits_ = 0;
  bool is_v6_ = false;
  std::string type_;
};

}  // namespace picket::parser
