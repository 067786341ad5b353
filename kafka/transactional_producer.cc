#include "kafka/transactional_producer.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/group_consumer.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

struct HeadersDeleter {
  void operator()(rd_kafka_headers_t* headers) const { rd_kafka_headers_destroy(headers); }
};
using HeadersPtr = std::unique_ptr<rd_kafka_headers_t, HeadersDeleter>;

// Returns at least 1, because a call with a limit of 0 would not wait at all.
int WaitMillis(absl::Duration limit) { return std::max(1, Millis(limit)); }

}  // namespace

absl::StatusOr<std::unique_ptr<TransactionalProducer>> TransactionalProducer::Make(
    const KafkaConfig& kafka, const std::string& topic_prefix, const std::string& transactional_id,
    const std::vector<Topic>& followed) {
  std::unique_ptr<TransactionalProducer> producer(new TransactionalProducer(topic_prefix));
  for (const Topic topic : followed) producer->followed_.push_back({topic, producer.get(), {}});
  ASSIGN_OR_RETURN(Conf conf, ProducerConf(kafka, transactional_id));
  rd_kafka_conf_interceptor_add_on_new(
      conf.get(), "picket",
      [](rd_kafka_t* handle, const rd_kafka_conf_t*, void* opaque, char*, size_t) {
        return rd_kafka_interceptor_add_on_acknowledgement(handle, "picket", OnAcknowledged,
                                                           opaque);
      },
      producer.get());
  rd_kafka_conf_set_opaque(conf.get(), producer.get());
  rd_kafka_conf_set_dr_msg_cb(conf.get(), OnDelivery);
  // Without an error callback, librdkafka writes errors to standard error.
  rd_kafka_conf_set_error_cb(conf.get(), [](rd_kafka_t*, int, const char*, void*) {});
  ASSIGN_OR_RETURN(producer->handle_, MakeHandle(RD_KAFKA_PRODUCER, std::move(conf)));
  return producer;
}

absl::StatusOr<rd_kafka_topic_t*> TransactionalProducer::HandleOf(Topic topic) {
  TopicHandle& handle = topics_[static_cast<size_t>(topic)];
  if (handle != nullptr) return handle.get();
  const TopicSpec& spec = Topics()[static_cast<size_t>(topic)];
  rd_kafka_topic_conf_t* const conf = rd_kafka_default_topic_conf_dup(handle_.get());
  char error[256];
  const std::string codec(spec.compression.empty() ? "none" : spec.compression);
  if (rd_kafka_topic_conf_set(conf, "compression.codec", codec.c_str(), error, sizeof(error)) !=
      RD_KAFKA_CONF_OK) {
    rd_kafka_topic_conf_destroy(conf);
    return absl::InternalError(absl::StrCat("compression of ", ToAbsl(spec.name), ": ", error));
  }
  handle.reset(rd_kafka_topic_new(handle_.get(), TopicName(topic_prefix_, topic).c_str(), conf));
  if (handle == nullptr) {
    return absl::InternalError(
        absl::StrCat("topic ", ToAbsl(spec.name), ": ", rd_kafka_err2str(rd_kafka_last_error())));
  }
  return handle.get();
}

TransactionalProducer::~TransactionalProducer() {
  if (handle_ == nullptr) return;
  // Releases the messages first, because they use the topic handles and point into the batch.
  rd_kafka_purge(handle_.get(), RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT |
                                    RD_KAFKA_PURGE_F_NON_BLOCKING);
  for (TopicHandle& topic : topics_) topic.reset();
}

void TransactionalProducer::OnDelivery(rd_kafka_t*, const rd_kafka_message_t* message,
                                       void* opaque) {
  if (message->err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
    static_cast<TransactionalProducer*>(opaque)->too_large_ = true;
  }
}

// Records the offset that the broker assigned to a message. librdkafka calls this function on a
// thread of the client. Delivery reports would provide the same information, but at the cost of an
// event for every message.
rd_kafka_resp_err_t TransactionalProducer::OnAcknowledged(rd_kafka_t*, rd_kafka_message_t* message,
                                                          void* opaque) {
  if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) return RD_KAFKA_RESP_ERR_NO_ERROR;
  auto& producer = *static_cast<TransactionalProducer*>(opaque);
  // A message without an offset was not acknowledged by the broker. The client only inferred from
  // other answers that the message was delivered. If several such messages follow each other, the
  // client derives the offsets of the later messages from the first by counting. Therefore, only
  // the first message is sure to have no offset.
  if (message->offset < 0) {
    producer.has_message_without_offset_.store(true, std::memory_order_relaxed);
  }
  if (message->_private != nullptr) {
    MutexLock lock(producer.mu_);
    // The callback is called for the messages of a partition in order, so the last call has the
    // highest offset.
    static_cast<FollowedTopic*>(message->_private)->last_offsets[message->partition] =
        message->offset;
  }
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}

