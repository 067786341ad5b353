#include "tests/stay_up/kafka_cluster.h"

#include <librdkafka/rdkafka.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <random>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "absl/time/clock.h"
#include "common/check.h"
#include "common/file.h"
#include "common/strings.h"
#include "kafka/client_config.h"
#include "tests/pipeline/pipeline.h"

namespace picket {
namespace {

// Returns the output of a shell command. Sets `status` to 0 if the command succeeds.
std::string OutputOf(const std::string& command, int& status) {
  std::FILE* const pipe = popen(command.c_str(), "re");
  PICKET_CHECK(pipe != nullptr);
  std::string output;
  std::array<char, 4096> bytes;
  while (const size_t count = fread(bytes.data(), 1, bytes.size(), pipe)) {
    output.append(bytes.data(), count);
  }
  status = pclose(pipe);
  return output;
}

// Returns true if the process runs. A process that has ended but was not waited for does not run.
bool IsRunning(pid_t pid) {
  const std::string stat = ReadFile(absl::StrCat("/proc/", pid, "/stat")).value_or("");
  const size_t name_end = stat.rfind(')');
  return name_end != std::string::npos && name_end + 2 < stat.size() && stat[name_end + 2] != 'Z' &&
         stat[name_end + 2] != 'X';
}

}  // namespace

KafkaCluster::KafkaCluster(int brokers) : brokers_(brokers) {
  data_ = (std::filesystem::temp_directory_path() /
           absl::StrCat("picket-stay-up-kafka-", getpid(), "-", absl::Hex(std::random_device{}())))
              .string();
  // The guard's input ends when this program ends, however it ends.
  guard_ =
      popen(absl::StrCat("exec setsid sh -c 'cat > /dev/null; test ! -e ", data_,
                         " || exec deploy/kafka/stop --purge --data ", data_, "' > /dev/null 2>&1")
                .c_str(),
            "we");
  PICKET_CHECK(guard_ != nullptr);
  if (!RunStart()) error_ = absl::StrCat("deploy/kafka/start failed: ", error_);
}

KafkaCluster::~KafkaCluster() {
  if (error_.empty()) {
    // Nobody needs the data, so the brokers need not end in an orderly way.
    for (int n = 1; n <= brokers_; ++n) kill(PidOf(n), SIGKILL);
  }
  pclose(guard_);
}

bool KafkaCluster::RunStart() {
  int status = 0;
  const std::string output =
      OutputOf(absl::StrCat("PICKET_KAFKA_START_SECS=240 deploy/kafka/start --brokers ", brokers_,
                            " --data ", data_, " 2>&1"),
               status);
  for (absl::string_view line : absl::StrSplit(output, '\n')) {
    if (absl::ConsumePrefix(&line, "bootstrap=")) bootstrap_ = std::string(line);
  }
  if (status == 0 && !bootstrap_.empty()) return true;
  error_ = output;
  return false;
}

std::vector<int> KafkaCluster::Ports() const {
  std::vector<int> ports;
  for (const absl::string_view server : absl::StrSplit(bootstrap_, ',')) {
    int port = 0;
    PICKET_CHECK(absl::SimpleAtoi(server.substr(server.rfind(':') + 1), &port));
    ports.push_back(port);
  }
  return ports;
}

pid_t KafkaCluster::PidOf(int broker) const {
  const std::string text = ReadFile(absl::StrCat(data_, "/broker-", broker, "/pid")).value_or("");
  pid_t pid = 0;
  PICKET_CHECK(absl::SimpleAtoi(text, &pid));
  return pid;
}

void KafkaCluster::Stall(int broker) { PICKET_CHECK(kill(PidOf(broker), SIGSTOP) == 0); }

void KafkaCluster::Resume(int broker) { PICKET_CHECK(kill(PidOf(broker), SIGCONT) == 0); }

void KafkaCluster::Restart(int broker) {
  Stop(broker);
  Start();
}

void KafkaCluster::Stop(int broker) {
  const pid_t pid = PidOf(broker);
  PICKET_CHECK(kill(pid, SIGTERM) == 0);
  if (!WaitFor(absl::Seconds(60), [&] { return !IsRunning(pid); })) {
    PICKET_CHECK(kill(pid, SIGKILL) == 0);
    PICKET_CHECK(WaitFor(absl::Seconds(20), [&] { return !IsRunning(pid); }));
  }
}

void KafkaCluster::Start() {
  if (!RunStart()) {
    std::fprintf(stderr, "%s\n", error_.c_str());
    PICKET_CHECK(!"a broker cannot be started again");
  }
}

bool KafkaCluster::IsInSync() const {
  rd_kafka_conf_t* const conf = rd_kafka_conf_new();
  char error[256];
  PICKET_CHECK(rd_kafka_conf_set(conf, "bootstrap.servers", bootstrap_.c_str(), error,
                                 sizeof(error)) == RD_KAFKA_CONF_OK);
  const kafka::Handle client(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
  PICKET_CHECK(client != nullptr);
  const struct rd_kafka_metadata* metadata = nullptr;
  if (rd_kafka_metadata(client.get(), 1, nullptr, &metadata, 5000) != RD_KAFKA_RESP_ERR_NO_ERROR) {
    return false;
  }
  bool is_in_sync = metadata->broker_cnt == brokers_;
  for (int t = 0; t < metadata->topic_cnt; ++t) {
    const rd_kafka_metadata_topic& topic = metadata->topics[t];
    for (int p = 0; p < topic.partition_cnt; ++p) {
      is_in_sync = is_in_sync && topic.partitions[p].isr_cnt == topic.partitions[p].replica_cnt;
    }
  }
  rd_kafka_metadata_destroy(metadata);
  return is_in_sync;
}

bool KafkaCluster::WaitUntilInSync(absl::Duration timeout) const {
  return WaitFor(timeout, [&] { return IsInSync(); });
}

}  // namespace picket
