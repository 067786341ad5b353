#include "kafka/client_config.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/connection_error.h"
#include "kafka/message_size.h"
#include "kafka/topics.h"

namespace picket::kafka {
namespace {

// Forwards librdkafka's log lines to our log. librdkafka calls this function on its own threads.
void ForwardLog(const rd_kafka_t* handle, int level, const char* facility, const char* text) {
  const std::string_view name(facility);
  // librdkafka writes such a warning for each property that applies only to consumers or only to
  // producers. `kafka.properties` may contain both kinds.
  if (name == "CONFWARN") return;
  // Connection errors are logged at debug level only, because the error callback of each worker's
  // consumer also reports them, together with the worker's name.
  const bool is_reported = name == "FAIL" || name == "ERROR";
  const LogLevel as = level <= 3 && !is_reported ? LogLevel::kWarning : LogLevel::kDebug;
  Log(as, "kafka_client",
      {{"handle", rd_kafka_name(handle)}, {"facility", name}, {"text", std::string_view(text)}});
}

constexpr char kClientId[] = "picket";

using ClientSettings = std::initializer_list<std::pair<const char*, std::string>>;

absl::StatusOr<Conf> MakeConf(const KafkaConfig& kafka, ClientSettings settings) {
  Conf conf(rd_kafka_conf_new());
  RETURN_IF_ERROR(SetProperty(conf.get(), "client.id", kClientId));
  RETURN_IF_ERROR(SetProperty(conf.get(), "socket.nagle.disable", "true"));
  // Makes the client reconnect to a restarted broker within one second instead of ten.
  RETURN_IF_ERROR(SetProperty(conf.get(), "reconnect.backoff.max.ms", "1000"));
  RETURN_IF_ERROR(SetProperty(conf.get(), "topic.metadata.refresh.interval.ms", "30000"));
  for (const auto& [name, value] : settings) RETURN_IF_ERROR(SetProperty(conf.get(), name, value));
  // The operator's properties are set last, so that they override our sizes and waits. A property
  // that an operator must not change is refused here too, because not every KafkaConfig is read
  // from a file.
  ASSIGN_OR_RETURN(const auto properties, ClientProperties(kafka));
  for (const auto& [name, value] : properties) {
    if (const std::string why = RefusalOfProperty(name);
        !why.empty() && kafka.properties.count(name) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("kafka.properties: ", name, ": not allowed: ", why));
    }
    RETURN_IF_ERROR(SetProperty(conf.get(), name, value));
  }
  rd_kafka_conf_set_log_cb(conf.get(), ForwardLog);
  RememberCertificateFaults(conf.get());
  return conf;
}

}  // namespace

absl::Status SetProperty(rd_kafka_conf_t* conf, const std::string& name, const std::string& value) {
  char error[512];
  if (rd_kafka_conf_set(conf, name.c_str(), value.c_str(), error, sizeof(error)) !=
      RD_KAFKA_CONF_OK) {
    return absl::InvalidArgumentError(absl::StrCat("kafka.properties: ", name, ": ", error));
  }
  return absl::OkStatus();
}

std::string GroupId(std::string_view prefix, std::string_view stage) {
  return absl::StrCat("picket-", ToAbsl(prefix), ToAbsl(stage));
}

std::string TransactionalIdPrefix(std::string_view prefix, std::string_view stage) {
  return absl::StrCat(GroupId(prefix, stage), "-");
}

std::string MemberName(std::string_view prefix, std::string_view stage, std::string_view instance,
                       int worker) {
  return absl::StrCat(TransactionalIdPrefix(prefix, stage), ToAbsl(instance), "-", worker);
}

absl::Duration HeartbeatInterval(absl::Duration session_timeout) {
  return std::clamp(session_timeout * 3 / 10, absl::Milliseconds(100), absl::Seconds(3));
}

