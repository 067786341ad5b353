#pragma once

// The Microsoft 365 workloads that rows of the mapping distinguish.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// A bit set. A row without any bit applies to all workloads.
enum WorkloadBit : uint16_t {
  kAnyWorkload = 0,
  kExchange = 1,
  kEntra = 2,
  kSharePoint = 4,  // and OneDrive
  kTeams = 8,
  kCompliance = 16,
  kYammer = 32,
  kPowerBi = 64,
  kEndpoint = 128,
  kCopilot = 256,
  kOtherWorkload = 512,
};
// The bit of a record's Workload. Upper and lower case are equal. Makes no allocation.
WorkloadBit WorkloadOf(std::string_view workload);

// The names of a set of workloads, for people: "Exchange, MicrosoftTeams"; "any" if it is empty.
std::string WorkloadNames(uint16_t workloads);

}  // namespace picket
