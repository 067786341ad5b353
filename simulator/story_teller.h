#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/random.h"
#include "simulator/record_writer.h"
#include "simulator/scenario.h"

namespace picket::simulator {

// Writes one story down: moves its own time forward, adds records, declares what they deserve.
// Threads: one. Lifetime: `company`, `cast`, `options` and `out` must outlive it.
class StoryTeller {
 public:
  StoryTeller(const Company& company, Cast& cast, const ScenarioOptions& options,
              std::string_view part, Happenings& out);

  void Begin(std::string_view story, absl::Duration after);
  absl::Time After(absl::Duration step) { return now_ += step * options_.scale; }
  absl::Time now() const { return now_; }

  // Handed out between one and `latest` minutes later.
  AuditRecord& Add(AuditRecord record, int latest = 25);
  // The record itself deserves an alert, or one for each behaviour that it shows.
  void AddAlarming(std::initializer_list<std::string_view> behaviours, AuditRecord record,
                   std::string_view user, std::string_view object);
  void AddAlarming(std::string_view behaviour, AuditRecord record, std::string_view user,
                   std::string_view object) {
    AddAlarming({behaviour}, std::move(record), user, object);
  }
  // The records from number `from` on deserve one alert together.
  void ExpectTogether(std::string_view behaviour, size_t from, std::string_view user,
                      std::string_view address);
  size_t count() const { return out_.records.size(); }

  // Documentation addresses, another one for each story of each campaign.
  std::string AttackerAddress(int story) const;

  const Company& company;
  Cast& cast;
  Random random;
  RecordWriter write;

 private:
  ExpectedAlert Expected(std::string_view name) const;

  const ScenarioOptions& options_;
  absl::Time now_;
  std::string story_;
  Happenings& out_;
};

}  // namespace picket::simulator
