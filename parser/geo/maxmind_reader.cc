#include "parser/geo/maxmind_reader.h"

#include <charconv>
#include <cstring>

#include "absl/status/status.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

constexpr std::string_view kMarker = "\xab\xcd\xefMaxMind.com";
// The metadata begins at most this many bytes before the end of the file.
constexpr size_t kMetadataWithin = 128 << 10;
constexpr size_t kSeparatorBytes = 16;  // bytes between the tree and the data
// The maximum number of items that one Get decodes, so that a damaged file cannot make it slow. The
// data about a city has a few dozen items.
constexpr int kMostSteps = 4096;

}  // namespace

// A decoded control byte, and the position of its payload.
struct MaxMindReader::Item {
  enum Type : uint8_t {
    kPointer = 1,
    kUtf8 = 2,
    kDouble = 3,
    kBytes = 4,
    kUint16 = 5,
    kUint32 = 6,
    kMap = 7,
    kInt32 = 8,
    kUint64 = 9,
    kUint128 = 10,
    kArray = 11,
    kBoolean = 14,
    kFloat = 15,
  };
  uint8_t type;
  // The number of entries of a map or list, the value of a boolean, or the size of any other
  // payload in bytes.
  size_t size;
  size_t payload;  // the position of the payload
  size_t target;   // the position that a pointer points to
};

bool MaxMindReader::Read(size_t base, size_t position, Item& item) const {
  const size_t end = bytes_.size();
  const auto byte = [&](size_t at) { return static_cast<uint8_t>(bytes_[at]); };
  const auto big_endian = [&](size_t at, size_t size) {
    size_t value = 0;
    for (size_t i = 0; i < size; ++i) value = value << 8 | byte(at + i);
    return value;
  };
  if (position >= end) return false;
  const uint8_t control = byte(position++);
  item.type = control >> 5;
  if (item.type == Item::kPointer) {
    const size_t size = (control >> 3 & 3) + 1;
    if (size > end - position) return false;
    size_t target = big_endian(position, size);
    static constexpr size_t kAdded[] = {0, 2048, 526336, 0};
    if (size < 4) target += static_cast<size_t>(control & 7) << 8 * size;
    item.target = base + target + kAdded[size - 1];
    item.payload = position + size;
    return true;
  }
  if (item.type == 0) {
    if (position >= end) return false;
    const int extended = byte(position++) + 7;
    if (extended < Item::kInt32 || extended > Item::kFloat) return false;
    item.type = static_cast<uint8_t>(extended);
  }
  item.size = control & 31;
  if (item.size >= 29) {
    const size_t more = item.size - 28;
    if (more > end - position) return false;
    static constexpr size_t kAdded[] = {29, 285, 65821};
    item.size = kAdded[more - 1] + big_endian(position, more);
    position += more;
  }
  item.payload = position;
  if (item.type == Item::kMap || item.type == Item::kArray || item.type == Item::kBoolean) {
    return true;
  }
  return item.size <= end - position;
}

bool MaxMindReader::Skip(size_t base, size_t position, size_t& after, int& budget) const {
  for (uint64_t pending = 1; pending > 0; --pending) {
    Item item;
    if (--budget < 0 || !Read(base, position, item)) return false;
    position = item.payload;
    if (item.type == Item::kMap) {
      pending += 2 * uint64_t{item.size};
    } else if (item.type == Item::kArray) {
      pending += item.size;
    } else if (item.type != Item::kPointer && item.type != Item::kBoolean) {
      position += item.size;
    }
  }
  after = position;
  return true;
}

MaxMindValue MaxMindReader::GetFrom(size_t base, size_t position,
                                    std::initializer_list<std::string_view> path) const {
  int budget = kMostSteps;
  Item item;
  // Reads an item and follows a pointer, which must not point to another pointer.
  const auto read = [&](size_t at) {
    if (--budget < 0 || !Read(base, at, item)) return false;
    if (item.type != Item::kPointer) return true;
    return Read(base, item.target, item) && item.type != Item::kPointer;
  };
  if (!read(position)) return {};
  for (const std::string_view step : path) {
    size_t members = item.size;
    size_t at = item.payload;
    bool found = false;
    if (item.type == Item::kArray) {
      size_t index = 0;
      if (std::from_chars(step.data(), step.data() + step.size(), index).ec != std::errc() ||
          index >= members) {
        return {};
      }
      for (size_t i = 0; i < index; ++i) {
        if (!Skip(base, at, at, budget)) return {};
      }
      found = read(at);
    } else if (item.type == Item::kMap) {
      for (; members > 0 && !found; --members) {
        size_t value = 0;
        if (!Skip(base, at, value, budget) || !read(at) || item.type != Item::kUtf8) return {};
        if (std::string_view(bytes_).substr(item.payload, item.size) == step) {
          found = read(value);
          if (!found) return {};
        } else if (!Skip(base, value, at, budget)) {
          return {};
        }
      }
    }
    if (!found) return {};
  }
  MaxMindValue value;
  value.type = MaxMindValue::kOther;
  const std::string_view payload = std::string_view(bytes_).substr(item.payload, item.size);
  const auto big_endian = [&] {
    uint64_t number = 0;
    for (const char c : payload) number = number << 8 | static_cast<uint8_t>(c);
    return number;
  };
  switch (item.type) {
    case Item::kUtf8:
      value.type = MaxMindValue::kString;
      value.text = payload;
      break;
    case Item::kDouble:
      if (item.size != 8) break;
      value.type = MaxMindValue::kDouble;
      {
        const uint64_t bits = big_endian();
        std::memcpy(&value.number, &bits, 8);
      }
      break;
    case Item::kUint16:
    case Item::kUint32:
    case Item::kUint64:
      if (item.size > 8) break;
      value.type = MaxMindValue::kUnsigned;
      value.integer = big_endian();
      break;
    default:
      break;
  }
  return value;
}

