#pragma once

#include <array>
#include <cstdint>

namespace picket::parser {

// The identity of a record within its tenant: a GUID's 16 bytes, or the first 128 bits of SHA-256 of any other Id.
struct RecordId {
  std::array<uint8_t, 16> bytes;
  bool is_hash = false;
  friend bool operator==(const RecordId&, const RecordId&) = default;
};

}  // namespace picket::parser
