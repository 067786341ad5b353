#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// The samples of a Prometheus text page, to be summed by name and labels.
// Complexity: every sum walks all samples; for summaries and tests.
class MetricsText {
 public:
  explicit MetricsText(std::string_view page);

  // The sum over the samples of this name whose label part holds every one of `labels` (`stage="parser"`).
  double Sum(std::string_view name, const std::vector<std::string_view>& labels = {}) const;

 private:
  struct Sample {
    std::string name;
    std::string labels;
    double value;
  };
  std::vector<Sample> samples_;
};

}  // namespace picket
