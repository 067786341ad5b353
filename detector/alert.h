#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "detector/correlation/event_place.h"
#include "sigma/rule.h"

namespace picket::detector {

// The origin of an event.
struct EventSource {
  std::string_view tenant;
  std::string_view topic;  // empty in replay
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // arrival time (the Kafka timestamp); 0 if unknown
  // Returns the place of the event. The detector calls this function only for an event that matched
  // a rule, because reading the headers of a message is slow. May be empty.
  std::function<EventPlace()> place;
};

// An alert as it is written to the topic `alerts`.
// Lifetime: The views are valid until the next call of the detector.
struct Alert {
  std::string_view id;  // deterministic; see "alert id" in docs/formats.md
  std::string_view tenant;
  std::string_view rule_id;
  std::string_view title;
  std::string_view user;
  std::string_view technique;  // such as "T1114.003"; may be empty
  sigma::Level level;
  int64_t time_ms;        // time of the event that triggered the alert
  std::string_view json;  // the alert as an OCSF Detection Finding (2004)
};

}  // namespace picket::detector
