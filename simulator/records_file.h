#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace picket::simulator {

// A record of a file, with the places of what may have to be rewritten.
struct FileRecord {
  std::string json;
  std::string id;      // empty when it has none
  std::string tenant;  // OrganizationId in lower case; empty when it has none
  std::string content_type;
  // Places of the two values in `json`, without their quotes; npos when absent.
  size_t id_at = std::string::npos;
  size_t tenant_at = std::string::npos;
  size_t tenant_length = 0;
};

// Reads newline-delimited JSON, plain or gzip; empty lines are passed over. A line that is no object is an error that
// names it.
absl::StatusOr<std::vector<FileRecord>> ReadRecordsFile(const std::string& path);

}  // namespace picket::simulator
