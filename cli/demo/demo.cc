#include "cli/demo/demo.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <random>
#include <set>

#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "cli/demo/demo_services.h"
#include "cli/demo/demo_view.h"
#include "cli/demo/expectations.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/embedded_broker.h"
#include "kafka/topic_reader.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"

namespace picket {
namespace {

// kSettleLimit is the longest time that the services may take to process the last published
// records. kQuiet is how long the services must be idle before the demo ends.
constexpr absl::Duration kSettleLimit = absl::Seconds(60);
constexpr absl::Duration kQuiet = absl::Milliseconds(1500);
constexpr absl::Duration kReadyLimit = absl::Seconds(60);

// Returns the index of the level: 0 for the highest level, kAlertLevels.size() for an unknown
// level.
size_t LevelIndex(std::string_view level) {
  return std::find(kAlertLevels.begin(), kAlertLevels.end(), level) - kAlertLevels.begin();
}

// A temporary folder for one demo.
// Lifetime: the destructor removes the folder unless Keep was called.
class WorkFolder {
 public:
  WorkFolder()
      : path_((std::filesystem::temp_directory_path() /
               absl::StrCat("picket-demo-", getpid(), "-", absl::Hex(std::random_device{}())))
                  .string()) {
    std::filesystem::create_directories(absl::StrCat(path_, "/tenants.d"));
    std::filesystem::permissions(path_, std::filesystem::perms::owner_all);
  }
  ~WorkFolder() {
    std::error_code ignored;
    if (!kept_) std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  void Keep() { kept_ = true; }

 private:
  std::string path_;
  bool kept_ = false;
};

// Returns the configuration of the demo. Two settings make alerts appear quickly. The fetcher lists
// content every second, and it also lists the newest content. By default, it leaves the newest
// content out, because the API may still add to it (FetcherConfig::settle).
std::string DemoConfig(const std::string& servers, const kafka::TopicsConfig& topics, int workers,
                       const std::string& rules) {
  std::string text = absl::StrCat(
      "kafka:\n  bootstrap_servers: ", servers, "\n  instance: demo\n  workers: ", workers,
      "\ntopics:\n  prefix: ", topics.prefix, "\n  partitions: ", topics.partitions,
      "\n  replication_factor: ", topics.replication_factor,
      "\ntenants_dir: tenants.d\nfetcher:\n  poll_interval_secs: 1\n  settle_secs: 0\n");
  if (!rules.empty()) {
    absl::StrAppend(&text, "detector:\n  rules_dir: ", std::filesystem::absolute(rules).string(),
                    "\n");
  }
  return text;
}

// One run of the demo, from the start to the summary.
class Demo {
 public:
  Demo(DemoOptions options, StopSignals& signals)
      : options_(std::move(options)), signals_(signals), view_(isatty(STDOUT_FILENO) == 1) {}

  absl::StatusOr<int> Run();

 private:
  absl::Status StartTenants();
  absl::Status StartKafkaAndServices();
  absl::Status WaitUntilReady();
  absl::Status Watch();
  DemoSnapshot Snapshot();
  void ReadAlerts();
  bool IsProcessed(const DemoSnapshot& now) const;
  std::string AlertsByLevel() const;
  int Summarise();
  std::string StatsJson(const ExpectationResult& result, size_t expected, size_t attacks);

  const DemoOptions options_;
  StopSignals& signals_;
  DemoView view_;
  SystemClock clock_;
  WorkFolder folder_;
  absl::Time start_;

  std::map<std::string, std::string> tenant_names_;
  std::unique_ptr<simulator::Simulator> cloud_;
  std::unique_ptr<simulator::Feed> feed_;
  std::unique_ptr<kafka::EmbeddedBroker> broker_;
  kafka::KafkaConfig kafka_;
  kafka::TopicsConfig topics_;
  std::unique_ptr<kafka::TopicReader> alert_reader_;
  std::unique_ptr<DemoServices> services_;

