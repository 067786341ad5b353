#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_schemas.h"

namespace picket {

// What OCSF 1.8.0 requires of an event or a finding of a class: always the reduced table of
// tests/data (ocsf-required.json), and the whole schema of each class if the shared data are
// available.
// Threads: const, any. Lifetime: the process; read once, at the first Get().
class OcsfSchemas {
 public:
  static const OcsfSchemas& Get();

  // Whether the whole schemas are available.
  bool whole() const { return whole_.has_value(); }

  // The faults of an event, each with its path.
  std::vector<std::string> Validate(std::string_view event_json) const;

 private:
  OcsfSchemas();

  EventSchemas reduced_;
  std::optional<EventSchemas> whole_;
};

}  // namespace picket
