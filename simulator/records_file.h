#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace picket::simulator {

// A record of a file, with the positions of the values that may have to be replaced.
struct FileRecord {
  std::string json;
  std::string id;      // empty if the record has no Id
  std::string tenant;  // OrganizationId in lower case; empty if the record has no OrganizationId
  std::string content_type;
  // Positions in `json` of the values of Id and OrganizationId, excluding the quotes. npos if
  // absent.
  size_t id_at = std::string::npos;
  size_t tenant_at = std::string::npos;
  size_t tenant_length = 0;
};

// Reads newline-delimited JSON, plain or gzip-compressed, and skips empty lines. If a line is not
// an object, returns an error that contains the line number.
absl::StatusOr<std::vector<FileRecord>> ReadRecordsFile(const std::string& path);

}  // namespace picket::simulator
