#include "tests/pipeline/pipeline.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/check.h"
#include "common/file.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/topic_reader.h"
#include "tests/support/kafka/group_offsets.h"
#include "tests/support/wait_for.h"

namespace picket {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(120);

void Require(const absl::Status& status) {
  if (status.ok()) return;
  std::fprintf(stderr, "%s\n", status.ToString().c_str());
  std::abort();
}

}  // namespace

Pipeline::Pipeline(const std::string& name, PipelineOptions options,
                   simulator::Simulator& simulator)
    : options_(std::move(options)), simulator_(simulator) {
  kafka_.bootstrap_servers = options_.bootstrap_servers.empty() ? std::getenv("PICKET_TEST_KAFKA")
                                                                : options_.bootstrap_servers;
  prefix_ = absl::StrCat(name, "-", absl::Hex(std::random_device{}()), ".");
  folder_ = (std::filesystem::temp_directory_path() /
             absl::StrCat("picket-", name, "-", getpid(), "-", absl::Hex(std::random_device{}())))
                .string();
  std::filesystem::create_directories(folder_);
  kafka::TopicsConfig topics;
  topics.prefix = prefix_;
  topics.partitions = options_.partitions;
  topics.replication_factor = options_.replication_factor;
  Require(kafka::CreateTopics(kafka_, topics).status());

  Require(simulator::WriteTenantFiles(folder_, simulator_.tenants(), simulator_.url(),
                                      options_.tenant_settings));
}

Pipeline::~Pipeline() {
  services_.clear();  // kills the services that are still running
  if (std::getenv("PICKET_KEEP_TEST_FOLDERS") == nullptr) std::filesystem::remove_all(folder_);
}

ServiceProcess& Pipeline::Add(const std::string& stage, const std::string& instance,
                              std::vector<std::string> environment, const std::string& file_name) {
  const std::string base = absl::StrCat(
      folder_, "/", file_name.empty() ? absl::StrCat(stage, "-", instance) : file_name);
  std::string properties;
  for (const auto& [name, value] : options_.kafka_properties) {
    absl::StrAppend(&properties, properties.empty() ? "\n  properties:" : "", "\n    ", name,
                    ": \"", value, "\"");
  }
  std::string config = absl::StrCat(
      "kafka:\n  bootstrap_servers: ", kafka_.bootstrap_servers,
      "\n  instance: ", options_.prefix_in_instance ? prefix_ : "", instance,
      "\n  workers: ", options_.workers,
      "\n  session_timeout_secs: ", absl::ToDoubleSeconds(options_.session_timeout), properties,
      "\ntopics:\n  prefix: ", prefix_, "\n  partitions: ", options_.partitions,
      "\n  replication_factor: ", options_.replication_factor, "\ntenants_dir: tenants.d\n",
      "fetcher:\n  poll_interval_secs: 1\n  settle_secs: 0\n  overlap_secs: ",
      absl::ToDoubleSeconds(options_.overlap), "\n");
  if (!options_.rules_dir.empty()) {
    absl::StrAppend(&config, "detector:\n  rules_dir: ", options_.rules_dir, "\n");
  }
  std::string parser;
  if (options_.duplicate_budget_bytes > 0) {
    absl::StrAppend(&parser, "  duplicate_dir: ", duplicate_dir(), "\n");
  }
  if (!options_.mask_key.empty()) {
    Require(WriteFile(absl::StrCat(folder_, "/mask.key"), options_.mask_key));
    absl::StrAppend(&parser, "  mask_key_file: mask.key\n");
  }
  if (!parser.empty()) absl::StrAppend(&config, "parser:\n", parser);
  Require(WriteFile(absl::StrCat(base, ".yaml"), config));

  auto service = std::make_unique<ServiceProcess>();
  service->stage = stage;
  service->instance = instance;
  const std::string progress_file = absl::StrCat(base, ".steps");
  std::vector<std::string> arguments = {PicketBinary(),    stage,
                                        "--config",        absl::StrCat(base, ".yaml"),
                                        "--progress-file", progress_file};
  if (options_.duplicate_budget_bytes > 0) {
    arguments.push_back("--duplicate-budget-bytes");
    arguments.push_back(absl::StrCat(options_.duplicate_budget_bytes));
  }
  service->process = std::make_unique<ChildProcess>(
      std::move(arguments), absl::StrCat(base, ".log"), std::move(environment));
  service->steps = std::make_unique<StepView>(progress_file, options_.workers);
  services_.push_back(std::move(service));
  return *services_.back();
}

void Pipeline::ReadTopic(kafka::Topic topic,
                         const std::function<void(const kafka::Message&)>& on_message) {
  auto reader =
      kafka::TopicReader::Open(kafka_, Topic(topic), kafka::TopicReader::Isolation::kReadCommitted);
  Require(reader.status());
  // While the leader of a partition moves, the read fails before it passes any message.
  absl::Status status;
  WaitFor(kReadTimeout, [&] {
    status = (*reader)->ReadToEnd(kReadTimeout, on_message);
    return !absl::IsUnavailable(status);
  });
  Require(status);
}

