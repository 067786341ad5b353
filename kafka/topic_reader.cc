#include "kafka/topic_reader.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "common/clock.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/client_config.h"
#include "kafka/connection_error.h"

namespace picket::kafka {
namespace {

constexpr int kMetadataTimeoutMs = 5000;

// Creates a consumer handle that joins no group.
// Errors of the connection are passed to `on_error` with `opaque`.
using OnClientError = void (*)(rd_kafka_t*, int, const char*, void* opaque);
absl::StatusOr<rd_kafka_t*> NewClient(const KafkaConfig& config, TopicReader::Isolation isolation,
                                      OnClientError on_error, void* opaque) {
  ASSIGN_OR_RETURN(const auto properties, ClientProperties(config));
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  absl::Status status;
  for (const auto& [name, value] : properties) status.Update(SetProperty(conf, name, value));
  status.Update(SetProperty(conf, "group.id", "picket-reader"));  // assign() requires a group id
  status.Update(SetProperty(conf, "enable.auto.commit", "false"));
  status.Update(SetProperty(conf, "enable.partition.eof", "true"));
  status.Update(SetProperty(conf, "auto.offset.reset", "earliest"));
  status.Update(SetProperty(conf, "fetch.wait.max.ms", "50"));
  status.Update(SetProperty(conf, "queued.max.messages.kbytes", "16384"));
  status.Update(SetProperty(
      conf, "isolation.level",
      isolation == TopicReader::Isolation::kReadCommitted ? "read_committed" : "read_uncommitted"));
  if (!status.ok()) {
    rd_kafka_conf_destroy(conf);
    return status;
  }
  RememberCertificateFaults(conf);
  // Silences the library, which would otherwise print the errors that Fault returns.
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  rd_kafka_conf_set_error_cb(conf, on_error);
  rd_kafka_conf_set_opaque(conf, opaque);
  char error[512];
  rd_kafka_t* const client = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
  if (client == nullptr) {
    const std::string cause = ExplainCreationError(conf, error);
    rd_kafka_conf_destroy(conf);
    return absl::InvalidArgumentError(cause);
  }
  return client;
}

// Converts a broker's error about a topic or partition to a status. Errors other than missing
// authorization become Unavailable, since they may be temporary.
absl::Status StatusOf(const std::string& what, rd_kafka_resp_err_t code) {
  const std::string text = absl::StrCat(what, ": ", rd_kafka_err2str(code));
  return code == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ? absl::PermissionDeniedError(text)
                                                              : absl::UnavailableError(text);
}

}  // namespace

struct TopicReader::Impl {
  ~Impl() {
    if (client == nullptr) return;
    rd_kafka_consumer_close(client);
    rd_kafka_destroy(client);
  }

  // Records an error of the connection. librdkafka calls this function from inside a poll.
  static void NoteError(rd_kafka_t* client, int code, const char* text, void* opaque);

  // Passes a message to `on_message`, or records the end of a partition. Returns true if `raw` was
  // a message.
  bool Handle(rd_kafka_message_t* raw, const OnMessage& on_message);

  KafkaConfig config;
  rd_kafka_t* client = nullptr;
  std::string topic;
  int32_t partitions = 0;
  std::vector<int64_t> ends;    // the last known ends, indexed by partition
  std::vector<bool> at_end;     // indexed by partition
  std::vector<Header> headers;  // buffer for the headers of a message
  std::string fault;
  bool is_explained = false;  // `fault` says what to do
};

void TopicReader::Impl::NoteError(rd_kafka_t* client, int code, const char* text, void* opaque) {
  Impl& impl = *static_cast<Impl*>(opaque);
  // A single lost connection is not a fault, because brokers close idle connections.
  if (code == RD_KAFKA_RESP_ERR__TRANSPORT && impl.fault.empty()) return;
  // This error follows the actual cause and contains less information.
  if (code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !impl.fault.empty()) return;
  const ExplainedError explained = ExplainClientError(static_cast<rd_kafka_resp_err_t>(code), text,
                                                      LoginPropertiesOf(rd_kafka_conf(client)));
  if (impl.is_explained && !explained.is_explained) return;  // a consequence of the known cause
  impl.fault = explained.text;
  impl.is_explained = explained.is_explained;
}

bool TopicReader::Impl::Handle(rd_kafka_message_t* raw, const OnMessage& on_message) {
  if (raw->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
    ends[raw->partition] = std::max(ends[raw->partition], raw->offset);
    at_end[raw->partition] = true;
    fault.clear();
    is_explained = false;
    return false;
  }
  if (raw->err != RD_KAFKA_RESP_ERR_NO_ERROR) {  // the library recovers by itself
    fault = rd_kafka_message_errstr(raw);
    is_explained = false;
    return false;
  }
  fault.clear();
  is_explained = false;
  at_end[raw->partition] = false;
  on_message(ToMessage(*raw, topic, headers));
  return true;
}

TopicReader::TopicReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TopicReader::~TopicReader() = default;
const std::string& TopicReader::Fault() const { return impl_->fault; }
int32_t TopicReader::partitions() const { return impl_->partitions; }
bool TopicReader::at_end() const {
  return std::find(impl_->at_end.begin(), impl_->at_end.end(), false) == impl_->at_end.end();
}

absl::StatusOr<std::unique_ptr<TopicReader>> TopicReader::Open(const KafkaConfig& config,
                                                               const std::string& topic,
                                                               Isolation isolation) {
  auto impl = std::make_unique<Impl>();
  impl->config = config;
  impl->topic = topic;
  ASSIGN_OR_RETURN(impl->client, NewClient(config, isolation, Impl::NoteError, impl.get()));
  rd_kafka_poll_set_consumer(impl->client);

  rd_kafka_topic_t* const handle = rd_kafka_topic_new(impl->client, topic.c_str(), nullptr);
  const rd_kafka_metadata_t* metadata = nullptr;
  const rd_kafka_resp_err_t code =
      rd_kafka_metadata(impl->client, 0, handle, &metadata, kMetadataTimeoutMs);
  rd_kafka_resp_err_t topic_code = RD_KAFKA_RESP_ERR_NO_ERROR;
  if (code == RD_KAFKA_RESP_ERR_NO_ERROR) {
    if (metadata->topic_cnt == 1) {
      topic_code = metadata->topics[0].err;
      if (topic_code == RD_KAFKA_RESP_ERR_NO_ERROR) {
        impl->partitions = metadata->topics[0].partition_cnt;
      }
    }
    rd_kafka_metadata_destroy(metadata);
  }
  rd_kafka_topic_destroy(handle);
  if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
    // Calls NoteError for the errors that have arrived. Nothing is assigned, so no message can
    // arrive.
    if (rd_kafka_message_t* const raw = rd_kafka_consumer_poll(impl->client, 0); raw != nullptr) {
      rd_kafka_message_destroy(raw);
    }
    return absl::UnavailableError(
        absl::StrCat("no answer from Kafka at ", config.bootstrap_servers, ": ",
                     impl->fault.empty() ? rd_kafka_err2str(code) : impl->fault));
  }
  if (topic_code != RD_KAFKA_RESP_ERR_NO_ERROR &&
      topic_code != RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART) {
    return StatusOf(absl::StrCat("topic ", topic), topic_code);
  }
  if (impl->partitions == 0) {
    return absl::NotFoundError(
        absl::StrCat("topic ", topic, " does not exist; create it with `picket topics create`"));
  }

