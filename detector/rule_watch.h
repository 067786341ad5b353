#pragma once

// Keeps the rules in force up to date: polls their source and the tenants' settings, compiles
// changes in its own thread, and puts a change in force completely or not at all.

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
  std::string tenants_dir;    // tenants' files (model/tenant_settings.h); empty: none
  std::string defaults_file;  // settings for every tenant; empty: none
  absl::Duration interval = absl::Seconds(1);
};

// The rules in force and all faults, for /readyz and people.
struct RuleStatus {
  std::string source;
  std::string version;  // of the rules in force; empty if there are none yet
  size_t rules = 0;
  size_t correlations = 0;
  size_t tenants = 0;  // with settings
  absl::Time since;    // when these rules came into force
  // Why the newest state of the source is not in force, each fault with its place; empty if it is
  // in force. At startup, when there are no older rules, the rules without faults are in force
  // nevertheless.
  std::vector<std::string> faults;
  // Faults of tenants' settings; the settings concerned are not in force.
  std::vector<std::string> tenant_faults;
  // Rules that are off, and filters without effect, because a placeholder has no list, with the
  // number of tenants.
  std::vector<std::string> without_list;
  std::vector<std::string>
      never_matched;  // ids of detection rules that no event has matched since `since`
};

// If the source is empty or has any fault, all old rules stay in force. If a tenant's file has a
// fault, that tenant's older settings, if any, stay in force, and no other tenant is affected.
// Threads: Check and Run from one thread; the rest from any. Lifetime: outlives the workers.
// Failure: never ends by itself; faults are logged, counted and part of the status.
class RuleWatch {
 public:
  RuleWatch(std::unique_ptr<RuleSource> source, RuleWatchOptions options, Metrics& metrics);
  ~RuleWatch();

  // Checks the source and the settings once. Returns true if new rules or settings came into force.
  bool Check(absl::Time now);

  // Checks once per interval until a stop is requested.
  void Run(Clock& clock, const std::stop_token& stop);

  // Waits for the first rules. Returns Cancelled if a stop is requested before there are any.
  absl::Status WaitForRules(Clock& clock, const std::stop_token& stop) const;

  const RuleHandover& rules() const;
  RuleStatus StatusNow() const;
  // The same as JSON, for the admin server.
  std::string StatusJson() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::detector
