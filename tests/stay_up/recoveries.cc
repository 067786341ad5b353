#include "tests/stay_up/recoveries.h"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"

namespace picket {

void Recoveries::FaultEnded(const std::string& kind, const std::string& stage,
                            const std::string& instance) {
  MutexLock lock(mu_);
  pending_.push_back({kind, stage, instance, absl::Now()});
}

void Recoveries::Update() {
  std::vector<Fault> pending;
  for (Fault& fault : pending_) {
    const std::optional<absl::Time> commit =
        watch_.FirstCommit(fault.stage, fault.instance, fault.end);
    if (commit.has_value()) {
      times_[fault.kind].push_back(*commit - fault.end);
    } else {
      pending.push_back(std::move(fault));
    }
  }
  pending_ = std::move(pending);
}

std::vector<std::string> Recoveries::Pending() {
  MutexLock lock(mu_);
  Update();
  std::vector<std::string> lines;
  for (const Fault& fault : pending_) {
    lines.push_back(absl::StrCat(fault.stage, " ", fault.instance, " has committed nothing for ",
                                 absl::FormatDuration(absl::Now() - fault.end), " after the ",
                                 fault.kind));
  }
  return lines;
}

void Recoveries::Print() {
  MutexLock lock(mu_);
  Update();
  std::printf("\n%-18s %5s  %s\n", "fault", "n", "seconds to the next commit: p50, p95, max");
  for (auto& [kind, times] : times_) {
    std::sort(times.begin(), times.end());
    const auto quantile = [&times = times](double share) {
      const double index = share * static_cast<double>(times.size() - 1);
      return absl::ToDoubleSeconds(times[static_cast<size_t>(index + 0.5)]);
    };
    std::printf("%-18s %5d  %6.1f %6.1f %6.1f\n", kind.c_str(), static_cast<int>(times.size()),
                quantile(0.5), quantile(0.95), quantile(1));
  }
}

}  // namespace picket
