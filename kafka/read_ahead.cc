#include "kafka/read_ahead.h"

#include <array>
#include <cstdlib>

#include "common/check.h"

namespace picket::kafka {
namespace {

constexpr int kWakeMillis = 200;
// In Kafka's protocol, this "time" stands for the end of a partition.
constexpr int64_t kLatest = -1;

int64_t IntegerOf(rd_kafka_conf_t* conf, const char* property) {
  std::array<char, 32> text{};
  size_t size = text.size();
  PICKET_CHECK(rd_kafka_conf_get(conf, property, text.data(), &size) == RD_KAFKA_CONF_OK);
  return std::strtoll(text.data(), nullptr, 10);
}

}  // namespace

ReadAhead::ReadAhead(rd_kafka_conf_t* conf)
    : most_messages_(IntegerOf(conf, "queued.min.messages")),
      most_bytes_(IntegerOf(conf, "queued.max.messages.kbytes") * 1024) {}

void ReadAhead::Wake(rd_kafka_t* handle, rd_kafka_queue_t* queue,
                     absl::FunctionRef<PartitionList()> consumed) {
  if (messages_ == 0) return;
  const auto left = static_cast<int64_t>(rd_kafka_queue_length(queue));
  if (left > most_messages_ / 2 || left * (bytes_ / messages_) > most_bytes_ / 2) return;
  messages_ = 0;
  bytes_ = 0;
  const PartitionList list = consumed();
  for (int i = 0; i < list->cnt; ++i) list->elems[i].offset = kLatest;
  (void)rd_kafka_offsets_for_times(handle, list.get(), kWakeMillis);
}

}  // namespace picket::kafka
