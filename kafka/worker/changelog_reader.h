#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/message.h"
#include "kafka/read_ahead.h"

namespace picket::kafka {

// Reads partitions of the changelog, committed rows only, to an end that was asked for before.
// Threads: one. Lifetime: made when a restore begins, dropped when none is left. Failure: errors that pass are waited
// out; Step says how far each partition is.
class ChangelogReader {
 public:
  static absl::StatusOr<std::unique_ptr<ChangelogReader>> Make(const KafkaConfig& kafka,
                                                               const std::string& topic);
  ~ChangelogReader();

  // Reads `partition` from offset `from`, or from its beginning where that is gone or is nothing, up to, not including,
  // offset `end`.
  absl::Status Start(int32_t partition, std::optional<int64_t> from, int64_t end);
  void Stop(int32_t partition);
  bool IsReading(int32_t partition) const { return ends_.contains(partition); }
  size_t reading() const { return ends_.size(); }

  // Hands rows to `row` for at most `slice`; calls `done` for each partition that reached its end.
  void Step(absl::Duration slice, const std::function<void(const Message&)>& row,
            const std::function<void(int32_t)>& done);

  // The reader's own handle, which is read_committed. For tests only.
  rd_kafka_t* handle() const { return handle_.get(); }

 private:
  ChangelogReader() = default;

  struct TopicDeleter {
    void operator()(rd_kafka_topic_t* topic) const { rd_kafka_topic_destroy(topic); }
  };
  std::string topic_name_;
  Handle handle_;
  std::unique_ptr<rd_kafka_topic_t, TopicDeleter> topic_;
  Queue queue_;
  ReadAhead read_ahead_;
  absl::flat_hash_map<int32_t, int64_t> ends_;
};

}  // namespace picket::kafka
