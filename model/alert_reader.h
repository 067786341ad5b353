#pragma once

// Reads the alerts that Picket writes to the topic `alerts`. Each alert is an OCSF Detection
// Finding.

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
  std::string level;  // OCSF's name of the severity, from "Informational" to "Critical"
  std::string tenant;
  std::string user;       // the actor of the event that triggered the alert; may be empty
  std::string technique;  // an ATT&CK technique, "T1114.003"; may be empty
  int64_t time_ms = 0;
  std::map<std::string, std::string> group;  // values of a correlation's group-by fields, by name
  std::vector<std::string> event_uids;       // the uids of the related events, up to a limit
};

// Reads one alert. Returns InvalidArgument if the JSON is not a Detection Finding.
absl::StatusOr<AlertSummary> ReadAlert(std::string_view json);

}  // namespace picket
