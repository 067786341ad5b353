#include "kafka/embedded_broker.h"

// rdkafka_mock.h must be included after rdkafka.h.
#include <librdkafka/rdkafka.h>
// clang-format off
#include <librdkafka/rdkafka_mock.h>
// clang-format on

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <stop_token>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "kafka/topics.h"

namespace picket::kafka {
namespace {

// Keeps the mock cluster's thread awake. In librdkafka 2.0.2 this thread misses wake-ups from the
// library's own functions, so each call of such a function can take a whole second. A connection to
// the cluster's port always wakes the thread. Therefore, a Nudge opens and closes a connection
// every millisecond.
class Nudge {
 public:
  explicit Nudge(std::string_view bootstrap_servers) {
    const size_t colon = bootstrap_servers.rfind(':');
    uint16_t port = 0;
    std::from_chars(bootstrap_servers.data() + colon + 1,
                    bootstrap_servers.data() + bootstrap_servers.size(), port);
    thread_ = std::jthread([port](const std::stop_token& stop) {
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(port);
      while (!stop.stop_requested()) {
        const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd >= 0) {
          (void)connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
          close(fd);
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
      }
    });
  }

 private:
  std::jthread thread_;
};

}  // namespace

struct EmbeddedBroker::Impl {
  ~Impl() {
    if (cluster != nullptr) {
      const Nudge nudge(rd_kafka_mock_cluster_bootstraps(cluster));
      rd_kafka_mock_cluster_destroy(cluster);
    }
    if (handle != nullptr) rd_kafka_destroy(handle);
  }

  rd_kafka_t* handle = nullptr;  // the mock cluster needs a client, which connects nowhere
  rd_kafka_mock_cluster_t* cluster = nullptr;
};

absl::StatusOr<std::unique_ptr<EmbeddedBroker>> EmbeddedBroker::Start(const TopicsConfig& topics) {
  auto impl = std::make_unique<Impl>();
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  // Without this callback, the library prints to standard error when the cluster starts and stops.
  rd_kafka_conf_set_log_cb(conf, [](const rd_kafka_t*, int, const char*, const char*) {});
  std::array<char, 512> wrong{};
  impl->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, wrong.data(), wrong.size());
  if (impl->handle == nullptr) {
    rd_kafka_conf_destroy(conf);
    return absl::InternalError(absl::StrCat("start the embedded broker: ", wrong.data()));
  }
  impl->cluster = rd_kafka_mock_cluster_new(impl->handle, /*broker_cnt=*/1);
  if (impl->cluster == nullptr) {
    return absl::UnavailableError(
        "start the embedded broker: no port of 127.0.0.1 could be opened; has the process reached "
        "its limit of open files (ulimit -n)?");
  }
  const Nudge nudge(rd_kafka_mock_cluster_bootstraps(impl->cluster));
  for (const TopicSpec& spec : Topics()) {
    const std::string name = TopicName(topics.prefix, spec.topic);
    const int partitions = spec.single_partition ? 1 : static_cast<int>(topics.partitions);
    const rd_kafka_resp_err_t error =
        rd_kafka_mock_topic_create(impl->cluster, name.c_str(), partitions, 1);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
      return absl::InternalError(absl::StrCat("start the embedded broker: make topic ", name, ": ",
                                              rd_kafka_err2str(error)));
    }
  }
  return std::unique_ptr<EmbeddedBroker>(new EmbeddedBroker(std::move(impl)));
}

EmbeddedBroker::EmbeddedBroker(std::unique_ptr<Impl> impl)
    : impl_(std::move(impl)),
      bootstrap_servers_(rd_kafka_mock_cluster_bootstraps(impl_->cluster)) {}

EmbeddedBroker::~EmbeddedBroker() = default;

KafkaConfig EmbeddedBroker::ClientConfig() const {
  KafkaConfig config;
  config.bootstrap_servers = bootstrap_servers_;
  config.instance = "embedded";
  config.is_embedded = true;
  return config;
}

void EmbeddedBroker::FailRequests(int16_t api_key, int16_t error_code, int count) {
  const std::vector<rd_kafka_resp_err_t> errors(count,
                                                static_cast<rd_kafka_resp_err_t>(error_code));
  rd_kafka_mock_push_request_errors_array(impl_->cluster, api_key, errors.size(), errors.data());
}

void EmbeddedBroker::SetTopicError(const std::string& topic, int16_t error_code) {
  rd_kafka_mock_topic_set_error(impl_->cluster, topic.c_str(),
                                static_cast<rd_kafka_resp_err_t>(error_code));
}

TopicsConfig EmbeddedBroker::SmallTopics() {
  TopicsConfig topics;
  topics.partitions = 4;
  topics.replication_factor = 1;
  return topics;
}

}  // namespace picket::kafka