std::map<BatchProducer::TopicPartition, int64_t> TransactionalProducer::LastOffsets() {
  MutexLock lock(mu_);
  std::map<TopicPartition, int64_t> offsets;
  for (const FollowedTopic& followed : followed_) {
    for (const auto& [partition, offset] : followed.last_offsets) {
      offsets[{followed.topic, partition}] = offset;
    }
  }
  return offsets;
}

bool TransactionalProducer::HasFatalError() {
  char text[512];
  const rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(handle_.get(), text, sizeof(text));
  if (fatal == RD_KAFKA_RESP_ERR_NO_ERROR) return false;
  error_ = absl::StrCat(rd_kafka_err2name(fatal), ": ", text);
  fenced_ = fatal == RD_KAFKA_RESP_ERR__FENCED || fatal == RD_KAFKA_RESP_ERR_PRODUCER_FENCED ||
            fatal == RD_KAFKA_RESP_ERR_INVALID_PRODUCER_EPOCH;
  return true;
}

CallResult TransactionalProducer::Classify(const char* call, rd_kafka_error_t* error) {
  if (error == nullptr) return CallResult::kOk;
  const ErrorPtr owned(error);
  error_ = absl::StrCat(call, ": ", rd_kafka_error_name(error), ": ", rd_kafka_error_string(error));
  if (rd_kafka_error_is_fatal(error)) {
    (void)HasFatalError();
    return CallResult::kMustRecreate;
  }
  if (rd_kafka_error_txn_requires_abort(error)) return CallResult::kMustAbort;
  return CallResult::kMustRecreate;
}

absl::Status TransactionalProducer::Init(absl::Duration slice) {
  const ErrorPtr error(rd_kafka_init_transactions(handle_.get(), Millis(slice)));
  if (error == nullptr) return absl::OkStatus();
  const std::string text =
      absl::StrCat("initialise transactions: ", rd_kafka_error_name(error.get()), ": ",
                   rd_kafka_error_string(error.get()));
  if (rd_kafka_error_is_fatal(error.get())) (void)HasFatalError();
  return rd_kafka_error_is_retriable(error.get()) ? absl::UnavailableError(text)
                                                  : absl::InternalError(text);
}

CallResult TransactionalProducer::Begin() {
  too_large_ = false;
  has_message_without_offset_ = false;
  {
    MutexLock lock(mu_);
    for (FollowedTopic& followed : followed_) followed.last_offsets.clear();
  }
  return Classify("begin", rd_kafka_begin_transaction(handle_.get()));
}

CallResult TransactionalProducer::Produce(const OutputBatch& batch, absl::Duration limit) {
  const MonotonicTime deadline = SystemMonotonicNow() + limit;
  const absl::Span<const OutputBatch::Entry> entries = batch.entries();
  for (std::vector<size_t>& partitions : queued_bytes_) partitions.clear();
  is_first_.assign(entries.size(), false);
  for (size_t i = 0; i < entries.size(); ++i) {
    std::vector<size_t>& partitions = queued_bytes_[static_cast<size_t>(entries[i].topic)];
    const auto partition = static_cast<size_t>(entries[i].partition);
    if (partition >= partitions.size()) partitions.resize(partition + 1, 0);
    is_first_[i] = std::exchange(partitions[partition], 1) == 0;
  }
  // Sends the first message of each partition before all other messages. The client can then
  // register all partitions with the transaction coordinator in one request. To register another
  // partition later, the client waits until one millisecond after the coordinator's answer, and
  // spins in the meantime.
  for (const bool first : {true, false}) {
    for (size_t i = 0; i < entries.size(); ++i) {
      if (is_first_[i] != first) continue;
      const OutputBatch::Entry& entry = entries[i];
      size_t& queued = queued_bytes_[static_cast<size_t>(entry.topic)][entry.partition];
      const size_t size = OutputBytes(entry.key, entry.value, batch.HeadersOf(entry));
      // The client sends the next request of a partition only after the answer to the previous one,
      // and a flush spins while it waits to send a further request. So the queued messages are
      // flushed here, before the partition needs a second request.
      if (!first && queued + size > kMaxOutputBytes) {
        if (const CallResult result = Flush(deadline - SystemMonotonicNow());
            result != CallResult::kOk)
          return result;
        for (std::vector<size_t>& partitions : queued_bytes_) {
          std::fill(partitions.begin(), partitions.end(), 0);
        }
      }
      queued += size;
      if (const CallResult result = ProduceOne(batch, entry, deadline); result != CallResult::kOk) {
        return result;
      }
    }
  }
  rd_kafka_poll(handle_.get(), 0);
  return CallResult::kOk;
}

