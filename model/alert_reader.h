#pragma once

// Reads the alerts that Picket wrote to the topic `alerts`: OCSF Detection Findings.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace picket {

struct AlertSummary {
  std::string id;
  std::string rule_id;
  std::string title;
  std::string level;  // "Informational" … "Critical": OCSF's names of severities
  std::string tenant;
  std::string user;       // the actor of the event that triggered it; empty if it has no actor
  std::string technique;  // "T1114.003"; empty if the rule names none
  int64_t time_ms = 0;
  std::map<std::string, std::string> group;  // the group of a correlation: field → value
  std::vector<std::string> event_uids;       // bounded
};

// InvalidArgument if the JSON is not a Detection Finding.
absl::StatusOr<AlertSummary> ReadAlert(std::string_view json);

}  // namespace picket
