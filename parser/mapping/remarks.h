#pragma once

// What the parser noticed about a record. Events carry it: OCSF in metadata.debug, ECS in
// error.message.

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
};

// A set of remarks as a JSON list of their codes: ["ip_unparsed"]. Lifetime: for ever.
std::string_view RemarksJson(uint16_t remarks);

}  // namespace picket::parser
