#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/random.h"
#include "simulator/record_frame.h"
#include "simulator/record_writer.h"
#include "simulator/scenario.h"
#include "simulator/security_record_writer.h"

namespace picket::simulator {

// Writes the records of a story and declares the alerts that the records should raise. The clock of
// a story is simulated: Begin sets it, and Advance moves it forward.
// Threads: One thread uses an instance. Lifetime: `company`, `cast`, `options` and `out` must
// outlive the writer.
class StoryWriter {
 public:
  StoryWriter(const Company& company, Cast& cast, const ScenarioOptions& options,
              std::string_view part, ScenarioRecords& out);

  // Begins a story. `after` is the time from the start of the scenario to the start of the story.
  void Begin(std::string_view story, absl::Duration after);
  // Advances the time of the story by `step` times the scale of the scenario. Returns the new time.
  absl::Time Advance(absl::Duration step) { return now_ += step * options_.scale; }
  absl::Time now() const { return now_; }

  // Adds a record. The record becomes available between one and `latest` minutes after its
  // creation, multiplied by the scale of the scenario. A `latest` below 2 counts as 2.
  AuditRecord& Add(AuditRecord record, int latest = 25);
  // Adds a record that should raise one alert for each of the behaviours.
  void AddWithAlert(std::initializer_list<std::string_view> behaviours, AuditRecord record,
                    std::string_view user, std::string_view object);
  void AddWithAlert(std::string_view behaviour, AuditRecord record, std::string_view user,
                    std::string_view object) {
    AddWithAlert({behaviour}, std::move(record), user, object);
  }
  // Declares that the records from index `from` onwards should together raise one alert.
  void ExpectOneAlert(std::string_view behaviour, size_t from, std::string_view user,
                      std::string_view address);
  size_t count() const { return out_.records.size(); }

  // Returns the attacker's IP address in a story, from a range reserved for documentation. `story`
  // is the index of the story within its campaign. Different stories have different addresses until
  // all 500 addresses are in use.
  std::string AttackerAddress(int story) const;

  const Company& company;
  Cast& cast;
  Random random;
  RecordFrame frame;
  RecordWriter write{frame};
  SecurityRecordWriter write_security{frame};

 private:
  ExpectedAlert Expected(std::string_view name) const;

  const ScenarioOptions& options_;
  absl::Time now_;
  std::string story_;
  ScenarioRecords& out_;
};

}  // namespace picket::simulator
