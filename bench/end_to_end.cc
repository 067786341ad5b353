// Measures the services with a real Kafka broker: records per second, records per CPU-second, and
// the latency from a message on `raw` to its alert. `scripts/bench end_to_end` starts the broker
// and sets PICKET_TEST_KAFKA.
//
// The throughput is measured in rounds. In each round, messages are written to `raw` while the
// services are stopped. Then the services process these messages. The first round is not counted,
// because it includes the start of the services.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "kafka/topic_reader.h"
#include "simulator/simulator.h"
#include "simulator/workday.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/raw_producer.h"
#include "tests/support/kafka/group_offsets.h"

namespace picket {
namespace {

constexpr int kPartitions = 24;

struct Options {
  int64_t records = 200'000;
  int rounds = 5;
  std::map<std::string, std::string> properties;
  int records_per_blob = 200;
  int tenants = 16;
  int workers = 1;
  double latency_secs = 20;  // if 0, only the throughput is measured
  bool restart = false;
};

// Returns the user and system time of a running process, from /proc.
double CpuSecondsOf(pid_t pid) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(absl::StrCat("/proc/", pid, "/stat").c_str(), "r"), &std::fclose);
  if (file == nullptr) return 0;
  unsigned long user = 0, system = 0;
  // The second word is the name of the process. The names of Picket's services contain no blanks.
  if (std::fscanf(file.get(), "%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user,
                  &system) != 2) {
    return 0;
  }
  return static_cast<double>(user + system) / static_cast<double>(sysconf(_SC_CLK_TCK));
}

struct Blob {
  std::string tenant;
  std::string id;
  std::string body;
};

// The messages that are written to `raw` in one round. Each message contains a blob.
struct Load {
  std::vector<Blob> blobs;
  int64_t records = 0;
  size_t bytes = 0;
};

// Simulates a working day of each tenant, and splits its records into blobs. The tenants take turns
// in the order of the blobs. Each round has other records.
Load MakeLoad(const std::vector<simulator::Tenant>& tenants, const Options& options, int round) {
  std::vector<std::vector<Blob>> of_tenant(tenants.size());
  Load load;
  for (size_t t = 0; t < tenants.size(); ++t) {
    const simulator::Workday day = simulator::SimulateWorkday(
        tenants[t], {.seed = round * tenants.size() + t + 1,
                     .records = options.records / static_cast<int64_t>(tenants.size()),
                     .end = absl::Now(),
                     .campaigns = 1});
    for (size_t i = 0; i < day.records.size(); i += options.records_per_blob) {
      Blob blob{tenants[t].id, absl::StrCat("bench$", round, "$", t, "$", i), "["};
      const size_t end = std::min(day.records.size(), i + options.records_per_blob);
      for (size_t r = i; r < end; ++r) {
        if (r > i) blob.body.push_back(',');
        blob.body.append(day.records[r].json);
      }
      blob.body.push_back(']');
      load.bytes += blob.body.size();
      of_tenant[t].push_back(std::move(blob));
    }
    load.records += static_cast<int64_t>(day.records.size());
  }
  for (size_t i = 0;; ++i) {
    const size_t before = load.blobs.size();
    for (std::vector<Blob>& list : of_tenant) {
      if (i < list.size()) load.blobs.push_back(std::move(list[i]));
    }
    if (load.blobs.size() == before) return load;
  }
}

// Returns the maximum resident memory of a running process, in MiB.
double PeakMiBOf(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (line.rfind("VmHWM:", 0) == 0) return std::atof(line.c_str() + 6) / 1024;
  }
  return 0;
}

// Counts the events on the topic `events` while the services run. Ignores messages of aborted
// transactions.
class EventFollower {
 public:
  explicit EventFollower(const Pipeline& pipeline)
      : pipeline_(pipeline),
        reader_(kafka::TopicReader::Open(pipeline.kafka(), pipeline.Topic(kafka::Topic::kEvents),
                                         kafka::TopicReader::Isolation::kReadCommitted)),
        last_(kPartitions, -1) {}

  int64_t seen() const { return seen_; }

