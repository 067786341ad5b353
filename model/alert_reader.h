#pragma once

// What a reader of the topic `alerts` needs of an OCSF Detection Finding that Picket wrote.

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
  std::string level;  // "Informational" … "Critical", as OCSF names severities
  std::string tenant;
  std::string user;       // the actor of the event that fired it; empty where there is none
  std::string technique;  // "T1114.003"; empty where the rule names none
  int64_t time_ms = 0;
  std::map<std::string, std::string> group;  // of a correlation: field → value
  std::vector<std::string> event_uids;       // bounded
};

// InvalidArgument when the text is no such finding.
absl::StatusOr<AlertSummary> ReadAlert(std::string_view json);

}  // namespace picket
