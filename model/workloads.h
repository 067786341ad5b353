#pragma once

// The Microsoft 365 workloads that rows of the mapping distinguish.

#include <cstdint>
#include <string>
#include <string_view>

namespace picket {

// The bits of a set of workloads. A row whose set is empty applies to all workloads.
enum WorkloadBit : uint16_t {
  kAnyWorkload = 0,
  kExchange = 1,
  kEntra = 2,
  kSharePoint = 4,  // includes OneDrive
  kTeams = 8,
  kCompliance = 16,
  kYammer = 32,
  kPowerBi = 64,
  kEndpoint = 128,
  kCopilot = 256,
  kOtherWorkload = 512,
};
// Returns the bit for the Workload of a record, ignoring case. Makes no allocation.
WorkloadBit WorkloadOf(std::string_view workload);

// Returns the names of a set of workloads in readable form, such as "Exchange, MicrosoftTeams", or
// "any" if the set is empty.
std::string WorkloadNames(uint16_t workloads);

}  // namespace picket
