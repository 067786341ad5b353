#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/event_schemas.h"

namespace picket {

// What OCSF 1.8.0 demands of an event or a finding, by its class: always the reduced table of tests/data
// (ocsf-required.json), and the whole schema of each class where the shared data are.
// Threads: const, any. Lifetime: the process; read once, at the first Get().
class OcsfSchemas {
 public:
  static const OcsfSchemas& Get();

  // True when the whole schemas are there.
  bool whole() const { return whole_.has_value(); }

  // What is wrong with the event, each fault with its place.
  std::vector<std::string> Validate(std::string_view event_json) const;

 private:
  OcsfSchemas();

  EventSchemas reduced_;
  std::optional<EventSchemas> whole_;
};

}  // namespace picket