  // Waits until `events` events are on the topic and the detector has processed all of them.
  // `events` is the total number since the start. Returns false after `timeout`.
  bool WaitUntilDetected(int64_t events, absl::Duration timeout) {
    if (!reader_.ok()) return false;
    const absl::Time deadline = absl::Now() + timeout;
    while (seen_ < events) {
      if (absl::Now() > deadline) return false;
      seen_ += (*reader_)->Poll(absl::Milliseconds(50), [&](const kafka::Message& message) {
        last_[message.partition] = message.offset;
      });
    }
    return WaitFor(deadline - absl::Now(), [&] {
      const auto committed = kafka::CommittedOffsets(
          pipeline_.kafka(), absl::StrCat("picket-", pipeline_.prefix(), "detector"),
          pipeline_.Topic(kafka::Topic::kEvents), kPartitions, absl::Seconds(2));
      if (!committed.ok()) return false;
      for (int p = 0; p < kPartitions; ++p) {
        if (last_[p] >= 0 && (*committed)[p] <= last_[p]) return false;
      }
      return true;
    });
  }

 private:
  const Pipeline& pipeline_;
  absl::StatusOr<std::unique_ptr<kafka::TopicReader>> reader_;
  std::vector<int64_t> last_;  // offset of the last event, indexed by partition
  int64_t seen_ = 0;
};

// The measurements of one round.
struct Round {
  double records = 0;
  double bytes = 0;
  double seconds = 0;
  double parser_cpu = 0;
  double detector_cpu = 0;
};

// Returns the median of a figure over all rounds. The minimum and the maximum follow in
// parentheses.
std::string MedianOf(const std::vector<Round>& rounds, double (*figure)(const Round&)) {
  std::vector<double> values;
  values.reserve(rounds.size());
  for (const Round& round : rounds) values.push_back(figure(round));
  std::sort(values.begin(), values.end());
  return absl::StrFormat("%.0f (%.0f to %.0f)", values[values.size() / 2], values.front(),
                         values.back());
}

