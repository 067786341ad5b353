#pragma once

#include <cstdint>
#include <string>

#include "absl/time/time.h"
#include "common/config.h"

namespace picket::parser {

// The section `parser` of picket.yaml.
struct ParserConfig {
  absl::Duration duplicate_window = absl::Hours(24 * 7);
  int64_t duplicate_budget_mb = 512;
  int64_t duplicate_budget_bytes = 0;  // for tests only; if not 0, replaces duplicate_budget_mb
  std::string duplicate_dir;
  int64_t duplicate_disk_mb = 16384;
  bool raw_data = false;
  bool elastic_actions = false;
  std::string geo_location_file;
  std::string geo_asn_file;
  std::string mask_key_file;
  std::string schemas_dir;  // folder of the OCSF schemas; if empty, events are not checked
  int64_t check_one_in = 10'000;
};
void Describe(ConfigVisitor& visitor, ParserConfig& config);

}  // namespace picket::parser
