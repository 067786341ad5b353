#pragma once

// Keeps the rules in force up to date. The watch polls the source of the rules and the tenants'
// settings, and compiles changes in its own thread. A change comes into force either completely or
// not at all.

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "detector/rule_handover.h"
#include "detector/rule_source.h"

namespace picket::detector {

struct RuleWatchOptions {
  std::string tenants_dir;    // tenants' files (model/tenant_settings.h); may be empty
  std::string defaults_file;  // settings for every tenant; may be empty
  absl::Duration interval = absl::Seconds(1);
};

// The rules in force and all errors, for /readyz and for people.
struct RuleStatus {
  std::string source;
  std::string version;  // version of the rules in force; empty before the first rules
  size_t rules = 0;
  size_t correlations = 0;
  size_t tenants = 0;  // number of tenants with settings
  absl::Time since;    // time at which these rules and settings came into force
  // The errors in the newest rules of the source, each with its file and line. If there are any
  // errors, the older rules stay in force. At startup, there are no older rules, so the rules
  // without errors come into force.
  std::vector<std::string> faults;
  // Errors in tenants' settings. Settings with errors are not in force.
  std::vector<std::string> tenant_faults;
  // The rules and filters with a placeholder (sigma/placeholders.h) whose list some tenants do not
  // define. For these tenants, such a rule is off, and such a filter has no effect. See
  // RulesWithoutList.
  std::vector<std::string> without_list;
  // The ids of detection rules that no event has matched since this version of the rules came into
  // force.
  std::vector<std::string> never_matched;
};

// Watches the rules and the settings. If the source is empty or has any error, all old rules stay
// in force. If a tenant's file has an error, only this tenant is affected: its older settings, if
// any, stay in force.
// Threads: Call Check and Run from one thread; any thread may call the other functions. Lifetime:
// The watch must outlive the workers. Failure: Run never ends by itself; errors are logged, counted
// and shown in the status.
class RuleWatch {
 public:
  RuleWatch(std::unique_ptr<RuleSource> source, RuleWatchOptions options, Metrics& metrics);
  ~RuleWatch();

  // Checks the source and the settings once. Returns true if new rules or settings came into force.
  bool Check(absl::Time now);

  // Checks once per interval until a stop is requested.
  void Run(Clock& clock, const std::stop_token& stop);

  // Makes Run check at once, for an operator who has changed the files. The operator has finished
  // the change, so Run does not wait before its second check.
  void CheckSoon();

  // Makes Run check at once, with a new client of the source (RuleSource::ReplaceClient).
  void ReplaceClient();

  // Waits for the first rules. Returns Cancelled if a stop is requested before there are any rules.
  absl::Status WaitForRules(Clock& clock, const std::stop_token& stop) const;

  const RuleHandover& rules() const;
  RuleStatus StatusNow() const;
  // Returns StatusNow as JSON, for the admin server.
  std::string StatusJson() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
