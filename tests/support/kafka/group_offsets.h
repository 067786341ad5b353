#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"

namespace picket::kafka {

// Returns the offset that `group` has committed for each partition of `topic`, or -1 for a
// partition without a committed offset. Waits until open transactions have been committed or
// aborted. Returns Unavailable if this wait takes longer than `timeout`, or if no broker answers.
absl::StatusOr<std::vector<int64_t>> CommittedOffsets(const KafkaConfig& config,
                                                      const std::string& group,
                                                      const std::string& topic, int partitions,
                                                      absl::Duration timeout);

}  // namespace picket::kafka