double SecondsOf(const std::vector<Round>& rounds) {
  double seconds = 0;
  for (const Round& round : rounds) seconds += round.seconds;
  return seconds;
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// Sends a message to `raw`, and starts a parser. Waits until the parser has committed all
// `messages` messages on `raw`, and stops the parser. Returns the seconds from the start to the
// commit, or -1 if the parser does not finish in time.
double SecondsToFirstCommit(Pipeline& pipeline, ServiceProcess& parser, const Blob& blob,
                            int64_t messages, double* cpu) {
  RawProducer producer(pipeline.kafka(), pipeline.Topic(kafka::Topic::kRaw), kPartitions);
  producer.Send(blob.tenant, blob.id, blob.body);
  producer.Flush();
  const absl::Time began = absl::Now();
  parser.process->Start();
  if (!pipeline.WaitUntilRead("parser", kafka::Topic::kRaw, messages, absl::Minutes(5))) return -1;
  const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
  *cpu = CpuSecondsOf(parser.process->pid());
  parser.process->Signal(SIGTERM);
  return parser.process->Wait(absl::Seconds(60)).has_value() ? seconds : -1;
}

// Measures the restart of a parser without files on disk. Before such a parser processes messages,
// it reads all record Ids from the topic `seen`. For comparison, also measures a start in the
// pipeline `empty`, whose topic `seen` contains no Ids. There are `blobs` messages on `raw`, which
// contain `ids` records. `known` is one of these messages.
bool MeasureRestart(Pipeline& pipeline, ServiceProcess& parser, Pipeline& empty, const Blob& known,
                    int64_t blobs, int64_t ids) {
  parser.process->Signal(SIGTERM);
  if (!parser.process->Wait(absl::Seconds(60)).has_value()) return false;
  std::filesystem::remove_all(pipeline.duplicate_dir());
  double empty_cpu = 0;
  double cpu = 0;
  const double without = SecondsToFirstCommit(empty, empty.Add("parse", "a"), known, 1, &empty_cpu);
  const double seconds = SecondsToFirstCommit(pipeline, parser, known, blobs + 1, &cpu);
  if (without < 0 || seconds < 0) return false;
  // `known` was sent again. A parser that has read the Ids drops all its records as duplicates, so
  // there must be no new events.
  if (pipeline.Count(kafka::Topic::kEvents) != ids) return false;
  const double millions = static_cast<double>(ids) / 1e6;
  std::printf(
      "restart of a parser, until its first commit: %.2f s and %.2f CPU-seconds with %d Ids to "
      "read "
      "back from `seen`, %.2f s and %.2f without: %.2f s a million Ids, %.2f CPU-seconds\n",
      seconds, cpu, static_cast<int>(ids), without, empty_cpu, (seconds - without) / millions,
      (cpu - empty_cpu) / millions);
  return true;
}

int Run(const Options& options) {
  static SystemClock clock;
  simulator::SimulatorOptions cloud;
  cloud.tenants = simulator::InventTenants(options.tenants, 1);
  cloud.cloud.quota_per_minute = 0;
  auto simulator = simulator::Simulator::Start(cloud, clock);
  if (!simulator.ok()) return 2;
  PipelineOptions pipeline_options;
  pipeline_options.partitions = kPartitions;
  pipeline_options.workers = options.workers;
  pipeline_options.session_timeout = absl::Seconds(10);
  pipeline_options.kafka_properties = options.properties;
  Pipeline pipeline("bench", pipeline_options, **simulator);
  const std::string raw = pipeline.Topic(kafka::Topic::kRaw);
  RawProducer producer(pipeline.kafka(), raw, kPartitions);
  ServiceProcess& parser = pipeline.Add("parse", "a");
  ServiceProcess& detector = pipeline.Add("detect", "a");
  EventFollower events(pipeline);

  Load load;
  std::vector<Round> rounds;
  int64_t records = 0;
  int64_t blobs = 0;
  for (int number = 0; number <= options.rounds; ++number) {
    const bool is_start = number == 0;
    load = MakeLoad(cloud.tenants, options, number);
    if (is_start) {
      std::printf(
          "rounds of %d records of %d tenants in %d blobs, %.0f bytes a record; %d "
          "worker(s) a service\n",
          static_cast<int>(load.records), options.tenants, static_cast<int>(load.blobs.size()),
          static_cast<double>(load.bytes) / static_cast<double>(load.records), options.workers);
    } else {
      // Pauses the services, so that they process nothing before all messages of the round are on
      // `raw`.
      parser.process->Signal(SIGSTOP);
      detector.process->Signal(SIGSTOP);
    }
    for (const Blob& blob : load.blobs) producer.Send(blob.tenant, blob.id, blob.body);
    producer.Flush();
    records += load.records;
    blobs += static_cast<int64_t>(load.blobs.size());
    const absl::Time began = absl::Now();
    if (is_start) {
      parser.process->Start();
      detector.process->Start();
    }
    const double parser_cpu = CpuSecondsOf(parser.process->pid());
    const double detector_cpu = CpuSecondsOf(detector.process->pid());
    if (!is_start) {
      parser.process->Signal(SIGCONT);
      detector.process->Signal(SIGCONT);
    }
    if (!events.WaitUntilDetected(records, absl::Minutes(10))) {
      std::printf("the services did not finish; their logs are in %s\n", pipeline.folder().c_str());
      return 1;
    }
    const Round round{.records = static_cast<double>(load.records),
                      .bytes = static_cast<double>(load.bytes),
                      .seconds = absl::ToDoubleSeconds(absl::Now() - began),
                      .parser_cpu = CpuSecondsOf(parser.process->pid()) - parser_cpu,
                      .detector_cpu = CpuSecondsOf(detector.process->pid()) - detector_cpu};
    std::printf("%s: %.1f s, CPU: parser %.2f s, detector %.2f s\n",
                is_start ? "start and warm-up" : absl::StrCat("round ", number).c_str(),
                round.seconds, round.parser_cpu, round.detector_cpu);
    if (!is_start) rounds.push_back(round);
  }
  const int64_t events_found = pipeline.Count(kafka::Topic::kEvents);
  std::printf("check: %d records, %d events%s\n", static_cast<int>(records),
              static_cast<int>(events_found),
              events_found == records ? "" : "  -- WRONG, the figures below mean nothing");
  const auto both = [](const Round& r) { return r.records / (r.parser_cpu + r.detector_cpu); };
  std::printf("throughput, median of %d rounds: %s records/s, %s MB/s raw\n", options.rounds,
              MedianOf(rounds, [](const Round& r) { return r.records / r.seconds; }).c_str(),
              MedianOf(rounds, [](const Round& r) { return 1e-6 * r.bytes / r.seconds; }).c_str());
  std::printf("records per CPU-second, median: %s of both, parser %s, detector %s\n",
              MedianOf(rounds, both).c_str(),
              MedianOf(rounds, [](const Round& r) { return r.records / r.parser_cpu; }).c_str(),
              MedianOf(rounds, [](const Round& r) { return r.records / r.detector_cpu; }).c_str());
  std::printf("memory at most: parser %.0f MiB, detector %.0f MiB\n",
              PeakMiBOf(parser.process->pid()), PeakMiBOf(detector.process->pid()));
  if (events_found != records) return 1;
  if (options.restart) {
    Pipeline empty("bench-empty", pipeline_options, **simulator);
    if (!MeasureRestart(pipeline, parser, empty, load.blobs[0], blobs, records)) {
      std::printf("the parser did not start again as it was; its logs are in %s\n",
                  pipeline.folder().c_str());
      return 1;
    }
  }
  if (options.latency_secs <= 0) return 0;

  // Measures the latency at half the throughput of the rounds. Messages are sent at this rate even
  // if the services fall behind. Each message is a chunk of 50 records, of which one raises an
  // alert.
  const double rate = static_cast<double>(load.records) * options.rounds / SecondsOf(rounds) / 2;
  const int chunk_records = 50;
  const absl::Duration interval = absl::Seconds(chunk_records / rate);
  std::mutex mu;
  // The times at which the chunks appear on `raw` and on `alerts`, by chunk number.
  std::map<std::string, absl::Time> visible;
  std::map<std::string, absl::Time> alerted;
  std::atomic<bool> stop = false;
  std::thread raw_reader([&] {
    auto reader = kafka::TopicReader::Open(pipeline.kafka(), raw,
                                           kafka::TopicReader::Isolation::kReadCommitted);
    while (!stop) {
      (*reader)->Poll(absl::Milliseconds(20), [&](const kafka::Message& message) {
        const std::string id(message.FindHeader("content-id").value_or(""));
        if (id.rfind("latency$", 0) != 0) return;
        std::lock_guard lock(mu);
        visible.try_emplace(id.substr(8), absl::Now());
      });
    }
  });
  std::thread alert_reader([&] {
    auto reader = kafka::TopicReader::Open(pipeline.kafka(), pipeline.Topic(kafka::Topic::kAlerts),
                                           kafka::TopicReader::Isolation::kReadCommitted);
    while (!stop) {
      (*reader)->Poll(absl::Milliseconds(5), [&](const kafka::Message& message) {
        const size_t at = message.value.find("latency-rule-");
        if (at == std::string_view::npos) return;
        const std::string_view rest = message.value.substr(at + 13);
        std::lock_guard lock(mu);
        alerted.try_emplace(std::string(rest.substr(0, rest.find_first_of("\"\\ "))), absl::Now());
      });
    }
  });
  // Both readers begin at the start of their topics. Give them time to read the messages of the
  // rounds.
  absl::SleepFor(absl::Seconds(3));
  const int chunks = static_cast<int>(options.latency_secs / absl::ToDoubleSeconds(interval));
  const absl::Time began = absl::Now();
  for (int i = 0; i < chunks; ++i) {
    const Blob& source = load.blobs[i % load.blobs.size()];
    // Each record has a new Id. Otherwise, the parser would drop it as a duplicate.
    std::string body = "[";
    for (int r = 0; r < chunk_records; ++r) {
      const bool alerts = r == chunk_records / 2;
      JsonWriter json(&body);
      if (r > 0) body.push_back(',');
      json.BeginObject();
      json.Key("CreationTime")
          .Value(absl::FormatTime("%Y-%m-%dT%H:%M:%S", absl::Now(), absl::UTCTimeZone()));
      json.Key("Id").Value(absl::StrFormat("%08x-%04x-4000-8000-00000000beef", i, r));
      json.Key("Operation").Value(alerts ? "Set-Mailbox" : "FileAccessed");
      json.Key("OrganizationId").Value(source.tenant);
      json.Key("RecordType").Value(alerts ? 1 : 6);
      json.Key("UserKey").Value("100320000000").Key("UserType").Value(0).Key("Version").Value(1);
      json.Key("Workload").Value(alerts ? "Exchange" : "SharePoint");
      json.Key("ClientIP").Value("192.0.2.10");
      json.Key("UserId").Value("user@bench.example");
      json.Key("ResultStatus").Value("True");
      json.Key("ObjectId")
          .Value(alerts ? absl::StrCat("latency-rule-", i)
                        : "https://bench.example/sites/a/Shared Documents/x.docx");
      if (alerts) {
        json.Key("Parameters").BeginArray().BeginObject();
        json.Key("Name").Value("ForwardingSmtpAddress");
        json.Key("Value").Value("smtp:someone@elsewhere.example").EndObject().EndArray();
      }
      json.EndObject();
    }
    body.push_back(']');
    producer.Send(source.tenant, absl::StrCat("latency$", i), body);
    const absl::Duration ahead = began + interval * (i + 1) - absl::Now();
    if (ahead > absl::ZeroDuration()) absl::SleepFor(ahead);
  }
  const double offered = chunks * chunk_records / absl::ToDoubleSeconds(absl::Now() - began);
  producer.Flush();
  const absl::Time deadline = absl::Now() + absl::Seconds(30);
  while (absl::Now() < deadline) {
    std::lock_guard lock(mu);
    if (static_cast<int>(alerted.size()) >= chunks) break;
  }
  stop = true;
  raw_reader.join();
  alert_reader.join();
  std::vector<double> latencies;
  for (const auto& [id, seen] : alerted) {
    const auto at = visible.find(id);
    if (at != visible.end()) latencies.push_back(absl::ToDoubleMilliseconds(seen - at->second));
  }
  std::printf(
      "latency at half load (%.0f records/s offered): chunk on raw to alert, %d of %d chunks: p50 "
      "%.0f ms, p99 %.0f ms, most %.0f ms\n",
      offered, static_cast<int>(latencies.size()), chunks, Percentile(latencies, 0.5),
      Percentile(latencies, 0.99), Percentile(latencies, 1));
  parser.process->Kill();
  detector.process->Kill();
  if (static_cast<int>(latencies.size()) != chunks) return 1;

  // Measures the fetcher while the other services are stopped. It fetches the same blobs from the
  // simulator.
  ServiceProcess& fetcher = pipeline.Add("fetch", "a");
  for (const Blob& blob : load.blobs) {
    (*simulator)->cloud().Publish(blob.tenant, simulator::kGeneral, blob.body);
  }
  const int before = pipeline.Count(kafka::Topic::kRaw);
  const absl::Time fetch_start = absl::Now();
  fetcher.process->Start();
  while (pipeline.Count(kafka::Topic::kRaw) - before < static_cast<int>(load.blobs.size()) &&
         absl::Now() - fetch_start < absl::Minutes(5)) {
    absl::SleepFor(absl::Milliseconds(100));
  }
  const double fetch_seconds = absl::ToDoubleSeconds(absl::Now() - fetch_start);
  const double fetcher_cpu = CpuSecondsOf(fetcher.process->pid());
  fetcher.process->Signal(SIGTERM);
  fetcher.process->Wait(absl::Seconds(20));
  const int stored = pipeline.Count(kafka::Topic::kRaw) - before;
  std::printf("fetcher: %.0f records/s, %.0f records per CPU-second, %d of %d blobs stored\n",
              static_cast<double>(load.records) / fetch_seconds,
              static_cast<double>(load.records) / fetcher_cpu, stored,
              static_cast<int>(load.blobs.size()));
  return stored == static_cast<int>(load.blobs.size()) ? 0 : 1;
}

}  // namespace
}  // namespace picket