CallResult TransactionalProducer::ProduceOne(const OutputBatch& batch,
                                             const OutputBatch::Entry& entry,
                                             MonotonicTime deadline) {
  const absl::StatusOr<rd_kafka_topic_t*> topic = HandleOf(entry.topic);
  if (!topic.ok()) {
    error_ = ToStd(topic.status().message());
    return CallResult::kMustAbort;
  }
  const absl::Span<const Header> headers = batch.HeadersOf(entry);
  arguments_.clear();
  arguments_.reserve(7);
  const auto argument = [this](rd_kafka_vtype_t type) -> auto& {
    arguments_.push_back({});
    arguments_.back().vtype = type;
    return arguments_.back().u;
  };
  argument(RD_KAFKA_VTYPE_RKT).rkt = *topic;
  argument(RD_KAFKA_VTYPE_PARTITION).i32 = entry.partition;
  argument(RD_KAFKA_VTYPE_MSGFLAGS).i = 0;  // no copy, since the batch owns the value
  argument(RD_KAFKA_VTYPE_KEY).mem = {const_cast<char*>(entry.key.data()), entry.key.size()};
  if (!entry.is_tombstone) {
    // librdkafka treats a null pointer as a tombstone, so an empty value needs another pointer.
    const char* value = entry.value.data() == nullptr ? "" : entry.value.data();
    argument(RD_KAFKA_VTYPE_VALUE).mem = {const_cast<char*>(value), entry.value.size()};
  }
  for (FollowedTopic& followed : followed_) {
    if (entry.topic == followed.topic) argument(RD_KAFKA_VTYPE_OPAQUE).ptr = &followed;
  }
  // The headers are built here as one list. If single headers are passed as arguments and
  // librdkafka 2.0.2 refuses the message at once, it frees these headers twice. It refuses a
  // message at once when a partition does not exist, or when our user may no longer write to the
  // topic.
  HeadersPtr list;
  if (!headers.empty()) {
    list.reset(rd_kafka_headers_new(headers.size()));
    for (const Header& header : headers) {
      rd_kafka_header_add(list.get(), header.name.data(), static_cast<ssize_t>(header.name.size()),
                          header.value.data(), static_cast<ssize_t>(header.value.size()));
    }
    argument(RD_KAFKA_VTYPE_HEADERS).headers = list.get();
  }
  while (true) {
    const ErrorPtr error(rd_kafka_produceva(handle_.get(), arguments_.data(), arguments_.size()));
    if (error == nullptr) {
      static_cast<void>(list.release());  // the message owns the headers now
      return CallResult::kOk;
    }
    const rd_kafka_resp_err_t code = rd_kafka_error_code(error.get());
    if (code == RD_KAFKA_RESP_ERR__QUEUE_FULL && SystemMonotonicNow() < deadline) {
      rd_kafka_poll(handle_.get(), 10);
      continue;
    }
    error_ = absl::StrCat("produce: ", rd_kafka_err2name(code), ": ",
                          rd_kafka_error_string(error.get()));
    if (HasFatalError()) return CallResult::kMustRecreate;
    too_large_ = too_large_ || code == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE;
    return CallResult::kMustAbort;
  }
}

CallResult TransactionalProducer::Flush(absl::Duration limit) {
  const rd_kafka_resp_err_t error = rd_kafka_flush(handle_.get(), WaitMillis(limit));
  if (HasFatalError()) return CallResult::kMustRecreate;
  if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
    error_ =
        absl::StrCat("flush: ", rd_kafka_err2name(error), ": ", rd_kafka_outq_len(handle_.get()),
                     " messages were not acknowledged in time");
    return CallResult::kMustAbort;
  }
  if (has_message_without_offset_) {
    error_ = "flush: the client reports messages as delivered to which the broker gave no offset";
    return CallResult::kMustAbort;
  }
  return CallResult::kOk;
}

CallResult TransactionalProducer::SendOffsets(Topic input, const std::vector<InputOffset>& offsets,
                                              const GroupMetadata& metadata, absl::Duration limit) {
  const MonotonicTime deadline = SystemMonotonicNow() + limit;
  const std::string topic = TopicName(topic_prefix_, input);
  const PartitionList list = MakePartitionList(static_cast<int>(offsets.size()));
  for (const InputOffset& offset : offsets) {
    rd_kafka_topic_partition_t* const element =
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), offset.partition);
    element->offset = offset.offset;
    // The list releases the metadata with free().
    element->metadata = ::strdup(offset.metadata.c_str());
    element->metadata_size = offset.metadata.size();
  }
  const auto& group = static_cast<const ClientGroupMetadata&>(metadata);
  while (true) {
    ErrorPtr error(rd_kafka_send_offsets_to_transaction(
        handle_.get(), list.get(), group.get(), WaitMillis(deadline - SystemMonotonicNow())));
    const bool is_retriable = error != nullptr && rd_kafka_error_is_retriable(error.get());
    if (!is_retriable) return Classify("send offsets", error.release());
    if (SystemMonotonicNow() >= deadline) {
      error_ = absl::StrCat("send offsets: ", rd_kafka_error_string(error.get()));
      return CallResult::kMustAbort;
    }
  }
}

CallResult TransactionalProducer::Commit(absl::Duration limit) {
  return Classify("commit", rd_kafka_commit_transaction(handle_.get(), WaitMillis(limit)));
}

CallResult TransactionalProducer::Abort(absl::Duration limit) {
  return Classify("abort", rd_kafka_abort_transaction(handle_.get(), WaitMillis(limit)));
}

}  // namespace picket::kafka
