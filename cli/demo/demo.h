#pragma once

// `picket demo` runs simulated tenants that are under attack, and the three services that find the
// attacks.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "cli/stop_signals.h"

namespace picket {

// The levels of alerts, from the highest to the lowest.
inline constexpr std::array<std::string_view, 5> kAlertLevels = {"critical", "high", "medium",
                                                                 "low", "informational"};

struct DemoOptions {
  uint64_t seed = 0;  // 0 chooses a random seed
  int tenants = 2;
  int64_t records = 2000;  // records per tenant
  double seconds = 20;     // time in which the simulated day passes, in real seconds
  bool forever = false;
  std::string stats_path;
  std::string rules;           // file or folder; if empty, the built-in rules
  std::string level = "high";  // lowest level shown; alerts of lower levels are only counted
  std::string kafka;           // bootstrap servers of a real Kafka; if empty, the embedded broker
};

// Runs a demo and prints a summary. Returns the exit status, which is kExitFaultInData if the
// alerts differ from the expected alerts.
// Failure: returns Cancelled if a stop is requested before the services are ready. Any other error
// must be corrected by an operator.
absl::StatusOr<int> RunDemo(const DemoOptions& options, StopSignals& signals);

}  // namespace picket