int main(int argc, char** argv) {
  CLI::App app("The services on a real Kafka", "end_to_end");
  picket::Options options;
  std::vector<std::string> properties;
  app.add_option("--records", options.records, "Records of a round");
  app.add_option("--rounds", options.rounds, "Rounds that count")->check(CLI::Range(1, 100));
  app.add_option("--property", properties,
                 "NAME=VALUE: kafka.properties of the services, to try it");
  app.add_option("--blob-records", options.records_per_blob, "Records in a content blob");
  app.add_option("--tenants", options.tenants, "Simulated tenants");
  app.add_option("--workers", options.workers, "Workers a service");
  app.add_flag("--restart", options.restart, "Also the time to read record Ids back from `seen`");
  app.add_option("--latency-secs", options.latency_secs,
                 "Length of the latency run; 0: throughput alone");
  CLI11_PARSE(app, argc, argv);
  for (const std::string& property : properties) {
    const size_t equals = property.find('=');
    if (equals == std::string::npos) {
      std::fprintf(stderr, "--property: expected NAME=VALUE, not '%s'\n", property.c_str());
      return 2;
    }
    options.properties[property.substr(0, equals)] = property.substr(equals + 1);
  }
  if (std::getenv("PICKET_TEST_KAFKA") == nullptr) {
    std::fprintf(stderr, "no Kafka: run `scripts/bench end_to_end`, or set PICKET_TEST_KAFKA\n");
    return 2;
  }
  return picket::Run(options);
}
