#include "kafka/group_consumer.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/connection_error.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kSeekTimeout = absl::Seconds(5);

void LogFailure(std::string_view what, rd_kafka_error_t* error) {
  if (error == nullptr) return;
  LogError("kafka_consumer_failed",
           {{"call", what}, {"error", std::string_view(rd_kafka_error_string(error))}});
  rd_kafka_error_destroy(error);
}

void LogFailure(std::string_view what, rd_kafka_resp_err_t code) {
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return;
  LogError("kafka_consumer_failed",
           {{"call", what}, {"error", std::string_view(rd_kafka_err2str(code))}});
}

ClientError::Kind KindOf(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR__TIMED_OUT:
      return ClientError::Kind::kTimedOut;
    case RD_KAFKA_RESP_ERR__TRANSPORT:
      return ClientError::Kind::kDisconnected;
    case RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN:
      return ClientError::Kind::kAllBrokersDown;
    case RD_KAFKA_RESP_ERR__RESOLVE:
    case RD_KAFKA_RESP_ERR__AUTHENTICATION:
    case RD_KAFKA_RESP_ERR__SSL:
      return ClientError::Kind::kUnreachable;
    default:
      return ClientError::Kind::kOther;
  }
}

ConsumedMessage::Error ErrorOf(rd_kafka_resp_err_t code) {
  switch (code) {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      return ConsumedMessage::Error::kNone;
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      return ConsumedMessage::Error::kEnd;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
      return ConsumedMessage::Error::kOutOfRange;
    default:
      return ConsumedMessage::Error::kOther;
  }
}

}  // namespace

// Reads brokers.GroupCoordinator.rxidle, which is in microseconds. librdkafka reports the idle time
// only in its statistics.
std::optional<absl::Duration> CoordinatorIdle(std::string_view statistics) {
  constexpr std::string_view kCoordinator = "\"GroupCoordinator\"";
  constexpr std::string_view kIdle = "\"rxidle\":";
  const size_t coordinator = statistics.find(kCoordinator);
  if (coordinator == std::string_view::npos) return std::nullopt;
  const size_t idle = statistics.find(kIdle, coordinator);
  if (idle == std::string_view::npos) return std::nullopt;
  int64_t micros = -1;  // librdkafka's value before the first answer
  std::from_chars(statistics.data() + idle + kIdle.size(), statistics.data() + statistics.size(),
                  micros);
  if (micros < 0) return std::nullopt;
  return absl::Microseconds(micros);
}

absl::StatusOr<std::unique_ptr<GroupConsumer>> GroupConsumer::Make(Conf conf, std::string topic,
                                                                   Listener* listener) {
  std::unique_ptr<GroupConsumer> consumer(new GroupConsumer(std::move(topic), listener));
  rd_kafka_conf_set_opaque(conf.get(), consumer.get());
  rd_kafka_conf_set_rebalance_cb(conf.get(), OnRebalance);
  const auto on_error = [](rd_kafka_t* handle, int code, const char* text, void* opaque) {
    const auto error = static_cast<rd_kafka_resp_err_t>(code);
    const ExplainedError explained =
        ExplainClientError(error, text, LoginPropertiesOf(rd_kafka_conf(handle)));
    static_cast<GroupConsumer*>(opaque)->listener_->OnClientError(
        {KindOf(error), rd_kafka_err2name(error), explained.text});
  };
  rd_kafka_conf_set_error_cb(conf.get(), on_error);
  rd_kafka_conf_set_stats_cb(conf.get(), [](rd_kafka_t*, char* json, size_t size, void* opaque) {
    if (const auto idle = CoordinatorIdle(std::string_view(json, size))) {
      static_cast<GroupConsumer*>(opaque)->listener_->OnCoordinatorAnswered(*idle);
    }
    return 0;  // librdkafka frees the statistics
  });
  consumer->read_ahead_ = ReadAhead(conf.get());
  ASSIGN_OR_RETURN(consumer->handle_, MakeHandle(RD_KAFKA_CONSUMER, std::move(conf)));
  rd_kafka_t* const handle = consumer->handle_.get();
  rd_kafka_poll_set_consumer(handle);
  consumer->queue_.reset(rd_kafka_queue_get_consumer(handle));
  const PartitionList topics = MakePartitionList(1);
  rd_kafka_topic_partition_list_add(topics.get(), consumer->topic_.c_str(), RD_KAFKA_PARTITION_UA);
  if (const rd_kafka_resp_err_t error = rd_kafka_subscribe(handle, topics.get());
      error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::InternalError(
        absl::StrCat("subscribe to ", consumer->topic_, ": ", rd_kafka_err2str(error)));
  }
  return consumer;
}

GroupConsumer::~GroupConsumer() { Close(); }

