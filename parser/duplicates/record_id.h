#pragma once

#include <array>
#include <cstdint>

namespace picket::parser {

// Identifies a record within its tenant. `bytes` is the record's Id if the Id is a GUID, and
// otherwise the first 128 bits of the SHA-256 hash of the Id.
struct RecordId {
  std::array<uint8_t, 16> bytes;
  bool is_hash = false;
  friend bool operator==(const RecordId&, const RecordId&) = default;
};

}  // namespace picket::parser
