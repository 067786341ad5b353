// The services on a real Kafka: records/s, records per CPU-second of parser and detector, and the latency from a chunk on
// `raw` to its alert. Needs PICKET_TEST_KAFKA; `scripts/bench end_to_end` starts a Kafka for it.

#include <signal.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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

namespace picket {
namespace {

constexpr int kPartitions = 24;

struct Options {
  int64_t records = 200'000;
  int records_per_blob = 200;
  int tenants = 16;
  int workers = 1;
  double latency_secs = 20;  // 0: throughput alone
  bool restart = false;
};

// User and system time of a process that runs, from /proc.
double CpuSecondsOf(pid_t pid) {
  std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(
      std::fopen(absl::StrCat("/proc/", pid, "/stat").c_str(), "r"), &std::fclose);
  if (file == nullptr) return 0;
  unsigned long user = 0, system = 0;
  // The name in parentheses has no blanks in ours.
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

// The working days of all tenants as content blobs, round robin over the tenants.
std::vector<Blob> MakeBlobs(const std::vector<simulator::Tenant>& tenants, const Options& options,
                            int64_t* records) {
  std::vector<std::vector<Blob>> of_tenant(tenants.size());
  *records = 0;
  for (size_t t = 0; t < tenants.size(); ++t) {
    const simulator::Workday day = simulator::SimulateWorkday(
        tenants[t], {.seed = t + 1,
                     .records = options.records / static_cast<int64_t>(tenants.size()),
                     .end = absl::Now(),
                     .campaigns = 1});
    for (size_t i = 0; i < day.records.size(); i += options.records_per_blob) {
      Blob blob{tenants[t].id, absl::StrCat("bench$", t, "$", i), "["};
      const size_t end = std::min(day.records.size(), i + options.records_per_blob);
      for (size_t r = i; r < end; ++r) {
        if (r > i) blob.body.push_back(',');
        blob.body.append(day.records[r].json);
      }
      blob.body.push_back(']');
      of_tenant[t].push_back(std::move(blob));
    }
    *records += static_cast<int64_t>(day.records.size());
  }
  std::vector<Blob> blobs;
  for (size_t i = 0;; ++i) {
    const size_t before = blobs.size();
    for (std::vector<Blob>& list : of_tenant) {
      if (i < list.size()) blobs.push_back(std::move(list[i]));
    }
    if (blobs.size() == before) return blobs;
  }
}

double Percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1,
                         static_cast<size_t>(share * static_cast<double>(values.size())))];
}

// From the start of a parser until it has worked off one more message on `raw`, of `messages` in all; -1: it did not.
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