void GroupConsumer::OnRebalance(rd_kafka_t* handle, rd_kafka_resp_err_t code,
                                rd_kafka_topic_partition_list_t* partitions, void* opaque) {
  auto* const self = static_cast<GroupConsumer*>(opaque);
  if (code != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
    self->listener_->OnRevoked(code != RD_KAFKA_RESP_ERR__REVOKE_PARTITIONS ||
                               rd_kafka_assignment_lost(handle) != 0);
    self->assigned_.clear();
    LogFailure("unassign", rd_kafka_assign(handle, nullptr));
    return;
  }
  std::vector<int32_t> numbers;
  for (int i = 0; i < partitions->cnt; ++i) {
    // Sets an explicit position. Without an explicit position, librdkafka queries the committed
    // offsets itself and does nothing else until the answer arrives. The partitions are paused, so
    // nothing is fetched from this position. Even if a message were fetched, the worker would
    // ignore it, because the worker accepts messages of a partition only after it has set the true
    // position.
    partitions->elems[i].offset = 0;
    numbers.push_back(partitions->elems[i].partition);
  }
  LogFailure("assign", rd_kafka_assign(handle, partitions));
  LogFailure("pause", rd_kafka_pause_partitions(handle, partitions));
  self->assigned_ = numbers;
  self->listener_->OnAssigned(
      numbers, std::make_unique<ClientGroupMetadata>(rd_kafka_consumer_group_metadata(handle)));
}

PartitionList GroupConsumer::ListOf(const std::vector<int32_t>& partitions) const {
  PartitionList list = MakePartitionList(static_cast<int>(partitions.size()));
  for (const int32_t partition : partitions) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), partition);
  }
  return list;
}

PartitionList GroupConsumer::ListOf(const std::vector<Position>& positions) const {
  PartitionList list = MakePartitionList(static_cast<int>(positions.size()));
  for (const Position& position : positions) {
    rd_kafka_topic_partition_list_add(list.get(), topic_.c_str(), position.partition)->offset =
        position.offset;
  }
  return list;
}

std::optional<ConsumedMessage> GroupConsumer::Poll(absl::Duration timeout) {
  read_ahead_.KeepUp(handle_.get(), queue_.get(), [this] { return ListOf(assigned_); });
  // The timeout is rounded up, because a caller that waits for a point in time would otherwise poll
  // without a wait during the last millisecond.
  const absl::Duration wait = absl::Ceil(timeout, absl::Milliseconds(1));
  rd_kafka_message_t* const raw = rd_kafka_consumer_poll(handle_.get(), Millis(wait));
  if (raw == nullptr) return std::nullopt;
  std::optional<ConsumedMessage> consumed(std::in_place);
  consumed->memory = {raw, [](void* memory) {
                        rd_kafka_message_destroy(static_cast<rd_kafka_message_t*>(memory));
                      }};
  consumed->error = ErrorOf(raw->err);
  if (consumed->error == ConsumedMessage::Error::kNone) {
    read_ahead_.Taken(*raw);
    consumed->message = ToMessage(*raw, topic_, headers_);
  } else {
    // An error of the whole group has no topic, and librdkafka sets its partition to 0.
    consumed->message.partition = raw->rkt == nullptr ? -1 : raw->partition;
    consumed->message.offset = raw->offset;
    consumed->error_text = rd_kafka_message_errstr(raw);
  }
  return consumed;
}

absl::StatusOr<std::vector<CommittedOffset>> ReadCommitted(rd_kafka_t* handle,
                                                           rd_kafka_topic_partition_list_t* list,
                                                           absl::Duration limit) {
  const rd_kafka_resp_err_t error = rd_kafka_committed(handle, list, Millis(limit));
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return absl::UnavailableError(absl::StrCat("committed offsets: ", rd_kafka_err2str(error)));
  }
  std::vector<CommittedOffset> offsets;
  for (int i = 0; i < list->cnt; ++i) {
    const rd_kafka_topic_partition_t& element = list->elems[i];
    if (element.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(absl::StrCat("committed offset of partition ",
                                                 element.partition, ": ",
                                                 rd_kafka_err2str(element.err)));
    }
    CommittedOffset offset;
    if (element.offset >= 0) offset.offset = element.offset;
    offset.metadata.assign(static_cast<const char*>(element.metadata), element.metadata_size);
    offsets.push_back(std::move(offset));
  }
  return offsets;
}

absl::StatusOr<std::vector<CommittedOffset>> GroupConsumer::Committed(
    const std::vector<int32_t>& partitions, absl::Duration limit) {
  const PartitionList list = ListOf(partitions);
  return ReadCommitted(handle_.get(), list.get(), limit);
}

void GroupConsumer::Pause(const std::vector<int32_t>& partitions) {
  if (partitions.empty()) return;
  LogFailure("pause", rd_kafka_pause_partitions(handle_.get(), ListOf(partitions).get()));
}

