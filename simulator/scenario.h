#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/record_writer.h"

namespace picket::simulator {

// An alert that a scenario deserves. It is declared by the story that commits the act, never derived from a rule.
struct ExpectedAlert {
  std::string rule_id;
  std::string rule;   // "mass_download"
  std::string level;  // "high"
  std::string technique;
  std::string story;
  std::string tenant;
  std::string user;     // UserId of the records; empty where many users are hit
  std::string address;  // where the rule groups by address
  std::string object;   // ObjectId of the record, for a rule on one event
  absl::Time first;
  absl::Time last;
  // The records that make it up: one, or exactly as many as the threshold needs, or more.
  std::vector<std::string> record_ids;
};

// What one attack, or one campaign of all of them, adds to the log.
struct Happenings {
  std::vector<AuditRecord> records;
  std::vector<ExpectedAlert> expected;
};

// Hands out people of a company for parts that nobody else may play: their own work then holds no download and no
// failed sign-in, so that the stories count exactly.
class Cast {
 public:
  // `parts` people are set aside from the start, beginning with number `first` of those who are no administrators.
  Cast(const Company& company, size_t parts, size_t first = 0);
  const Person& Next();
  // True for administrators too, who are set aside always.
  bool IsTaken(const Person& person) const { return taken_.contains(person.upn); }

 private:
  const Person& Part(size_t number) const;

  const Company& company_;
  size_t next_;
  std::set<std::string> taken_;
};

struct ScenarioOptions {
  uint64_t seed = 1;
  int campaign = 0;  // which telling; gives attackers addresses of their own
  absl::Time start;
  // Time between two acts is multiplied with this; 1 tells a story in an hour or so.
  double scale = 1;
};

// How many people of the cast one campaign takes.
inline constexpr size_t kCastOfACampaign = 20;
// How many alerts one campaign deserves: one for each behaviour, and three of them a second time.
inline constexpr size_t kAlertsOfACampaign = 82;
inline constexpr size_t kCastOfNearMisses = 2;
// How long one story goes on at most, at scale 1.
inline constexpr absl::Duration kLongestStory = absl::Minutes(90);

// All attack stories once: each behaviour that the detection pack promises to find (behaviours.h), at least once. Counted
// acts meet their threshold exactly.
Happenings TellAttacks(const Company& company, Cast& cast, const ScenarioOptions& options);

// What honest people do that comes near a threshold, between its half and the whole: thirty downloads in ten minutes, six
// failed sign-ins of one user, six users failing at one terminal. Deserves no alert.
Happenings TellNearMisses(const Company& company, Cast& cast, const ScenarioOptions& options);

// As a JSON array, one object a line.
std::string ExpectationsJson(const std::vector<ExpectedAlert>& expected);

}  // namespace picket::simulator
