// `picket replay` evaluates the rules on audit records and prints the alerts.

#include <algorithm>
#include <cstdio>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/investigations/audit_input.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "detector/detector.h"
#include "detector/matching/rule_set.h"
#include "detector/tenant_files.h"
#include "model/field_names.h"

namespace picket {
namespace {

struct ReplayOptions {
  AuditInputOptions input;
  std::string format = "text";
  std::string rules;            // path of the rules; if empty, the built-in rules
  std::string tenant_config;    // folder of tenants' files, or one file; may be empty
  std::string tenant_defaults;  // file of settings for every tenant; may be empty
};

// Evaluates the rules on events, prints each alert, and counts the alerts per rule.
// Threads: One thread uses an instance.
class AlertPrinter final : public AuditSink {
 public:
  AlertPrinter(std::shared_ptr<const detector::ActiveRules> rules, bool as_json,
               StandardOutput& out)
      : as_json_(as_json),
        out_(out),
        detector_(std::move(rules), {.allowed_lateness = absl::InfiniteDuration()}, metrics_) {}

  bool AddEvent(const parser::NormalizedBatch& batch,
                const parser::NormalizedBatch::Event& event) override {
    return detector_.Process({.tenant = batch.Tenant(event)}, batch.Json(event), on_alert_);
  }
  void EndBatch() override { detector_.Commit(); }
  std::string Progress() const override { return Counted(alerts_, "alert"); }

  // Evaluates the correlation conditions that can be decided only at the end of the input, such as
  // "fewer than three events".
  void Finish() { detector_.Finish(on_alert_); }

  uint64_t alerts() const { return alerts_; }
  uint64_t suppressed() const {
    return static_cast<uint64_t>(metrics_.Sum("picket_alerts_suppressed_total"));
  }

  // Prints a line for each rule that raised alerts, in descending order of level.
  void PrintSummary() const {
    std::vector<std::pair<std::string, RuleTotal>> rows(by_rule_.begin(), by_rule_.end());
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) {
      if (a.second.level != b.second.level) return a.second.level > b.second.level;
      if (a.second.alerts != b.second.alerts) return a.second.alerts > b.second.alerts;
      return a.first < b.first;
    });
    if (!rows.empty()) absl::FPrintF(stderr, "%8s  %-13s  rule\n", "alerts", "level");
    for (const auto& [id, total] : rows) {
      absl::FPrintF(stderr, "%8s  %-13s  %s (%s)\n", Grouped(total.alerts),
                    sigma::LevelName(total.level), total.title, Printable(id));
    }
  }

  // Prints how many events each correlation left out because they lack a field.
  void PrintLeftOut() const {
    for (const detector::LeftOutEvents& left_out : detector_.LeftOut()) {
      std::fprintf(stderr, "%s left out of '%s': no value of %s\n",
                   Counted(left_out.events, "event").c_str(),
                   Printable(left_out.correlation).c_str(), Printable(left_out.field).c_str());
    }
  }

 private:
  struct RuleTotal {
    std::string title;
    sigma::Level level;
    uint64_t alerts = 0;
  };

  void Print(const detector::Alert& alert) {
    ++alerts_;
    RuleTotal& total = by_rule_[alert.rule_id];
    if (total.alerts++ == 0) {
      total.title = Printable(alert.title);
      total.level = alert.level;
    }
    if (as_json_) {
      out_.text().append(alert.json).push_back('\n');
      return;
    }
    absl::StrAppendFormat(
        &out_.text(), "%s  %-13s  %-9s  %s  user %s  tenant %s\n",
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", absl::FromUnixMillis(alert.time_ms),
                         absl::UTCTimeZone()),
        sigma::LevelName(alert.level), Printable(alert.technique), Printable(alert.title),
        alert.user.empty() ? "-" : Printable(alert.user), Printable(alert.tenant));
  }

  const bool as_json_;
  StandardOutput& out_;
  Metrics metrics_;
  detector::Detector detector_;
  const std::function<void(const detector::Alert&)> on_alert_ =
      [this](const detector::Alert& alert) { Print(alert); };
  uint64_t alerts_ = 0;
  StringMap<RuleTotal> by_rule_;
};

int Replay(const ReplayOptions& options) {
  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> paths;
  if (!options.rules.empty()) paths.push_back(options.rules);
  const std::vector<sigma::RuleFile> files = ReadRules(paths, faults);
  const auto base = detector::CompileRulePack(files, ResolveFieldName, faults);
  PrintFaults(faults);
  if (base->size() == 0) {
    std::fprintf(stderr, "no usable rule%s%s\n", options.rules.empty() ? "" : ": --rules ",
                 options.rules.c_str());
    return kExitWrongUsage;
  }

  // The detector ignores a file of settings that has an error. This command ends in this case,
  // because the alerts would not take the settings into account.
  detector::TenantFiles tenant_files(options.tenant_config, options.tenant_defaults);
  tenant_files.Refresh();
  detector::TenantBinder binder(ResolveFieldName);
  std::vector<std::string> tenant_faults;
  const auto rules = detector::BindTenants(base, tenant_files, binder, tenant_faults);
  for (const std::string& fault : tenant_faults)
    std::fprintf(stderr, "%s\n", Printable(fault).c_str());
  if (!tenant_files.faults().empty()) return kExitWrongUsage;

  StandardOutput out;
  AlertPrinter printer(rules, options.format == "json", out);
  const absl::StatusOr<AuditTotals> totals = ReadAuditInput(options.input, out, printer);
  absl::Status status = totals.status();
  if (status.ok()) {
    printer.Finish();
    out.Flush();
    status = out.status();
  }
  if (status.ok() && !options.input.stats.empty()) {
    status = WriteStats(options.input.stats, *totals, printer.alerts());
  }
  if (out.reader_is_gone()) return kExitOk;
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return kExitWrongUsage;
  }
  if (totals->IsEmptyFailure()) return totals->ExitStatus();
  printer.PrintSummary();
  printer.PrintLeftOut();
  std::fprintf(stderr, "%s; %s", totals->Summary().c_str(),
               Counted(printer.alerts(), "alert").c_str());
  if (printer.suppressed() > 0) {
    std::fprintf(stderr, "; %s suppressed", Grouped(printer.suppressed()).c_str());
  }
  std::fputc('\n', stderr);
  const int exit_status = totals->ExitStatus();
  const bool has_faults = !faults.empty() || !tenant_faults.empty();
  return exit_status == kExitOk && has_faults ? kExitFaultInData : exit_status;
}

}  // namespace

void AddReplay(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<ReplayOptions>();
  CLI::App* const command = app.add_subcommand(
      "replay", "Evaluate the rules on exported audit records, and print the alerts");
  command->group(kInvestigationCommands);
  AddAuditInputOptions(*command, options->input);
  command->add_option("--format", options->format, "Format of the alerts")
      ->check(CLI::IsMember({"text", "json"}))
      ->capture_default_str();
  command
      ->add_option("--rules", options->rules,
                   "A rule file or a folder of rules, instead of the built-in rules")
      ->type_name("PATH");
  command
      ->add_option(
          "--tenant-config", options->tenant_config,
          "A tenant's file or a folder of them: apply the disabled and enabled rules, lists, "
          "filters and suppressions as the detector does")
      ->check(CLI::ExistingPath);
  command
      ->add_option("--tenant-defaults", options->tenant_defaults,
                   "The file of settings for every tenant (detector.defaults_file)")
      ->check(CLI::ExistingFile);
  command->footer(kAuditInputFooter);
  command->callback([options, &exit_status] { exit_status = Replay(*options); });
}

}  // namespace picket