absl::StatusOr<Conf> GroupConsumerConf(const KafkaConfig& kafka, const std::string& group,
                                       const std::string& member,
                                       absl::Duration statistics_interval) {
  const int session = Millis(kafka.session_timeout);
  return MakeConf(
      kafka,
      {
          {"group.id", group},
          {"group.instance.id", member},
          {"session.timeout.ms", absl::StrCat(session)},
          {"heartbeat.interval.ms", absl::StrCat(Millis(HeartbeatInterval(kafka.session_timeout)))},
          {"partition.assignment.strategy", "range"},
          {"isolation.level", "read_committed"},
          {"enable.partition.eof", "true"},
          {"enable.auto.commit", "false"},
          {"enable.auto.offset.store", "false"},
          {"auto.offset.reset", "error"},
          {"check.crcs", "true"},
          {"statistics.interval.ms", absl::StrCat(Millis(statistics_interval))},
          // These settings limit the prefetch. Even with a large backlog, the client uses at most
          // queued.max.messages.kbytes plus the last fetch. The client decompresses a fetch as a
          // whole, and a fetch of `raw` then becomes several times as large.
          {"queued.min.messages", "10000"},
          {"queued.max.messages.kbytes", "16384"},
          {"fetch.message.max.bytes", "1048576"},
          {"fetch.max.bytes", "4194304"},
          {"fetch.min.bytes", "32768"},
          {"fetch.wait.max.ms", "50"},
          {"fetch.error.backoff.ms", "50"},
      });
}

absl::Duration RollCallSession(absl::Duration session_timeout) {
  return std::min(session_timeout, absl::Minutes(1));
}

std::string RollCallClientId(const std::string& name, const ProcessId& process) {
  return absl::StrCat(name, "-", FormatProcessId(process));
}

absl::StatusOr<Conf> RollCallConf(const KafkaConfig& kafka, const std::string& group,
                                  const std::string& name, const ProcessId& process) {
  const absl::Duration session = RollCallSession(kafka.session_timeout);
  ASSIGN_OR_RETURN(Conf conf,
                   MakeConf(kafka, {
                                       {"group.id", group},
                                       {"session.timeout.ms", absl::StrCat(Millis(session))},
                                       {"heartbeat.interval.ms",
                                        absl::StrCat(Millis(HeartbeatInterval(session)))},
                                       {"enable.auto.commit", "false"},
                                       {"enable.auto.offset.store", "false"},
                                   }));
  RETURN_IF_ERROR(SetProperty(conf.get(), "client.id", RollCallClientId(name, process)));
  return conf;
}

absl::StatusOr<Conf> ChangelogConf(const KafkaConfig& kafka) {
  return MakeConf(kafka, {
                             {"isolation.level", "read_committed"},
                             {"enable.partition.eof", "true"},
                             {"auto.offset.reset", "earliest"},
                             {"check.crcs", "true"},
                             // These settings limit how many rows a restore reads ahead.
                             {"queued.min.messages", "10000"},
                             {"queued.max.messages.kbytes", "4096"},
                             {"fetch.message.max.bytes", "2097152"},
                             {"fetch.wait.max.ms", "10"},
                             {"fetch.error.backoff.ms", "50"},
                         });
}

absl::StatusOr<Conf> UncommittedConf(const KafkaConfig& kafka, const std::string& group) {
  return MakeConf(kafka, {
                             {"group.id", group},
                             {"isolation.level", "read_uncommitted"},
                             {"enable.auto.commit", "false"},
                         });
}

absl::StatusOr<Conf> ProducerConf(const KafkaConfig& kafka, const std::string& transactional_id) {
  const int timeout = Millis(kafka.transaction_timeout);
  return MakeConf(kafka, {
                             {"transactional.id", transactional_id},
                             {"transaction.timeout.ms", absl::StrCat(timeout)},
                             {"message.timeout.ms", absl::StrCat(timeout)},
                             {"enable.idempotence", "true"},
                             {"message.max.bytes", absl::StrCat(kMaxMessageBytes)},
                             // The linger time does not delay a transaction, because a flush does
                             // not linger.
                             {"linger.ms", "20"},
                             // A request may be as large as a topic accepts, so that a partition
                             // usually gets only one request in a transaction. A second request
                             // would wait for the answer to the first, and the client's thread
                             // would spin in the meantime (docs/decisions/0010).
                             {"batch.size", absl::StrCat(kMaxOutputBytes)},
                             {"batch.num.messages", "100000"},
                             {"queue.buffering.max.messages", "200000"},
                             {"queue.buffering.max.kbytes", "65536"},
                             {"delivery.report.only.error", "true"},
                         });
}

absl::StatusOr<Handle> MakeHandle(rd_kafka_type_t type, Conf conf) {
  char error[512];
  rd_kafka_t* const handle = rd_kafka_new(type, conf.get(), error, sizeof(error));
  if (handle == nullptr) {
    return absl::InvalidArgumentError(ExplainCreationError(conf.get(), error));
  }
  static_cast<void>(conf.release());  // the handle owns the configuration now
  return Handle(handle);
}

}  // namespace picket::kafka