MaxMindValue MaxMindReader::Get(size_t data, std::initializer_list<std::string_view> path) const {
  return GetFrom(data_, data, path);
}

uint32_t MaxMindReader::Child(uint32_t node, bool right) const {
  const auto* const at =
      reinterpret_cast<const uint8_t*>(bytes_.data()) + size_t{node} * record_bits_ / 4;
  switch (record_bits_) {
    case 24: {
      const uint8_t* const b = at + (right ? 3 : 0);
      return b[0] << 16 | b[1] << 8 | b[2];
    }
    case 28: {
      const uint8_t* const b = at + (right ? 4 : 0);
      const uint32_t high = right ? at[3] & 15 : at[3] >> 4;
      return high << 24 | b[0] << 16 | b[1] << 8 | b[2];
    }
    default: {
      const uint8_t* const b = at + (right ? 4 : 0);
      return static_cast<uint32_t>(b[0]) << 24 | b[1] << 16 | b[2] << 8 | b[3];
    }
  }
}

std::optional<size_t> MaxMindReader::Find(std::span<const uint8_t> address) const {
  uint32_t node = 0;
  if (address.size() == 16 && !is_v6_) return std::nullopt;
  if (address.size() == 4 && is_v6_) {  // an IPv4 address is preceded by 96 zero bits
    for (int i = 0; i < 96 && node < node_count_; ++i) node = Child(node, false);
  }
  for (size_t bit = 0; bit < 8 * address.size() && node < node_count_; ++bit) {
    node = Child(node, (address[bit / 8] >> (7 - bit % 8) & 1) != 0);
  }
  if (node <= node_count_) return std::nullopt;
  const size_t data = data_ + (node - node_count_) - kSeparatorBytes;
  if (node - node_count_ < kSeparatorBytes || data >= bytes_.size()) return std::nullopt;
  return data;
}

absl::StatusOr<MaxMindReader> MaxMindReader::Parse(std::string bytes) {
  const auto reject = [](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("not a MaxMind database: ", ToAbsl(what)));
  };
  MaxMindReader reader;
  reader.bytes_ = std::move(bytes);
  const std::string_view all = reader.bytes_;
  const size_t marker = all.rfind(kMarker);
  if (marker == std::string_view::npos || all.size() - marker > kMetadataWithin) {
    return reject("it has no metadata at its end (cut off?)");
  }
  const size_t metadata = marker + kMarker.size();
  const auto number = [&](std::string_view key) {
    const MaxMindValue value = reader.GetFrom(metadata, metadata, {key});
    return value.type == MaxMindValue::kUnsigned ? value.integer : 0;
  };
  if (number("binary_format_major_version") != 2) return reject("its format is not version 2");
  const uint64_t nodes = number("node_count");
  const uint64_t bits = number("record_size");
  const uint64_t version = number("ip_version");
  if (bits != 24 && bits != 28 && bits != 32) return reject("its record size is unknown");
  if (version != 4 && version != 6) return reject("its IP version is unknown");
  if (nodes == 0 || nodes > marker / (bits / 4) || nodes * (bits / 4) + kSeparatorBytes > marker) {
    return reject("its search tree is larger than the file");
  }
  reader.node_count_ = static_cast<uint32_t>(nodes);
  reader.record_bits_ = static_cast<uint32_t>(bits);
  reader.is_v6_ = version == 6;
  reader.data_ = nodes * (bits / 4) + kSeparatorBytes;
  const MaxMindValue type = reader.GetFrom(metadata, metadata, {"database_type"});
  reader.type_ = std::string(type.text);
  return reader;
}

}  // namespace picket::parser
