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
#include "kafka/io.h"
#include "kafka/message.h"
#include "kafka/read_ahead.h"

namespace picket::kafka {

// Implements ChangelogSource with librdkafka, without joining a group.
// Threads: One thread uses it. Lifetime and failure: See ChangelogSource.
class ChangelogReader final : public ChangelogSource {
 public:
  static absl::StatusOr<std::unique_ptr<ChangelogReader>> Make(const KafkaConfig& kafka,
                                                               const std::string& topic);
  ~ChangelogReader() override;

  absl::Status Start(int32_t partition, std::optional<int64_t> from, int64_t end) override;
  void Stop(int32_t partition) override;
  void Step(absl::Duration slice, const std::function<void(const Message&)>& row,
            const std::function<void(int32_t)>& done) override;
  std::string Fault() const override { return fault_; }

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
  std::string fault_;                           // the last error, until reading succeeds
  absl::flat_hash_map<int32_t, int64_t> ends_;  // end offsets of the partitions that are being read
};

}  // namespace picket::kafka
