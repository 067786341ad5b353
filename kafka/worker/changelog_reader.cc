#include "kafka/worker/changelog_reader.h"

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/status_macros.h"

namespace picket::kafka {

absl::StatusOr<std::unique_ptr<ChangelogReader>> ChangelogReader::Make(const KafkaConfig& kafka,
                                                                       const std::string& topic) {
  std::unique_ptr<ChangelogReader> reader(new ChangelogReader());
  ASSIGN_OR_RETURN(Conf conf, ChangelogConf(kafka));
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  reader->read_ahead_ = ReadAhead(conf.get());
  ASSIGN_OR_RETURN(reader->handle_, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  reader->topic_name_ = topic;
  reader->topic_.reset(rd_kafka_topic_new(reader->handle_.get(), topic.c_str(), nullptr));
  reader->queue_.reset(rd_kafka_queue_new(reader->handle_.get()));
  return reader;
}

ChangelogReader::~ChangelogReader() {
  while (!ends_.empty()) Stop(ends_.begin()->first);
}

absl::Status ChangelogReader::Start(int32_t partition, std::optional<int64_t> from, int64_t end) {
  if (rd_kafka_consume_start_queue(topic_.get(), partition,
                                   from.value_or(RD_KAFKA_OFFSET_BEGINNING), queue_.get()) != 0) {
    return absl::UnavailableError(absl::StrCat("read ", topic_name_, " partition ", partition, ": ",
                                               rd_kafka_err2str(rd_kafka_last_error())));
  }
  ends_[partition] = end;
  return absl::OkStatus();
}

void ChangelogReader::Stop(int32_t partition) {
  if (ends_.erase(partition) > 0) rd_kafka_consume_stop(topic_.get(), partition);
}

void ChangelogReader::Step(absl::Duration slice, const std::function<void(const Message&)>& row,
                           const std::function<void(int32_t)>& done) {
  // librdkafka waits in real time, so the slice is measured in real time.
  const SystemClock clock;
  const MonotonicTime until = clock.MonotonicNow() + slice;
  std::vector<Header> headers;
  const auto consumed = [this] {
    PartitionList list = MakePartitionList(static_cast<int>(ends_.size()));
    for (const auto& [partition, end] : ends_) {
      rd_kafka_topic_partition_list_add(list.get(), topic_name_.c_str(), partition);
    }
    return list;
  };
  int count = 0;
  while (!ends_.empty()) {
    if (++count % 64 == 0 && clock.MonotonicNow() > until) return;
    read_ahead_.KeepUp(handle_.get(), queue_.get(), consumed);
    const MessagePtr message(rd_kafka_consume_queue(queue_.get(), 5));
    if (message == nullptr) {
      rd_kafka_poll(handle_.get(), 0);
      if (clock.MonotonicNow() > until) return;
      continue;
    }
    read_ahead_.Taken(*message);
    const auto end = ends_.find(message->partition);
    if (end == ends_.end()) continue;  // the partition was stopped in the meantime
    const bool is_end = message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF;
    if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR && !is_end) {
      LogWarning("changelog_read_failed",
                 {{"topic", topic_name_},
                  {"partition", message->partition},
                  {"error", std::string_view(rd_kafka_message_errstr(message.get()))}});
      fault_ = absl::StrCat(topic_name_, ": ", rd_kafka_message_errstr(message.get()));
      continue;
    }
    fault_.clear();
    if (!is_end && message->offset < end->second) {
      row(ToMessage(*message, topic_name_, headers));
    }
    // The last offset before the end often belongs to the marker of a transaction and not to a row.
    // So rows alone do not show that the end has been reached.
    const int64_t reached = is_end ? message->offset : message->offset + 1;
    if (reached >= end->second) {
      const int32_t partition = message->partition;
      Stop(partition);
      done(partition);
    }
  }
}

}  // namespace picket::kafka
