#pragma once

// Reads MaxMind DB files (format 2.0, https://maxmind.github.io/MaxMind-DB/). Such a file contains
// a search tree over the bits of an address. The leaves of the tree point to data.

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace picket::parser {

// A value in the data section. The text is a view into the database.
struct MaxMindValue {
  enum Type : uint8_t { kNone, kString, kDouble, kUnsigned, kOther };
  Type type = kNone;
  std::string_view text;  // may be invalid UTF-8
  double number = 0;
  uint64_t integer = 0;
};

// A whole database in memory. The file is not trusted: every position is checked against the end of
// the file, no function recurses, and a lookup takes at most a few thousand steps, regardless of
// the file's content.
// Threads: const functions can be called from any thread. Lifetime: the reader must outlive the
// values, which are views into it. Failure: Parse rejects everything except a database of this
// format. A lookup in a damaged tree or in damaged data finds nothing.
class MaxMindReader {
 public:
  static absl::StatusOr<MaxMindReader> Parse(std::string bytes);

  // Returns the position of the data for the network that contains the address, or nullopt if the
  // database has no such network. The address must have 4 or 16 bytes in network order. Complexity:
  // one step per bit of the address.
  std::optional<size_t> Find(std::span<const uint8_t> address) const;

  // Returns the value at a path, such as {"city", "names", "en"}. A number in a path is an index
  // into a list. `data` is a position that Find has returned.
  MaxMindValue Get(size_t data, std::initializer_list<std::string_view> path) const;

  const std::string& type() const { return type_; }  // for example "GeoLite2-City"

 private:
  struct Item;

  MaxMindReader() = default;
  // Decodes the item at `position`. Returns false if the bytes are not an item.
  bool Read(size_t base, size_t position, Item& item) const;
  // Sets `after` to the position after the item and its content. Returns false if the data is
  // damaged or the budget of steps is exhausted.
  bool Skip(size_t base, size_t position, size_t& after, int& budget) const;
  MaxMindValue GetFrom(size_t base, size_t position,
                       std::initializer_list<std::string_view> path) const;
  uint32_t Child(uint32_t node, bool right) const;

  std::string bytes_;
  size_t data_ = 0;  // the position of the data section
  uint32_t node_count_ = 0;
  uint32_t record_bits_ = 0;
  bool is_v6_ = false;
  std::string type_;
};

}  // namespace picket::parser
