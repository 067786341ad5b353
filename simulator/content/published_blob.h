#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/content/record_digest.h"

namespace picket::simulator {

// A row of the publish log: a blob that the simulator published, without its content. The rows are
// what `picket simulate verify` compares with the topics.
struct PublishedBlob {
  std::string tenant;
  std::string content_type;
  std::string content_id;
  absl::Time created;
  uint64_t bytes = 0;
  std::vector<RecordDigest> records;
};

// Returns the row as one line of JSON, with a line end:
//   {"tenant":…,"content_type":…,"content_id":…,"created":…,"bytes":…,"records":[["Id","hash"],…]}
// A hash is 16 hexadecimal digits.
std::string PublishedRow(const PublishedBlob& blob);
absl::StatusOr<PublishedBlob> ParsePublishedRow(std::string_view line);

}  // namespace picket::simulator