TopicContents Pipeline::Read() {
  TopicContents contents;
  ReadTopic(kafka::Topic::kRaw, [&](const kafka::Message& message) {
    ++contents.raw[absl::StrCat(ToAbsl(message.FindHeader("content-id").value_or("?")), " ",
                                ToAbsl(message.FindHeader("chunk").value_or("")))];
  });
  ReadTopic(kafka::Topic::kEvents, [&](const kafka::Message& message) {
    const std::string uid(message.key);
    ++contents.events[uid];
    contents.event_times[uid] = absl::FromUnixMillis(message.timestamp_ms);
  });
  ReadTopic(kafka::Topic::kEventsEcs,
            [&](const kafka::Message& message) { ++contents.ecs[std::string(message.key)]; });
  ReadTopic(kafka::Topic::kSeen, [&](const kafka::Message& message) {
    // The value begins with a version byte and the time of arrival (8 bytes). For each record, an
    // Id (16 bytes) and an hour (4 bytes) follow (docs/formats.md).
    for (size_t at = 9; at + 20 <= message.value.size(); at += 20) {
      ++contents.seen[absl::StrCat(ToAbsl(message.key), ToAbsl(message.value.substr(at, 16)))];
    }
  });
  ReadTopic(kafka::Topic::kLedger, [&](const kafka::Message& message) {
    contents.ledger[std::string(message.key)] = std::string(message.value);
  });
  ReadTopic(kafka::Topic::kAlerts, [&](const kafka::Message& message) {
    ++contents.alerts[std::string(message.key)];
    contents.alert_json.emplace_back(message.value);
  });
  ReadTopic(kafka::Topic::kCoverage, [&](const kafka::Message& message) {
    contents.shortened_windows +=
        message.key.find("|duplicate_window|") != std::string_view::npos ? 1 : 0;
  });
  ReadTopic(kafka::Topic::kDeadLetters, [&](const kafka::Message& message) {
    contents.dead_letters.push_back(
        absl::StrCat(ToAbsl(message.FindHeader("dead-letter-reason").value_or("?")), ": ",
                     ToAbsl(message.value.substr(0, 200))));
  });
  return contents;
}

bool ServiceProcess::IsPolling() const {
  for (int worker = 0; worker < steps->workers(); ++worker) {
    const kafka::WorkerStep step = steps->At(worker);
    if (step == kafka::WorkerStep::kStarting || step == kafka::WorkerStep::kRestoring ||
        step == kafka::WorkerStep::kStopped) {
      return false;
    }
  }
  return process->running();
}

TransactionCounts Pipeline::TransactionsOf(const std::map<std::string, TransactionCounts>& log,
                                           const std::string& stage) const {
  return Sum(log, absl::StrCat("picket-", prefix_, stage, "-"));
}

bool Pipeline::WaitUntilProcessed(const simulator::Feed& feed, absl::Duration timeout) {
  if (!WaitFor(absl::Minutes(10), [&] { return feed.AllPublished(); })) return false;
  size_t records = 0;
  for (const auto& [tenant, ids] : feed.PublishedIds()) records += ids.size();
  return WaitUntilRead("detector", kafka::Topic::kEvents, static_cast<int64_t>(records), timeout);
}

bool Pipeline::WaitUntilRead(const std::string& stage, kafka::Topic input, int64_t messages,
                             absl::Duration timeout) {
  const absl::Time deadline = absl::Now() + timeout;
  // Transaction markers and aborted messages may follow the last committed message of a partition.
  // Therefore, the offset of this message cannot be derived from the end offset of the partition.
  std::vector<int64_t> last(options_.partitions, -1);
  auto reader =
      kafka::TopicReader::Open(kafka_, Topic(input), kafka::TopicReader::Isolation::kReadCommitted);
  Require(reader.status());
  for (int64_t seen = 0; seen < messages;) {
    if (absl::Now() > deadline) return false;
    seen += (*reader)->Poll(absl::Milliseconds(50), [&](const kafka::Message& message) {
      last[message.partition] = message.offset;
    });
  }
  const std::string group = absl::StrCat("picket-", prefix_, stage);
  return WaitFor(deadline - absl::Now(), [&] {
    const auto committed =
        kafka::CommittedOffsets(kafka_, group, Topic(input), options_.partitions, absl::Seconds(2));
    if (!committed.ok()) return false;
    for (int p = 0; p < options_.partitions; ++p) {
      if (last[p] >= 0 && (*committed)[p] <= last[p]) return false;
    }
    return true;
  });
}

int AdminPortOf(const std::string& log_path) {
  const std::string log = ReadFile(log_path).value_or("");
  constexpr std::string_view kPort = "admin_port=";
  const size_t at = log.rfind(kPort);
  return at == std::string::npos ? 0 : std::atoi(log.c_str() + at + kPort.size());
}

int Pipeline::Count(kafka::Topic topic) {
  int count = 0;
  ReadTopic(topic, [&](const kafka::Message&) { ++count; });
  return count;
}

}  // namespace picket
