#pragma once

// The anomalies that the parser noticed in a record. An OCSF event lists the anomalies in
// metadata.debug, and an ECS event lists them in error.message.

#include <cstdint>
#include <string_view>

namespace picket::parser {

enum Remark : uint16_t {
  kIpUnparsed = 1,
  kTimeMissing = 2,
  kUtf8Repaired = 4,
  kDupKey = 8,
  kInnerJsonBad = 16,
  kTruncated = 32,
  kIdMissing = 64,
  kOrgMismatch = 128,
  kLostNesting = 256,
};

// Returns a set of remarks as a JSON list of their codes: ["ip_unparsed"].
// Lifetime: The result is valid until the process ends.
std::string_view RemarksJson(uint16_t remarks);

}  // namespace picket::parser