void GroupConsumer::Resume(const std::vector<int32_t>& partitions) {
  if (partitions.empty()) return;
  LogFailure("resume", rd_kafka_resume_partitions(handle_.get(), ListOf(partitions).get()));
}

bool GroupConsumer::Seek(const std::vector<Position>& positions) {
  if (positions.empty()) return true;
  const PartitionList list = ListOf(positions);
  if (rd_kafka_error_t* const error =
          rd_kafka_seek_partitions(handle_.get(), list.get(), Millis(kSeekTimeout))) {
    LogFailure("seek", error);
    return false;
  }
  for (int i = 0; i < list->cnt; ++i) {
    if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  }
  return true;
}

void GroupConsumer::Reassign(const std::vector<Position>& positions) {
  const PartitionList list = ListOf(positions);
  LogFailure("assign", rd_kafka_assign(handle_.get(), list.get()));
  LogFailure("pause", rd_kafka_pause_partitions(handle_.get(), list.get()));
}

absl::StatusOr<std::vector<OffsetRange>> QueryOffsetRanges(rd_kafka_t* handle,
                                                           const std::string& topic,
                                                           const std::vector<int32_t>& partitions,
                                                           absl::Duration limit) {
  // rd_kafka_query_watermark_offsets is not used, because in librdkafka 2.0.2 it waits for a dead
  // broker far beyond its timeout. Instead, rd_kafka_offsets_for_times sends these two special
  // values of Kafka's protocol, which stand for the end and the beginning of a partition.
  constexpr int64_t kLatest = -1;
  constexpr int64_t kEarliest = -2;
  std::vector<OffsetRange> ranges(partitions.size());
  const MonotonicTime deadline = SystemMonotonicNow() + limit;
  for (const int64_t time : {kEarliest, kLatest}) {
    const PartitionList list = MakePartitionList(static_cast<int>(partitions.size()));
    for (const int32_t partition : partitions) {
      rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = time;
    }
    const rd_kafka_resp_err_t error = rd_kafka_offsets_for_times(
        handle, list.get(),
        Millis(std::max(deadline - SystemMonotonicNow(), absl::Milliseconds(1))));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::UnavailableError(
          absl::StrCat("offsets of ", topic, ": ", rd_kafka_err2str(error)));
    }
    for (size_t i = 0; i < partitions.size(); ++i) {
      const rd_kafka_topic_partition_t* const element =
          rd_kafka_topic_partition_list_find(list.get(), topic.c_str(), partitions[i]);
      if (element->err != RD_KAFKA_RESP_ERR_NO_ERROR || element->offset < 0) {
        return absl::UnavailableError(absl::StrCat("offsets of ", topic, " partition ",
                                                   partitions[i], ": ",
                                                   rd_kafka_err2str(element->err)));
      }
      (time == kLatest ? ranges[i].end : ranges[i].begin) = element->offset;
    }
  }
  return ranges;
}

absl::StatusOr<std::vector<OffsetRange>> GroupConsumer::QueryRanges(
    const std::vector<int32_t>& partitions, absl::Duration limit) {
  return QueryOffsetRanges(handle_.get(), topic_, partitions, limit);
}

// librdkafka 2.0.2 has no asynchronous form of this query, so a separate thread waits for the
// answer.
void GroupConsumer::StartRangeQuery(const std::vector<int32_t>& partitions, absl::Duration limit) {
  range_query_ =
      std::async(std::launch::async, [handle = handle_.get(), topic = topic_, partitions, limit] {
        return QueryOffsetRanges(handle, topic, partitions, limit);
      });
}

std::optional<InputConsumer::RangeResult> GroupConsumer::TakeRangeQuery() {
  if (!range_query_.valid() ||
      range_query_.wait_for(std::chrono::seconds(0)) != std::future_status::ready) {
    return std::nullopt;
  }
  return range_query_.get();
}

int64_t GroupConsumer::KnownEnd(int32_t partition) const {
  int64_t begin = -1;
  int64_t end = -1;
  rd_kafka_get_watermark_offsets(handle_.get(), topic_.c_str(), partition, &begin, &end);
  return end;
}

absl::Status GroupConsumer::FatalError() const {
  char text[512];
  const rd_kafka_resp_err_t code = rd_kafka_fatal_error(handle_.get(), text, sizeof(text));
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) return absl::OkStatus();
  const std::string message = absl::StrCat(rd_kafka_err2name(code), ": ", text);
  return code == RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID ? absl::AlreadyExistsError(message)
                                                      : absl::InternalError(message);
}

void GroupConsumer::Close() {
  if (handle_ == nullptr) return;
  rd_kafka_consumer_close(handle_.get());
  if (range_query_.valid()) range_query_.wait();
  queue_.reset();
  handle_.reset();
}

}  // namespace picket::kafka
