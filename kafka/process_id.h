#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace picket::kafka {

// Identifies a process among all processes that ever use one name in a group. The client id of a
// member of a roll call ends with the id of its process, so every process can read it from the
// coordinator's description of the roll call's group. Two processes that compare their ids get the
// same answer about which of them started first.
struct ProcessId {
  int64_t started_micros = 0;  // the host's time of day at the start, since the Unix epoch
  uint64_t nonce = 0;          // random, so that two processes never have the same id

  absl::Time started() const { return absl::FromUnixMicros(started_micros); }
  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14 for operator<=>
  friend auto operator<=>(const ProcessId&, const ProcessId&) = default;
};

// Returns the id of a process that starts at `now`, with a random nonce.
ProcessId MakeProcessId(absl::Time now);
// Returns `id` as text, such as "000623f1a2b3c4d5-9f86d081884c7d65".
std::string FormatProcessId(const ProcessId& id);
// Returns the id at the end of a member's client id. Returns nothing if the client id does not end
// with an id, for example because an older version of the program has set it.
std::optional<ProcessId> ProcessIdOf(std::string_view client_id);

}  // namespace picket::kafka
