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

// The metrics of one process. A name starts with picket_ and ends in its unit: _total, _seconds,
// _bytes. The same name and labels always return the same object.
// Threads: any. Lifetime: must outlive the references that it returns.
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

  // The sum of a counter or gauge family over all label sets; 0 if there is no such family. For
  // summaries and tests.
  double Sum(std::string_view name) const;

 private:
  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
};

// Upper bounds of histogram buckets in seconds, from 1 ms to 10 s, for waits on the broker and the
// network.
const std::vector<double>& LatencyBounds();

}  // namespace picket
