#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/config.h"

namespace picket::detector {

// The section `detector:` of picket.yaml.
struct DetectorConfig {
  std::string rules_from = "folder";  // "folder" or "topic"
  std::string rules_dir;              // if empty, the rules built into the binary are used
  std::string defaults_file;
  absl::Duration reload_interval = absl::Seconds(1);
  absl::Duration allowed_lateness = absl::Hours(24 * 8);
};
void Describe(ConfigVisitor& visitor, DetectorConfig& config);

}  // namespace picket::detector
