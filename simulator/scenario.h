#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/record_frame.h"

namespace picket::simulator {

// An alert that a scenario should raise. The story declares the alert. The declaration is never
// derived from a rule, so that tests notice a rule that is wrong.
struct ExpectedAlert {
  std::string rule_id;
  std::string rule;   // "mass_download"
  std::string level;  // "high"
  std::string technique;
  std::string story;
  std::string tenant;
  std::string user;     // UserId of the records; empty if the alert concerns many users
  std::string address;  // IP address; set only if the rule groups events by address
  std::string object;   // ObjectId of the record; set only if the rule matches single events
  absl::Time first;
  absl::Time last;
  // Ids of the records that raise the alert. A rule that matches single events has one Id. A
  // correlation has at least as many Ids as its threshold.
  std::vector<std::string> record_ids;
};

// The records that a scenario adds to the log, and the alerts that they should raise.
struct ScenarioRecords {
  std::vector<AuditRecord> records;
  std::vector<ExpectedAlert> expected;
};

// Assigns people of a company to the roles of the stories. Each person plays only one role. The
// ordinary work of these people contains no downloads and no failed sign-ins, so the counts in the
// stories are exact.
class Cast {
 public:
  // Reserves people for `roles` roles. The first reserved person has index `first` among the people
  // who are not administrators.
  Cast(const Company& company, size_t roles, size_t first = 0);
  // Returns the next reserved person.
  const Person& Next();
  // Returns true for reserved people and for administrators, who are always reserved.
  bool IsTaken(const Person& person) const { return taken_.contains(person.upn); }

 private:
  const Person& Role(size_t number) const;

  const Company& company_;
  size_t next_;
  std::set<std::string> taken_;
};

struct ScenarioOptions {
  uint64_t seed = 1;
  // Index of the campaign. A campaign is one run of all attack stories, with its own attackers'
  // addresses.
  int campaign = 0;
  absl::Time start;
  // Factor for the time between two acts of a story, such as a sign-in and a download. At a scale
  // of 1, a story takes about an hour.
  double scale = 1;
};

// The number of people that one campaign uses.
inline constexpr size_t kCastOfACampaign = 20;
// The number of alerts that one campaign should raise: one for each behaviour, and a second alert
// for three of the behaviours.
inline constexpr size_t kAlertsOfACampaign = 82;
inline constexpr size_t kCastOfNearMisses = 2;
// The maximum duration of a story at a scale of 1.
inline constexpr absl::Duration kLongestStory = absl::Minutes(90);

// Writes all attack stories once. Together, the stories show each behaviour that the detection pack
// must find (attack_behaviours.h). If a rule counts events, most stories contain exactly the
// number of events that the rule requires. Therefore, tests notice a threshold that is too high.
ScenarioRecords WriteAttacks(const Company& company, Cast& cast, const ScenarioOptions& options);

// Writes legitimate actions that reach more than half of a threshold but stay below it: thirty
// downloads in ten minutes, six failed sign-ins of one user, and failed sign-ins of six users at
// one terminal. These actions should raise no alert.
ScenarioRecords WriteNearMisses(const Company& company, Cast& cast, const ScenarioOptions& options);

// Returns the expected alerts as a JSON array, with one object per line.
std::string ExpectationsJson(const std::vector<ExpectedAlert>& expected);

}  // namespace picket::simulator
