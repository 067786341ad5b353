#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace picket {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using MetricLabels = std::map<std::string, std::string>;

// The metrics of one process. Names start with picket_ and end in their unit: _total, _seconds, _bytes.
// Threads: any. Lifetime: outlives every reference it hands out; the same name and labels give the same object.
class Metrics {
 public:
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const MetricLabels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help,
                  const MetricLabels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& bounds, const MetricLabels& labels = {});

  // Prometheus text format.
  std::string Render() const;

  // The sum over all label sets of a counter or gauge family; 0 when there is none. For summaries and tests.
  double Sum(std::string_view name) const;

 private:
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

// Upper bounds in seconds, 1 ms to 10 s, for waits on the broker and the network.
const std::vector<double>& LatencyBounds();

}  // namespace picket
