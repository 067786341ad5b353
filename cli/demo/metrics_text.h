#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace picket {

// Reads a page of Prometheus metrics and sums samples by name and labels.
// Complexity: each sum is linear in the number of samples.
class MetricsText {
 public:
  explicit MetricsText(std::string_view page);

  // Returns the sum of the samples that have this name and all of these labels (`stage="parser"`).
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
