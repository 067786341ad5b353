#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/config.h"

namespace picket::fetcher {

// The section `fetcher` of picket.yaml.
struct FetcherConfig {
  absl::Duration poll_interval = absl::Seconds(60);
  absl::Duration settle = absl::Seconds(60);
  absl::Duration overlap = absl::Minutes(10);
  absl::Duration look_back = absl::Hours(24 * 7);

  int64_t requests_per_minute = 2000;
  int64_t parallel_requests = 256;
  int64_t parallel_requests_per_tenant = 64;

  int64_t byte_budget_mib = 64;
  std::string spill_dir;  // if empty, the system's folder for temporary files
  int64_t spill_budget_mib = 2048;

  absl::Duration connect_timeout = absl::Seconds(10);
  absl::Duration list_timeout = absl::Seconds(120);
  absl::Duration retrieve_timeout = absl::Minutes(10);

  std::string ca_file;
  std::string publisher_id;
};
void Describe(ConfigVisitor& visitor, FetcherConfig& config);

}  // namespace picket::fetcher
