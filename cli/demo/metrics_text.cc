#include "cli/demo/metrics_text.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"

namespace picket {

MetricsText::MetricsText(std::string_view page) {
  for (absl::string_view line : absl::StrSplit(ToAbsl(page), '\n')) {
    if (line.empty() || line[0] == '#') continue;
    const size_t space = line.rfind(' ');
    if (space == absl::string_view::npos) continue;
    Sample sample;
    if (!absl::SimpleAtod(line.substr(space + 1), &sample.value)) continue;
    const absl::string_view series = line.substr(0, space);
    const size_t brace = std::min(series.find('{'), series.size());
    sample.name = std::string(series.substr(0, brace));
    sample.labels = std::string(series.substr(brace));
    samples_.push_back(std::move(sample));
  }
}

double MetricsText::Sum(std::string_view name, const std::vector<std::string_view>& labels) const {
  double sum = 0;
  for (const Sample& sample : samples_) {
    if (sample.name != name) continue;
    const bool has_all = std::all_of(labels.begin(), labels.end(), [&](std::string_view label) {
      return sample.labels.find(label) != std::string::npos;
    });
    if (has_all) sum += sample.value;
  }
  return sum;
}

}  // namespace picket
