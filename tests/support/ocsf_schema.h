#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_schemas.h"

namespace picket {

// Checks that an event or a finding has everything that OCSF 1.8.0 requires of its class. Every
// event is checked against tests/data/ocsf-required.json, a reduced form of the schemas. If the
// shared test data (shared_data.h) is available, the event is also checked against the whole schema
// of its class.
// Threads: Any thread may call const functions. Lifetime: The schemas are read by the first call of
// Get() and kept until the process ends.
class OcsfSchemas {
 public:
  static const OcsfSchemas& Get();

  // Returns true if the whole schemas are available.
  bool whole() const { return whole_.has_value(); }

  // Returns the errors of an event, each with its path.
  std::vector<std::string> Validate(std::string_view event_json) const;

 private:
  OcsfSchemas();

  EventSchemas reduced_;
  std::optional<EventSchemas> whole_;
};

}  // namespace picket
