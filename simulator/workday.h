#pragma once

#include <cstdint>
#include <vector>

#include "absl/time/time.h"
#include "simulator/record_writer.h"
#include "simulator/scenario.h"
#include "simulator/tenant.h"

namespace picket::simulator {

struct WorkdayOptions {
  uint64_t seed = 1;
  // Of the whole day; attacks and near misses are part of it, and come in full even where they are more.
  int64_t records = 2000;
  absl::Time end;
  absl::Duration length = absl::Hours(8);
  // How often all attack stories are told, spread over the day; 0 = a quiet day.
  int campaigns = 1;
  bool near_misses = true;
  // Time between two acts of a story is multiplied with this; stories must fit into the day.
  double story_scale = 1;
  // How long after it happened an ordinary record is handed out, mostly; three in a hundred come up to nine times later.
  absl::Duration usual_delay = absl::Minutes(20);
  // Which telling the first campaign is; a follow-up day takes other people and addresses.
  int first_campaign = 0;
};

struct Workday {
  std::vector<AuditRecord> records;  // in the order in which they are handed out
  std::vector<ExpectedAlert> expected;
};

// A day of a company at work: people sign in, read and write mail and files, meet, are administered, mistype their
// passwords; and the attacks of the scenario. Ordinary work stays well inside the bounds of the detection pack: no user
// fails to sign in more than three times in ten minutes, no address for more than four users, no user downloads more
// than fifteen files in ten minutes, and no operation comes in a shape that a rule looks for.
Workday SimulateWorkday(const Tenant& tenant, const WorkdayOptions& options);

// How many people such a day needs.
int EmployeesFor(const WorkdayOptions& options);

}  // namespace picket::simulator