// A parser that starts with nothing on disk reads all record Ids back from `seen` before it works. What a start costs
// without Ids is taken from a pipeline without records.
bool MeasureRestart(Pipeline& pipeline, ServiceProcess& parser, Pipeline& empty,
                    const std::vector<Blob>& blobs, int64_t ids) {
  parser.process->Signal(SIGTERM);
  if (!parser.process->Wait(absl::Seconds(60)).has_value()) return false;
  std::filesystem::remove_all(pipeline.duplicate_dir());
  double empty_cpu = 0;
  double cpu = 0;
  const double without =
      SecondsToFirstCommit(empty, empty.Add("parse", "a"), blobs[0], 1, &empty_cpu);
  const double seconds = SecondsToFirstCommit(pipeline, parser, blobs[0],
                                              static_cast<int64_t>(blobs.size()) + 1, &cpu);
  if (without < 0 || seconds < 0) return false;
  // The message held records that are known, if their Ids were read back.
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
  int64_t records = 0;
  const std::vector<Blob> blobs = MakeBlobs(cloud.tenants, options, &records);
  size_t bytes = 0;
  for (const Blob& blob : blobs) bytes += blob.body.size();
  const auto record_count = static_cast<double>(records);
  const auto byte_count = static_cast<double>(bytes);
  std::printf("%d records of %d tenants in %d blobs, %.0f bytes a record; %d worker(s) a service\n",
              static_cast<int>(records), options.tenants, static_cast<int>(blobs.size()),
              byte_count / record_count, options.workers);

  PipelineOptions pipeline_options;
  pipeline_options.partitions = kPartitions;
  pipeline_options.workers = options.workers;
  pipeline_options.session_timeout = absl::Seconds(10);
  Pipeline pipeline("bench", pipeline_options, **simulator);
  const std::string raw = pipeline.Topic(kafka::Topic::kRaw);

  // Throughput: everything lies on raw before the services start.
  RawProducer producer(pipeline.kafka(), raw, pipeline_options.partitions);
  for (const Blob& blob : blobs) producer.Send(blob.tenant, blob.id, blob.body);
  producer.Flush();
  ServiceProcess& parser = pipeline.Add("parse", "a");
  ServiceProcess& detector = pipeline.Add("detect", "a");
  const absl::Time start = absl::Now();
  parser.process->Start();
  detector.process->Start();
  if (!pipeline.WaitUntilRead("detector", kafka::Topic::kEvents, records, absl::Minutes(10))) {
    std::printf("the services did not finish; their logs are in %s\n", pipeline.folder().c_str());
    return 1;
  }
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  const double parser_cpu = CpuSecondsOf(parser.process->pid());
  const double detector_cpu = CpuSecondsOf(detector.process->pid());
  const int64_t events_found = pipeline.Count(kafka::Topic::kEvents);
  std::printf("check: %d records, %d events%s\n", static_cast<int>(records),
              static_cast<int>(events_found),
              events_found == records ? "" : "  -- WRONG, the figures below mean nothing");
  std::printf(
      "throughput: %.0f records/s, %.1f MB/s raw (%.1f s, start of the services included)\n",
      record_count / seconds, 1e-6 * byte_count / seconds, seconds);
  std::printf(
      "CPU: parser %.2f s, detector %.2f s: %.0f records per CPU-second of both (parser %.0f, "
      "detector %.0f)\n",
      parser_cpu, detector_cpu, record_count / (parser_cpu + detector_cpu),
      record_count / parser_cpu, record_count / detector_cpu);
  if (events_found != records) return 1;
  if (options.restart) {
    Pipeline empty("bench-empty", pipeline_options, **simulator);
    if (!MeasureRestart(pipeline, parser, empty, blobs, records)) {
      std::printf("the parser did not start again as it was; its logs are in %s\n",
                  pipeline.folder().c_str());
      return 1;
    }
  }
  if (options.latency_secs <= 0) return 0;

  // Latency: an open loop at half that rate. Each chunk holds one record that raises an alert by itself.
  const double rate = record_count / seconds / 2;
  const int chunk_records = 50;
  const absl::Duration interval = absl::Seconds(chunk_records / rate);
  std::mutex mu;
  std::map<std::string, absl::Time> visible;  // content id → seen on raw
  std::map<std::string, absl::Time> alerted;  // record id → seen on alerts
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
  absl::SleepFor(absl::Seconds(3));  // both readers are past the throughput run
  const int chunks = static_cast<int>(options.latency_secs / absl::ToDoubleSeconds(interval));
  const absl::Time began = absl::Now();
  for (int i = 0; i < chunks; ++i) {
    const Blob& source = blobs[i % blobs.size()];
    // New Ids, or the duplicates would be dropped.
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

  // The fetcher, apart: the same blobs from the simulated API.
  ServiceProcess& fetcher = pipeline.Add("fetch", "a");
  for (const Blob& blob : blobs) {
    (*simulator)->cloud().Publish(blob.tenant, simulator::kGeneral, blob.body);
  }
  const int before = pipeline.Count(kafka::Topic::kRaw);
  const absl::Time fetch_start = absl::Now();
  fetcher.process->Start();
  while (pipeline.Count(kafka::Topic::kRaw) - before < static_cast<int>(blobs.size()) &&
         absl::Now() - fetch_start < absl::Minutes(5)) {
    absl::SleepFor(absl::Milliseconds(100));
  }
  const double fetch_seconds = absl::ToDoubleSeconds(absl::Now() - fetch_start);
  const double fetcher_cpu = CpuSecondsOf(fetcher.process->pid());
  fetcher.process->Signal(SIGTERM);
  fetcher.process->Wait(absl::Seconds(20));
  const int stored = pipeline.Count(kafka::Topic::kRaw) - before;
  std::printf("fetcher: %.0f records/s, %.0f records per CPU-second, %d of %d blobs stored\n",
              record_count / fetch_seconds, record_count / fetcher_cpu, stored,
              static_cast<int>(blobs.size()));
  return stored == static_cast<int>(blobs.size()) ? 0 : 1;
}

}  // namespace
}  // namespace picket

int main(int argc, char** argv) {
  CLI::App app("The services on a real Kafka", "end_to_end");
  picket::Options options;
  app.add_option("--records", options.records, "Records of the throughput run");
  app.add_option("--blob-records", options.records_per_blob, "Records in a content blob");
  app.add_option("--tenants", options.tenants, "Simulated tenants");
  app.add_option("--workers", options.workers, "Workers a service");
  app.add_flag("--restart", options.restart, "Also the time to read record Ids back from `seen`");
  app.add_option("--latency-secs", options.latency_secs,
                 "Length of the latency run; 0: throughput alone");
  CLI11_PARSE(app, argc, argv);
  if (std::getenv("PICKET_TEST_KAFKA") == nullptr) {
    std::fprintf(stderr, "no Kafka: run `scripts/bench end_to_end`, or set PICKET_TEST_KAFKA\n");
    return 2;
  }
  return picket::Run(options);
}
