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

// The metrics of one process. A metric name starts with picket_ and ends in its unit, such as
// _total, _seconds or _bytes. Calls with the same name and labels always return the same object.
// Threads: any thread may call any method. Lifetime: this object must outlive the references that
// it returns.
class Metrics {
 public:
  Counter& GetCounter(const std::string& name, const std::string& help,
                      const MetricLabels& labels = {});
  Gauge& GetGauge(const std::string& name, const std::string& help,
                  const MetricLabels& labels = {});
  Histogram& GetHistogram(const std::string& name, const std::string& help,
                          const std::vector<double>& bounds, const MetricLabels& labels = {});

  // Returns all metrics in the Prometheus text format.
  std::string Render() const;

  // Returns the sum of a counter or gauge family over all label sets, or 0 if the family does not
  // exist. Used for summaries and tests.
  double Sum(std::string_view name) const;

 private:
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

// Returns the upper bounds of histogram buckets for waits on the broker and the network. The bounds
// are in seconds and range from 1 ms to 10 s.
const std::vector<double>& LatencyBounds();

}  // namespace picket
