#include "common/process_metrics.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/metrics.h"
#include "common/strings.h"

namespace picket {
namespace {

template <MetricType kType>
void Put(std::vector<prometheus::MetricFamily>& families, MetricName<kType> name,
         std::optional<double> value) {
  if (!value.has_value()) return;
  prometheus::MetricFamily family;
  family.name = std::string(name.text());
  family.help = std::string(name.spec().meaning);
  prometheus::ClientMetric& metric = family.metric.emplace_back();
  if (kType == MetricType::kCounter) {
    family.type = prometheus::MetricType::Counter;
    metric.counter.value = *value;
  } else {
    family.type = prometheus::MetricType::Gauge;
    metric.gauge.value = *value;
  }
  families.push_back(std::move(family));
}

std::optional<double> CpuSeconds() {
  rusage usage;
  if (getrusage(RUSAGE_SELF, &usage) != 0) return std::nullopt;
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

std::optional<double> OpenFiles() {
  std::error_code error;
  std::filesystem::directory_iterator it("/proc/self/fd", error);
  double count = 0;
  for (; !error && it != std::filesystem::directory_iterator(); it.increment(error)) ++count;
  if (error) return std::nullopt;
  return count - 1;  // do not count the descriptor that this function uses to read the folder
}

std::optional<double> MostFiles() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::nullopt;
  return static_cast<double>(limit.rlim_cur);
}

// Returns the time at which the machine was started, in seconds since 1970.
std::optional<double> BootTime() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/stat");
  if (!text.ok()) return std::nullopt;
  for (const absl::string_view line : absl::StrSplit(*text, '\n')) {
    double seconds = 0;
    if (absl::StartsWith(line, "btime ") && absl::SimpleAtod(line.substr(6), &seconds)) {
      return seconds;
    }
  }
  return std::nullopt;
}

// The fields of /proc/self/stat that follow the name of the program. The fields are numbered as in
// the man page proc(5), so the first of them has the number 3.
class ProcessStat {
 public:
  ProcessStat() {
    const absl::StatusOr<std::string> text = ReadFile("/proc/self/stat");
    if (!text.ok()) return;
    const size_t end = text->rfind(')');  // the last one, because the name may contain ')'
    if (end == std::string::npos) return;
    fields_ = absl::StrSplit(text->substr(end + 1), ' ', absl::SkipWhitespace());
  }

  std::optional<double> Field(size_t number) const {
    double value = 0;
    if (number - 3 >= fields_.size() || !absl::SimpleAtod(fields_[number - 3], &value)) {
      return std::nullopt;
    }
    return value;
  }

 private:
  std::vector<std::string> fields_;
};

}  // namespace

std::vector<prometheus::MetricFamily> ReadProcessMetrics() {
  const ProcessStat stat;
  std::vector<prometheus::MetricFamily> families;
  Put<MetricType::kCounter>(families, "process_cpu_seconds_total", CpuSeconds());
  Put<MetricType::kGauge>(families, "process_threads", stat.Field(20));
  Put<MetricType::kGauge>(families, "process_virtual_memory_bytes", stat.Field(23));
  if (const std::optional<double> pages = stat.Field(24)) {
    Put<MetricType::kGauge>(families, "process_resident_memory_bytes",
                            *pages * static_cast<double>(sysconf(_SC_PAGESIZE)));
  }
  Put<MetricType::kGauge>(families, "process_open_fds", OpenFiles());
  Put<MetricType::kGauge>(families, "process_max_fds", MostFiles());
  static const std::optional<double> boot_time = BootTime();
  if (const std::optional<double> ticks = stat.Field(22); ticks.has_value() && boot_time) {
    Put<MetricType::kGauge>(families, "process_start_time_seconds",
                            *boot_time + *ticks / static_cast<double>(sysconf(_SC_CLK_TCK)));
  }
  return families;
}

}  // namespace picket
