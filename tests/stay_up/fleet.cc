#include "tests/stay_up/fleet.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "common/file.h"

namespace picket {

void Fleet::ExpectRunning() {
  for (ServiceProcess* const service : services_) {
    const std::optional<int> status = service->process->Wait(absl::ZeroDuration());
    if (!status.has_value()) continue;
    ++ended_;
    ADD_FAILURE() << service->stage << " " << service->instance << " ended by itself with status "
                  << *status << ", the last lines of its log:\n"
                  << LinesWith(service->process->log_path(), "", 12);
    service->process->Start();
  }
}

void Fleet::ExpectRunningFor(absl::Duration time) {
  ExpectRunningUntil(time, [] { return false; });
}

bool Fleet::ExpectRunningUntil(absl::Duration timeout, const std::function<bool()>& condition) {
  const absl::Time deadline = absl::Now() + timeout;
  while (!condition()) {
    ExpectRunning();
    const absl::Duration left = deadline - absl::Now();
    if (left <= absl::ZeroDuration()) return false;
    absl::SleepFor(std::min(left, absl::Milliseconds(50)));
  }
  return true;
}

std::string LinesWith(const std::string& path, const std::string& text, size_t limit) {
  std::vector<absl::string_view> lines;
  const std::string content = ReadFile(path).value_or("");
  for (const absl::string_view line : absl::StrSplit(content, '\n', absl::SkipEmpty())) {
    if (absl::StrContains(line, text)) lines.push_back(line);
  }
  const size_t first = lines.size() > limit ? lines.size() - limit : 0;
  return absl::StrJoin(lines.begin() + static_cast<std::ptrdiff_t>(first), lines.end(), "\n");
}

}  // namespace picket
