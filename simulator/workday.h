#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "simulator/record_frame.h"
#include "simulator/scenario.h"
#include "simulator/tenant.h"

namespace picket::simulator {

struct WorkdayOptions {
  uint64_t seed = 1;
  // The number of records of the day, including attacks and near misses. Attacks and near misses
  // are always complete, even if they exceed this number.
  int64_t records = 2000;
  absl::Time end;
  absl::Duration length = absl::Hours(8);
  // The number of times that the whole set of attack stories occurs, spread over the day. If 0, the
  // day has no attacks.
  int campaigns = 1;
  bool near_misses = true;
  // Factor for the time between two acts of a story. The stories must fit into the day.
  double story_scale = 1;
  // The usual maximum delay until an ordinary record becomes available. For three percent of the
  // records, the delay is up to nine times as long.
  absl::Duration usual_delay = absl::Minutes(20);
  // The index of the first campaign. A day with another index has other people in its stories, and
  // other attackers' addresses.
  int first_campaign = 0;
};

struct Workday {
  std::vector<AuditRecord> records;  // in the order in which they become available
  std::vector<ExpectedAlert> expected;
};

// Simulates a day of a company. People sign in, mistype their passwords, read and write mail and
// files, and meet. Administrators do their work, and the attacks of the scenario happen. Ordinary
// work stays well below the thresholds of the detection pack. Within ten minutes, no user has more
// than three failed sign-ins, no address has failed sign-ins of more than four users, and no user
// downloads more than fifteen files. No record of ordinary work has a form that a rule looks for.
Workday SimulateWorkday(const Tenant& tenant, const WorkdayOptions& options);

// Returns the number of employees that a day with these options needs.
int EmployeesFor(const WorkdayOptions& options);

}  // namespace picket::simulator