  rd_kafka_topic_partition_list_t* const list = rd_kafka_topic_partition_list_new(impl->partitions);
  for (int32_t p = 0; p < impl->partitions; ++p) {
    rd_kafka_topic_partition_list_add(list, topic.c_str(), p)->offset = RD_KAFKA_OFFSET_BEGINNING;
  }
  rd_kafka_assign(impl->client, list);
  rd_kafka_topic_partition_list_destroy(list);
  impl->ends.assign(impl->partitions, -1);
  impl->at_end.assign(impl->partitions, false);
  return std::unique_ptr<TopicReader>(new TopicReader(std::move(impl)));
}

int TopicReader::Poll(absl::Duration timeout, const OnMessage& on_message) {
  int messages = 0;
  const MonotonicTime deadline = SystemMonotonicNow() + timeout;
  for (absl::Duration left = timeout;; left = deadline - SystemMonotonicNow()) {
    const int wait_ms = std::max<int64_t>(0, absl::ToInt64Milliseconds(left));
    rd_kafka_message_t* const raw = rd_kafka_consumer_poll(impl_->client, wait_ms);
    if (raw == nullptr) return messages;
    messages += impl_->Handle(raw, on_message);
    rd_kafka_message_destroy(raw);
    if (SystemMonotonicNow() >= deadline) return messages;
  }
}

absl::Status TopicReader::ReadToEnd(absl::Duration timeout, const OnMessage& on_message) {
  const MonotonicTime deadline = SystemMonotonicNow() + timeout;
  // Queries the ends with a read_uncommitted client, because this function also waits for the
  // transactions that are open now. A read_committed client would report an end before these
  // transactions.
  ASSIGN_OR_RETURN(rd_kafka_t* const ends_client,
                   NewClient(
                       impl_->config, Isolation::kReadUncommitted,
                       [](rd_kafka_t*, int, const char*, void*) {}, nullptr));
  std::vector<int64_t> targets(impl_->partitions);
  absl::Status status;
  for (int32_t p = 0; p < impl_->partitions; ++p) {
    int64_t low = 0;
    const rd_kafka_resp_err_t code = rd_kafka_query_watermark_offsets(
        ends_client, impl_->topic.c_str(), p, &low, &targets[p], kMetadataTimeoutMs);
    if (code != RD_KAFKA_RESP_ERR_NO_ERROR) {
      status.Update(StatusOf(absl::StrCat("end of ", impl_->topic, " ", p), code));
    }
    // An empty partition contains no message to wait for.
    if (targets[p] == low) targets[p] = -1;
  }
  rd_kafka_destroy(ends_client);
  RETURN_IF_ERROR(status);
  const auto reached = [&] {
    for (int32_t p = 0; p < impl_->partitions; ++p) {
      if (impl_->ends[p] < targets[p]) return false;
    }
    return true;
  };
  while (!reached()) {
    if (SystemMonotonicNow() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the end of ", impl_->topic, " was not reached in time",
                       impl_->fault.empty() ? "" : ": ", impl_->fault));
    }
    Poll(absl::Milliseconds(50), on_message);
  }
  return absl::OkStatus();
}

}  // namespace picket::kafka
