#include "cli/services/reloader.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "cli/config_file.h"
#include "cli/services/admin_token.h"
#include "common/file.h"
#include "common/log.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "kafka/admin.h"
#include "kafka/topic_use.h"

namespace picket {
namespace {

constexpr absl::Duration kBrokerTimeout = absl::Seconds(5);

std::map<std::string, std::string> ValuesOf(PicketConfig& config) {
  return FlattenConfig([&](ConfigVisitor& visitor) { Describe(visitor, config); });
}

bool IsOfKafka(std::string_view option) { return option.starts_with("kafka."); }

// Returns a digest of each file that CompareFiles checks for changes, indexed by the option that
// names the file. Other files and folders are left out, because their readers notice changes.
std::map<std::string, std::string> DigestsOf(PicketConfig& config, ServiceKind kind) {
  std::map<std::string, std::string> digests;
  for (const auto& [option, path] : ValuesOf(config)) {
    const bool concerns_service = IsOfKafka(option) ||
                                  (kind == ServiceKind::kFetch && option == "fetcher.ca_file") ||
                                  (kind == ServiceKind::kParse && option == "parser.mask_key_file");
    if (path.empty() || !concerns_service || ChangeOfSetting(option) != ChangeOf::kContent) {
      continue;
    }
    const absl::StatusOr<std::string> text = ReadFile(path);
    digests[option] = text.ok() ? HexPrefix(Sha256(*text)) : std::string(text.status().message());
  }
  return digests;
}

std::string Listed(const std::vector<std::string>& items) {
  return items.empty() ? "nothing" : absl::StrJoin(items, ", ");
}

}  // namespace

Reloader::Reloader(ConfigOrigin origin, const PicketConfig& running, ServiceKind kind,
                   Service& service, http::AdminServer& admin, std::string token)
    : origin_(std::move(origin)),
      running_(running),
      kind_(kind),
      service_(service),
      admin_(admin),
      admin_in_force_(running.admin),
      token_(std::move(token)),
      digests_(DigestsOf(running_, kind)) {}

ReloadReport Reloader::Reload() {
  ReloadReport report;
  // Checks again that other users cannot change the file.
  const absl::StatusOr<std::string> path =
      origin_.is_named ? FindConfigFile(origin_.path) : FindConfigFile("", {origin_.path});
  PicketConfig fresh;
  std::vector<std::string> faults;
  if (!path.ok()) {
    faults.emplace_back(path.status().message());
  } else {
    faults = ReadPicketConfig(*path, origin_.overrides, fresh);
  }
  if (faults.empty()) {
    CompareSettings(fresh, report);
    ApplyAdmin(fresh.admin, report);
  } else {
    report.faults = std::move(faults);
    ApplyAdmin(admin_in_force_, report);  // the content of the token's file may have changed
  }
  CompareFiles(report);
  service_.Reload(report);
  return report;
}

void Reloader::CompareSettings(PicketConfig& fresh, ReloadReport& report) {
  const std::map<std::string, std::string> before = ValuesOf(running_);
  std::map<std::string, std::string> after = ValuesOf(fresh);
  for (const auto& [option, value] : before) {
    const auto found = after.find(option);
    const bool has_changed = found == after.end() || found->second != value;
    if (found != after.end()) after.erase(found);
    if (has_changed && ChangeOfSetting(option) != ChangeOf::kValue) {
      report.needs_restart.push_back(option);
    }
  }
  for (const auto& [option, value] : after) report.needs_restart.push_back(option);
}

void Reloader::ApplyAdmin(const AdminConfig& fresh, ReloadReport& report) {
  if (fresh.log_level != admin_in_force_.log_level) {
    report.changed.push_back(absl::StrCat("admin.log_level is ", fresh.log_level));
    SetLogLevel(LogLevelOf(fresh));
    admin_in_force_.log_level = fresh.log_level;
  }
  absl::StatusOr<std::string> token = ReadAdminToken(fresh.token_file);
  if (!token.ok()) {
    report.faults.emplace_back(token.status().message());
    return;
  }
  admin_in_force_.token_file = fresh.token_file;
  if (*token == token_) return;
  report.changed.emplace_back("admin.token_file");
  token_ = *std::move(token);
  admin_.SetPageToken(token_);
}

void Reloader::CompareFiles(ReloadReport& report) {
  std::map<std::string, std::string> digests = DigestsOf(running_, kind_);
  std::vector<std::string> of_kafka;
  for (const auto& [option, digest] : digests) {
    if (digests_[option] == digest) continue;
    if (IsOfKafka(option)) {
      of_kafka.push_back(option);
    } else {
      report.changed.push_back(absl::StrCat(option, " (content)"));
      digests_[option] = digest;
    }
  }
  if (of_kafka.empty()) return;
  // Wrong certificates or passwords would stop the service, so a trial connection uses them first.
  // If the trial fails, the next SIGHUP repeats it.
  const absl::StatusOr<kafka::ClusterState> cluster = kafka::DescribeTopics(
      running_.kafka, running_.topics, kafka::UsesOf(NameOf(kind_), {}), kBrokerTimeout);
  absl::Status status = cluster.status();
  if (status.ok() && std::all_of(cluster->topics.begin(), cluster->topics.end(),
                                 [](const kafka::TopicState& topic) { return topic.is_hidden; })) {
    status = absl::PermissionDeniedError(
        "our user may not see any topic of the service; give it the ACLs that `picket topics acls` "
        "prints");
  }
  if (!status.ok()) {
    report.faults.push_back(
        absl::StrCat("the new content of ", Listed(of_kafka),
                     " is not used, because a trial with it failed: ", status.message()));
    return;
  }
  for (const std::string& option : of_kafka) {
    report.changed.push_back(absl::StrCat(option, " (content)"));
    digests_[option] = digests[option];
  }
  service_.RestartClients();
}

void Reloader::Run(StopSignals& signals, const std::stop_token& stop) {
  while (signals.WaitForHangup(stop)) {
    LogInfo("reload_requested", {{"file", origin_.path}});
    const ReloadReport report = Reload();
    for (const std::string& fault : report.faults) LogError("reload_fault", {{"fault", fault}});
    const LogLevel level = report.faults.empty() ? LogLevel::kInfo : LogLevel::kWarning;
    Log(level, "reload_done",
        {{"changed", Listed(report.changed)},
         {"needs_restart", Listed(report.needs_restart)},
         {"faults", report.faults.size()}});
  }
}

}  // namespace picket
