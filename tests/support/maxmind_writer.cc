#include "tests/support/maxmind_writer.h"

#include <arpa/inet.h>
#include <simdjson.h>

#include <cstring>

#include "common/check.h"

namespace picket {
namespace {

enum Type {
  kPointer = 1,
  kUtf8 = 2,
  kDouble = 3,
  kUint16 = 5,
  kUint32 = 6,
  kMap = 7,
  kUint64 = 9,
  kArray = 11
};

void AppendBigEndian(std::string& out, uint64_t value, int bytes) {
  for (int i = bytes - 1; i >= 0; --i) out.push_back(static_cast<char>(value >> 8 * i));
}

void AppendControl(std::string& out, int type, size_t size) {
  const int first = type <= 7 ? type << 5 : 0;
  const auto put = [&](int low) {
    out.push_back(static_cast<char>(first | low));
    if (type > 7) out.push_back(static_cast<char>(type - 7));
  };
  if (size < 29) {
    put(static_cast<int>(size));
  } else if (size < 285) {
    put(29);
    AppendBigEndian(out, size - 29, 1);
  } else if (size < 65821) {
    put(30);
    AppendBigEndian(out, size - 285, 2);
  } else {
    put(31);
    AppendBigEndian(out, size - 65821, 3);
  }
}

void AppendPointer(std::string& out, size_t target) {
  if (target < 2048) {
    out.push_back(static_cast<char>(kPointer << 5 | target >> 8));
    AppendBigEndian(out, target & 0xff, 1);
  } else if (target < 526336) {
    target -= 2048;
    out.push_back(static_cast<char>(kPointer << 5 | 1 << 3 | target >> 16));
    AppendBigEndian(out, target & 0xffff, 2);
  } else {
    out.push_back(static_cast<char>(kPointer << 5 | 3 << 3));
    AppendBigEndian(out, target, 4);
  }
}

void AppendText(std::string& out, std::string_view text) {
  AppendControl(out, kUtf8, text.size());
  out.append(text);
}

// Appends an integer without leading zero bytes.
void AppendUnsigned(std::string& out, int type, uint64_t value) {
  int bytes = 0;
  while (bytes < 8 && value >> 8 * bytes != 0) ++bytes;
  AppendControl(out, type, bytes);
  AppendBigEndian(out, value, bytes);
}

}  // namespace

void MaxMindWriter::AppendValue(std::string& out, const void* element) {
  const auto& json = *static_cast<const simdjson::dom::element*>(element);
  const auto text = [&](std::string_view value) {
    const auto [found, is_new] = texts_.emplace(value, out.size());
    if (is_new) return AppendText(out, value);
    AppendPointer(out, found->second);
  };
  switch (json.type()) {
    case simdjson::dom::element_type::OBJECT: {
      const simdjson::dom::object object = json.get_object().value();
      AppendControl(out, kMap, object.size());
      for (const auto member : object) {
        text(member.key);
        AppendValue(out, &member.value);
      }
      break;
    }
    case simdjson::dom::element_type::ARRAY: {
      const simdjson::dom::array array = json.get_array().value();
      AppendControl(out, kArray, array.size());
      for (const simdjson::dom::element member : array) AppendValue(out, &member);
      break;
    }
    case simdjson::dom::element_type::STRING:
      text(json.get_string().value());
      break;
    case simdjson::dom::element_type::DOUBLE: {
      const double number = json.get_double().value();
      uint64_t bits;
      std::memcpy(&bits, &number, 8);
      AppendControl(out, kDouble, 8);
      AppendBigEndian(out, bits, 8);
      break;
    }
    default:
      AppendUnsigned(out, kUint32, json.get_uint64().value());
  }
}

void MaxMindWriter::Add(const std::string& network, std::string_view data) {
  const size_t slash = network.find('/');
  const std::string address = network.substr(0, slash);
  int bits = std::stoi(network.substr(slash + 1));
  uint8_t bytes[16] = {};
  const bool is_v4 = address.find(':') == std::string::npos;
  const bool under_v6 = is_v4 && options_.ip_version == 6;
  PICKET_CHECK(
      inet_pton(is_v4 ? AF_INET : AF_INET6, address.c_str(), under_v6 ? bytes + 12 : bytes) == 1);
  if (under_v6) bits += 96;

  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(data.data(), data.size());
  const int leaf = -static_cast<int>(offsets_.size()) - 2;
  offsets_.push_back(data_.size());
  AppendValue(data_, &root);

  int node = 0;
  for (int bit = 0; bit + 1 < bits; ++bit) {
    const int side = bytes[bit / 8] >> (7 - bit % 8) & 1;
    int next = nodes_[node].child[side];
    if (next < 0) {
      const int old = next;
      next = static_cast<int>(nodes_.size());
      nodes_.emplace_back();
      nodes_[next].child[0] = nodes_[next].child[1] = old;
      nodes_[node].child[side] = next;
    }
    node = next;
  }
  nodes_[node].child[bytes[(bits - 1) / 8] >> (7 - (bits - 1) % 8) & 1] = leaf;
}

std::string MaxMindWriter::File() const {
  std::string out;
  const auto record = [&](int child) -> uint32_t {
    if (child >= 0) return static_cast<uint32_t>(child);
    if (child == -1) return static_cast<uint32_t>(nodes_.size());
    return static_cast<uint32_t>(nodes_.size() + 16 + offsets_[-(child + 2)]);
  };
  for (const Node& node : nodes_) {
    const uint32_t left = record(node.child[0]);
    const uint32_t right = record(node.child[1]);
    if (options_.record_bits == 28) {
      AppendBigEndian(out, left & 0xffffff, 3);
      out.push_back(static_cast<char>((left >> 24) << 4 | right >> 24));
      AppendBigEndian(out, right & 0xffffff, 3);
    } else {
      AppendBigEndian(out, left, options_.record_bits / 8);
      AppendBigEndian(out, right, options_.record_bits / 8);
    }
  }
  out.append(16, '\0');
  out += data_;
  out += "\xab\xcd\xefMaxMind.com";
  AppendControl(out, kMap, 9);
  AppendText(out, "binary_format_major_version");
  AppendUnsigned(out, kUint16, 2);
  AppendText(out, "binary_format_minor_version");
  AppendUnsigned(out, kUint16, 0);
  AppendText(out, "build_epoch");
  AppendUnsigned(out, kUint64, 1770000000);
  AppendText(out, "database_type");
  AppendText(out, options_.type);
  AppendText(out, "description");
  AppendControl(out, kMap, 1);
  AppendText(out, "en");
  AppendText(out, "networks made up for tests");
  AppendText(out, "ip_version");
  AppendUnsigned(out, kUint16, options_.ip_version);
  AppendText(out, "languages");
  AppendControl(out, kArray, 1);
  AppendText(out, "en");
  AppendText(out, "node_count");
  AppendUnsigned(out, kUint32, nodes_.size());
  AppendText(out, "record_size");
  AppendUnsigned(out, kUint16, options_.record_bits);
  return out;
}

}  // namespace picket