  std::vector<AlertSummary> alerts_;
  std::array<int, kAlertLevels.size()> alerts_by_level_ = {};
  MetricsText metrics_{""};
};

absl::StatusOr<int> Demo::Run() {
  RETURN_IF_ERROR(StartTenants());
  RETURN_IF_ERROR(StartKafkaAndServices());
  const absl::Status ready = WaitUntilReady();
  if (!ready.ok()) {
    folder_.Keep();  // so that the user can read the services' logs, which are in the folder
    return ready;
  }
  view_.Line(absl::StrFormat(
      "%s at work and under attack for %.0f s. Unlike in production, the fetcher lists content "
      "every second and does not wait for it to settle. Alerts below level %s are counted, but not "
      "shown (--level).\n",
      Counted(static_cast<uint64_t>(options_.tenants), "tenant"), options_.seconds,
      options_.level));
  start_ = absl::Now();
  feed_->Start();
  const absl::Status watched = Watch();
  if (!watched.ok()) {
    folder_.Keep();
    return watched;
  }
  return Summarise();
}

absl::Status Demo::StartTenants() {
  const uint64_t seed = options_.seed != 0 ? options_.seed : std::random_device{}();
  view_.Line(absl::StrFormat("Picket demo, seed %d (repeat this run with --seed)", seed));
  simulator::SimulatorOptions options;
  options.tenants = simulator::InventTenants(options_.tenants, seed);
  if (options_.forever)
    options.cloud.retention = absl::Hours(1);  // limits memory use; the default is seven days
  ASSIGN_OR_RETURN(cloud_, simulator::Simulator::Start(options, clock_));
  for (const simulator::Tenant& tenant : options.tenants) tenant_names_[tenant.id] = tenant.name;

  simulator::FeedOptions feed;
  feed.seed = seed;
  feed.records_per_tenant = options_.records;
  feed.records_per_second =
      static_cast<double>(options_.records * options_.tenants) / options_.seconds;
  feed.forever = options_.forever;
  feed.republished_share = 0.01;  // because the real API delivers some records twice
  ASSIGN_OR_RETURN(feed_, simulator::Feed::Make(cloud_->cloud(), feed, clock_));
  return simulator::WriteTenantFiles(folder_.path(), options.tenants, cloud_->url());
}

absl::Status Demo::StartKafkaAndServices() {
  topics_ = kafka::EmbeddedBroker::SmallTopics();
  const bool embedded = options_.kafka.empty();
  if (embedded) {
    ASSIGN_OR_RETURN(broker_, kafka::EmbeddedBroker::Start(topics_));
    kafka_ = broker_->ClientConfig();
  } else {
    topics_.prefix = absl::StrCat("demo-", absl::Hex(std::random_device{}()), ".");
    topics_.replication_factor = 1;
    kafka_.bootstrap_servers = options_.kafka;
    RETURN_IF_ERROR(kafka::CreateTopics(kafka_, topics_).status());
  }
  ASSIGN_OR_RETURN(
      alert_reader_,
      kafka::TopicReader::Open(kafka_, kafka::TopicName(topics_.prefix, kafka::Topic::kAlerts),
                               kafka::TopicReader::Isolation::kReadCommitted));

  const std::string config =
      DemoConfig(kafka_.bootstrap_servers, topics_, embedded ? 1 : 2, options_.rules);
  if (embedded) {
    ConfigureLog(LogLevel::kWarning, LogFormat::kText);
    const std::string path = absl::StrCat(folder_.path(), "/picket.yaml");
    RETURN_IF_ERROR(WriteFile(path, absl::StrCat(config, "admin:\n  log_level: warning\n")));
    ASSIGN_OR_RETURN(services_, StartServicesInProcess(path, true));
  } else {
    ASSIGN_OR_RETURN(services_, StartServiceProcesses(folder_.path(), config));
  }
  return absl::OkStatus();
}

absl::Status Demo::WaitUntilReady() {
  view_.Line("starting the services ...");
  const absl::Time deadline = absl::Now() + kReadyLimit;
  while (true) {
    if (signals_.token().stop_requested()) return absl::CancelledError("stopped");
    if (const std::string failure = services_->Failure(); !failure.empty()) {
      return absl::InternalError(failure);
    }
    const std::string waiting_for = services_->WaitingFor();
    if (waiting_for.empty()) return absl::OkStatus();
    if (absl::Now() > deadline) {
      return absl::DeadlineExceededError(
          absl::StrCat("the services did not become ready: ", waiting_for, "; the logs are in ",
                       folder_.path()));
    }
    clock_.Wait(absl::Milliseconds(50), signals_.token());
  }
}

absl::Status Demo::Watch() {
  absl::Time published_at = absl::InfiniteFuture();
  absl::Time quiet_since = absl::InfiniteFuture();
  size_t alerts_then = 0;
  absl::Time next_show = start_;
  while (!signals_.token().stop_requested()) {
    ReadAlerts();
    const absl::Time now = absl::Now();
    if (now < next_show) continue;
    next_show = now + absl::Milliseconds(250);
    if (const std::string failure = services_->Failure(); !failure.empty()) {
      return absl::InternalError(failure);
    }
    const DemoSnapshot snapshot = Snapshot();
    view_.Show(snapshot);
    if (!feed_->AllPublished()) continue;
    published_at = std::min(published_at, now);
    if (!IsProcessed(snapshot) || alerts_.size() != alerts_then) {
      quiet_since = now;
      alerts_then = alerts_.size();
    }
    quiet_since = std::min(quiet_since, now);
    if (now - quiet_since > kQuiet) return absl::OkStatus();
    if (now - published_at > kSettleLimit) {
      view_.Line("the services did not process everything in time");
      return absl::OkStatus();
    }
  }
  return absl::OkStatus();
}

void Demo::ReadAlerts() {
  alert_reader_->Poll(absl::Milliseconds(50), [&](const kafka::Message& message) {
    absl::StatusOr<AlertSummary> alert = ReadAlert(message.value);
    if (!alert.ok()) {
      view_.Line(absl::StrCat("unreadable alert: ", alert.status().message()));
      // An empty alert replaces the unreadable one. The summary then counts it as unexpected,
      // because no expected alert is empty.
      alerts_.emplace_back();
      return;
    }
    const size_t level = LevelIndex(LowerAscii(alert->level));
    if (level < kAlertLevels.size()) ++alerts_by_level_[level];
    std::string user = alert->user;
    if (const auto address = alert->group.find("ClientIP"); address != alert->group.end()) {
      user = absl::StrCat("from ", address->second);
    }
    if (level > LevelIndex(options_.level)) {
      alerts_.push_back(*std::move(alert));
      return;
    }
    view_.Alert({.time_ms = alert->time_ms,
                 .level = LowerAscii(alert->level),
                 .tenant = tenant_names_[alert->tenant],
                 .user = user,
                 .what = alert->title,
                 .technique = alert->technique});
    alerts_.push_back(*std::move(alert));
  });
}

DemoSnapshot Demo::Snapshot() {
  metrics_ = services_->ReadMetrics();
  const auto count = [&](CounterName name, const std::vector<std::string_view>& labels = {}) {
    return static_cast<uint64_t>(metrics_.Sum(name.text(), labels));
  };
  const std::string events =
      absl::StrCat("topic=\"", kafka::TopicName(topics_.prefix, kafka::Topic::kEvents), "\"");
  DemoSnapshot now;
  now.elapsed = absl::Now() - start_;
  now.records_published = feed_->records_published();
  for (const auto& [kind_and_result, requests] : cloud_->cloud().Counts()) {
    now.requests_served += requests;
  }
  now.blobs_stored = count("picket_records_out_total", {"stage=\"fetcher\""});
  now.events = count("picket_messages_out_total", {"stage=\"parser\"", events});
  now.duplicates = count("picket_duplicates_total", {"stage=\"parser\""});
  now.dead_letters = count("picket_dead_letters_total", {"stage=\"fetcher\""}) +
                     count("picket_dead_letters_total", {"stage=\"parser\""});
  now.events_matched = count("picket_messages_in_total", {"stage=\"detector\"", events});
  now.alerts = alerts_.size();
  now.alerts_by_level = AlertsByLevel();
  now.alerts_expected = feed_->Expected().size();
  const std::string_view committed = "outcome=\"committed\"";
  now.transactions.fetcher = count("picket_transactions_total", {"stage=\"fetcher\"", committed});
  now.transactions.parser = count("picket_transactions_total", {"stage=\"parser\"", committed});
  now.transactions.detector = count("picket_transactions_total", {"stage=\"detector\"", committed});
  return now;
}

std::string Demo::AlertsByLevel() const {
  std::string text;
  for (size_t i = 0; i < kAlertLevels.size(); ++i) {
    if (alerts_by_level_[i] == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", alerts_by_level_[i], " ",
                    ToAbsl(kAlertLevels[i]));
  }
  return text;
}

bool Demo::IsProcessed(const DemoSnapshot& now) const {
  return now.events + now.duplicates + now.dead_letters >= now.records_published &&
         now.events_matched >= now.events;
}

int Demo::Summarise() {
  ReadAlerts();
  const DemoSnapshot last = Snapshot();
  const std::vector<simulator::ExpectedAlert> expected = feed_->Expected();
  const ExpectationResult result = CompareAlerts(expected, alerts_);
  std::set<std::pair<std::string, std::string>> attacks;
  for (const simulator::ExpectedAlert& alert : expected) attacks.emplace(alert.tenant, alert.story);

  view_.Line("");
  for (const simulator::ExpectedAlert& alert : result.missing) {
    view_.Line(absl::StrCat("MISSING     ", alert.rule, "  ", tenant_names_[alert.tenant], "  ",
                            alert.user.empty() ? alert.address : alert.user));
  }
  for (const AlertSummary& alert : result.surplus) {
    view_.Line(absl::StrCat("UNEXPECTED  ", alert.title, "  ", tenant_names_[alert.tenant], "  ",
                            alert.user));
  }
  // With --forever or after an early stop, the services may still be processing the latest attacks.
  // In this case, a difference between the alerts and the expected alerts is not an error.
  const bool complete = feed_->AllPublished();
  view_.Line(absl::StrFormat(
      "%s simulated, %s expected, %s raised (%s): %s  (%s, %s, %s, %s, %.1f s)",
      Counted(attacks.size(), "attack"), Counted(expected.size(), "alert"),
      Counted(alerts_.size(), "alert"), AlertsByLevel(),
      result.ok() ? "as expected"
      : complete  ? "MISMATCH"
                  : "stopped early",
      Counted(last.records_published, "record"), Counted(last.events, "event"),
      Counted(last.duplicates, "duplicate"), Counted(last.dead_letters, "dead letter"),
      absl::ToDoubleSeconds(last.elapsed)));
  if (!options_.stats_path.empty()) {
    const absl::Status written =
        WriteFile(options_.stats_path, StatsJson(result, expected.size(), attacks.size()));
    if (!written.ok()) {
      std::fprintf(stderr, "%s\n", std::string(written.message()).c_str());
      return kExitWrongUsage;
    }
  }
  return result.ok() || !complete ? kExitOk : kExitFaultInData;
}

std::string Demo::StatsJson(const ExpectationResult& result, size_t expected, size_t attacks) {
  const DemoSnapshot last = Snapshot();
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  json.Key("attacks").Value(attacks).Key("alerts_expected").Value(expected);
  json.Key("alerts").Value(alerts_.size());
  json.Key("missing").BeginArray();
  for (const simulator::ExpectedAlert& alert : result.missing) json.Value(alert.rule_id);
  json.EndArray().Key("surplus").BeginArray();
  for (const AlertSummary& alert : result.surplus) json.Value(alert.rule_id);
  json.EndArray();
  json.Key("records_published").Value(last.records_published);
  json.Key("events").Value(last.events).Key("duplicates").Value(last.duplicates);
  json.Key("dead_letters").Value(last.dead_letters);
  json.Key("seconds").Value(absl::ToDoubleSeconds(last.elapsed));
  std::map<std::string, uint64_t> requests;
  for (const auto& [kind_and_result, count] : cloud_->cloud().Counts()) {
    requests[std::string(simulator::RequestKindName(kind_and_result.first))] += count;
  }
  json.Key("requests").BeginObject();
  for (const auto& [kind, count] : requests) json.Key(kind).Value(count);
  json.EndObject().Key("messages").BeginObject();
  for (const kafka::TopicSpec& spec : kafka::Topics()) {
    const std::string label =
        absl::StrCat("topic=\"", kafka::TopicName(topics_.prefix, spec.topic), "\"");
    json.Key(spec.name).Value(
        static_cast<uint64_t>(metrics_.Sum("picket_messages_out_total", {label})));
  }
  json.EndObject().Key("transactions").BeginObject();
  json.Key("fetcher").Value(last.transactions.fetcher);
  json.Key("parser").Value(last.transactions.parser);
  json.Key("detector").Value(last.transactions.detector);
  json.EndObject().EndObject();
  text.push_back('\n');
  return text;
}

}  // namespace

absl::StatusOr<int> RunDemo(const DemoOptions& options, StopSignals& signals) {
  return Demo(options, signals).Run();
}

}  // namespace picket
