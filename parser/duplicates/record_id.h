#pragma once

#include <array>
#include <cstdint>

namespace picket::parser {

// Identifies a record within its tenant. It contains the 16 bytes of a GUID, or the first 128 bits
// of a SHA-256 hash if the record's Id is not a GUID.
struct RecordId {
  std::array<uint8_t, 16> bytes;
  bool is_hash = false;
  friend bool operator==(const RecordId&, const RecordId&) = default;
};

}  // namespace picket::parser
