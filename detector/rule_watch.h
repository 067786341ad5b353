#pragma once

// Keeps the rules in force up to date: looks at their source and at the settings of tenants, compiles what has changed
// beside the workers, and puts it in force as a whole or not at all.

#include <memory>
#include <stop_token>
#include <string>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/metrics.h"
#include "detector/active_rules.h"
#include "detector/rule_source.h"

namespace picket::detector {

struct RuleWatchOptions {
  std::string tenants_dir;    // files of tenants (model/tenant_settings.h); empty: none
  std::string defaults_file;  // settings for every tenant; empty: none
  absl::Duration interval = absl::Seconds(1);
};

// What is in force and what is wrong, for /readyz and people.
struct RuleStatus {
  std::string source;
  std::string version;  // of the set in force; empty: none yet
  size_t rules = 0;
  size_t correlations = 0;
  size_t tenants = 0;  // with settings
  absl::Time since;    // when they came into force
  // Why the newest state of the source is not in force, each fault with its place; empty when it is. At the start, where
  // there are no older rules, the right ones are in force beside faults.
  std::vector<std::string> faults;
  // What of tenants' settings is not in force.
  std::vector<std::string> tenant_faults;
  // Rules that are off, and filters that are left out, because a placeholder has no list: which, and for how many.
  std::vector<std::string> without_list;
  std::vector<std::string> never_matched;  // ids of detection rules, since they came into force
};

// A source with any fault changes nothing: the whole old set stays in force, and so it does when the source is empty. A
// tenant's file with a fault leaves that tenant's older settings in force (none where there are none) and touches nobody
// else.
// Threads: Look and Run on one; the rest from any. Lifetime: outlives the workers. Failure: never ends by itself; faults
// are logged, counted and in the status.
class RuleWatch {
 public:
  RuleWatch(std::unique_ptr<RuleSource> source, RuleWatchOptions options, Metrics& metrics);
  ~RuleWatch();

  // One look at everything. True when other rules came into force.
  bool Look(absl::Time now);

  // Looks every interval until a stop is asked for.
  void Run(Clock& clock, const std::stop_token& stop);

  // The first rules; Cancelled when a stop is asked for before there are any.
  absl::Status WaitForRules(Clock& clock, const std::stop_token& stop) const;

  const RulesInForce& rules() const;
  RuleStatus StatusNow() const;
  // The same as JSON, for the admin server.
  std::string StatusJson() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
