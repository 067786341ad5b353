#include "tests/integration/toy_kafka.h"

#include <cstdio>
#include <cstdlib>
#include <random>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/topic_reader.h"
#include "tests/support/wait_for.h"

namespace picket::kafka {

bool WaitFor(const std::function<bool()>& condition, absl::Duration limit) {
  return picket::WaitFor(limit, condition, absl::Milliseconds(10));
}

void ToyKafka::SetUp() {
  const char* const servers = std::getenv("PICKET_TEST_KAFKA");
  if (servers == nullptr || *servers == '\0') {
    const char* const ci = std::getenv("CI");
    ASSERT_FALSE(ci != nullptr && std::string_view(ci) == "true")
        << "PICKET_TEST_KAFKA must name a Kafka (host:port)";
    std::fprintf(stderr,
                 "SKIPPED: PICKET_TEST_KAFKA names no Kafka (host:port); run scripts/test\n");
    GTEST_SKIP() << "PICKET_TEST_KAFKA names no Kafka (host:port)";
  }
  std::random_device random;
  run_ = absl::StrCat(absl::Hex(random(), absl::kZeroPad8));
  kafka_.bootstrap_servers = servers;
  kafka_.session_timeout = absl::Seconds(6);
  topics_.prefix = absl::StrCat("toy-", run_, ".");
  topics_.partitions = kPartitions;
  topics_.replication_factor = 1;
  ASSERT_TRUE(CreateTopics(kafka_, topics_).ok());
}

WorkerOptions ToyKafka::Options(const std::string& instance, int workers) const {
  WorkerOptions options;
  options.workers = workers;
  options.kafka = kafka_;
  options.kafka.instance = absl::StrCat(run_, "-", instance);
  options.topics = topics_;
  return options;
}

namespace {

Handle PlainProducer(const KafkaConfig& kafka) {
  rd_kafka_conf_t* conf = rd_kafka_conf_new();
  char error[256];
  rd_kafka_conf_set(conf, "bootstrap.servers", kafka.bootstrap_servers.c_str(), error,
                    sizeof(error));
  rd_kafka_conf_set(conf, "enable.idempotence", "true", error, sizeof(error));
  rd_kafka_conf_set(conf, "linger.ms", "1", error, sizeof(error));
  // Allows only one request at a time. The broker of a newly created partition may refuse the first
  // request and accept the second. The client then counts both requests as delivered, and the
  // messages of the first request are lost (docs/decisions/0011).
  rd_kafka_conf_set(conf, "max.in.flight.requests.per.connection", "1", error, sizeof(error));
  rd_kafka_conf_set_dr_msg_cb(conf, [](rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR) return;
    ADD_FAILURE() << "not delivered to partition " << message->partition << ": "
                  << rd_kafka_err2str(message->err);
  });
  return Handle(rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error)));
}

void Produce(rd_kafka_t* producer, const std::string& topic, int32_t partition,
             const std::string& key, const std::string& value) {
  ASSERT_EQ(rd_kafka_producev(
                producer, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key.data(), key.size()),
                RD_KAFKA_V_VALUE(const_cast<char*>(value.data()), value.size()), RD_KAFKA_V_END),
            RD_KAFKA_RESP_ERR_NO_ERROR);
}

}  // namespace

void ToyKafka::Send(int count, size_t padding) {
  const Handle producer = PlainProducer(kafka_);
  const std::string topic = TopicName(topics_.prefix, Topic::kRaw);
  for (int i = 0; i < count; ++i) {
    for (int k = 0; k < kKeys; ++k) {
      const std::string key = absl::StrCat("key-", k);
      const std::string value = absl::StrCat(sent_[key].size(), std::string(padding, '.'));
      Produce(producer.get(), topic, PartitionOf(key, kPartitions), key, value);
      sent_[key].push_back(value);
      ++sent_count_;
    }
  }
  ASSERT_EQ(rd_kafka_flush(producer.get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

void ToyKafka::SendOne(const std::string& key, const std::string& value) {
  const Handle producer = PlainProducer(kafka_);
  Produce(producer.get(), TopicName(topics_.prefix, Topic::kRaw), PartitionOf(key, kPartitions),
          key, value);
  ASSERT_EQ(rd_kafka_flush(producer.get(), 10000), RD_KAFKA_RESP_ERR_NO_ERROR);
}

std::vector<Row> ToyKafka::Read(Topic topic) const {
  std::vector<Row> rows;
  absl::Status status;
  // Retries, because some brokers may not know the leaders of new partitions yet.
  const bool is_read = WaitFor([&] {
    rows.clear();
    auto reader = TopicReader::Open(kafka_, TopicName(topics_.prefix, topic),
                                    TopicReader::Isolation::kReadCommitted);
    status = reader.status();
    if (!status.ok()) return false;
    status = (*reader)->ReadToEnd(absl::Seconds(30), [&](const Message& message) {
      Row row{message.partition,
              message.offset,
              std::string(message.key),
              std::string(message.value),
              {}};
      for (const Header& header : message.headers) {
        row.headers.emplace(std::string(header.name), std::string(header.value));
      }
      rows.push_back(std::move(row));
    });
    return status.ok();
  });
  EXPECT_TRUE(is_read) << status;
  return rows;
}

testing::AssertionResult ToyKafka::EveryMessageOnce() const {
  std::map<std::string, std::vector<std::string>> got;
  for (Row& row : Read(Topic::kEvents)) got[row.key].push_back(std::move(row.value));
  testing::AssertionResult result = testing::AssertionFailure();
  bool is_exact = true;
  for (const auto& [key, values] : sent_) {
    std::vector<std::string> expected;
    for (const std::string& value : values) {
      expected.push_back(absl::StrCat(expected.size() + 1, " ", value));
    }
    if (got[key] == expected) continue;
    is_exact = false;
    result << key << ": sent " << expected.size() << ", came out " << got[key].size();
    for (size_t i = 0; i < std::max(expected.size(), got[key].size()); ++i) {
      const std::string wanted = i < expected.size() ? expected[i] : "nothing";
      const std::string found = i < got[key].size() ? got[key][i] : "nothing";
      if (wanted == found) continue;
      result << ", first difference at " << i << ": '" << wanted << "' became '" << found << "'";
      break;
    }
    result << "\n";
  }
  return is_exact ? testing::AssertionSuccess() : result;
}

RunningWorkers::RunningWorkers(WorkerOptions options, std::map<int32_t, ToyCopy>* copies,
                               InterferingClients::Interfere interfere)
    : switches{.copies = copies, .metrics = &metrics},
      cluster_(options.kafka, options.topics),
      clients_(
          cluster_, interfere != nullptr ? std::move(interfere)
                                         : [](TransactionCall) { return Interference::kNone; }),
      workers_(
          std::move(options), [this](int) { return std::make_unique<ToyStage>(&switches); },
          metrics, clients_, clock_),
      thread_([this](const std::stop_token& stop) {
        status_ = workers_.Run(stop);
        ended_ = true;
      }) {}

absl::Status RunningWorkers::Stop() {
  if (thread_.joinable()) {
    thread_.request_stop();
    thread_.join();
  }
  return status_;
}

}  // namespace picket::kafka
