#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "simulator/faults/fault_kinds.h"
#include "simulator/faults/request_kind.h"

namespace picket::simulator {

// A fault that the simulator injects. The same text describes a fault on the command line, in a
// file and in a request to the simulator:
//   KIND[=VALUE][:KEY=VALUE[,KEY=VALUE…]]
//   html=404:tenant=ferryfoods.example,type=Audit.Exchange,on=blob,from=10s,for=1m,share=5%
// docs/simulator.md describes the keys.
struct Fault {
  FaultKind kind = FaultKind::kHtml;
  std::string value;        // in its canonical form; empty if the kind has no value
  int64_t number = 0;       // the value as a number, for kStatus, kBytes, kCount
  absl::Duration duration;  // the value as a duration, for kDuration, kSkew and kExpiration

  std::string tenant;        // the id or the domain of a tenant; empty for all tenants
  std::string content_type;  // empty for all types
  RequestKinds on = 0;       // the affected kinds of requests
  // The fault is active from `from` after the moment at which it is added, for the time `lasting`.
  // If `every` is positive, this repeats with the period `every`.
  absl::Duration from;
  absl::Duration lasting = absl::InfiniteDuration();
  absl::Duration every;
  double share = 1;   // the affected share of the requests or, with `per_blob`, of the blobs
  int64_t count = 0;  // at most this many requests or, with `per_blob`, blobs; 0 for no limit
  bool per_blob = false;
  uint64_t seed = 1;

  friend bool operator==(const Fault& a, const Fault& b) = default;
};

// Returns a fault with the default properties of the kind. The caller may change the fields.
// `value` has the same form as VALUE in the text of a fault. Aborts the program if it is invalid.
Fault MakeFault(FaultKind kind, std::string_view value = {});

// Parses the text of a fault. The message of an error names the wrong word and what is allowed.
absl::StatusOr<Fault> ParseFault(std::string_view text);

// Returns a text without default properties that ParseFault turns into this fault.
std::string FaultText(const Fault& fault);

// Sets one property, such as "for" to "60s". `key` "kind" sets the kind and all defaults, and must
// come first. `key` "value" sets the value of the kind.
absl::Status SetFaultProperty(Fault& fault, std::string_view key, std::string_view value);

// Parses "90s", "5d", "100ms" or "1.5h". Returns nullopt if the text is not a duration.
std::optional<absl::Duration> ParseSpan(std::string_view text);
std::string SpanText(absl::Duration span);
// Parses "200MB" or "1GiB" or a number of bytes.
std::optional<int64_t> ParseBytes(std::string_view text);

}  // namespace picket::simulator
