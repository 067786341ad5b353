#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "common/metric_table.h"
#include "common/mutex.h"

namespace picket {

using prometheus::Counter;
using prometheus::Gauge;
using prometheus::Histogram;
using MetricLabels = std::map<std::string, std::string>;

// The name of a metric in the table (common/metric_table.h). A literal that is not the name of a
// metric of this type does not compile.
template <MetricType kType>
class MetricName {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor): a literal is converted to a name
  consteval MetricName(const char* name) : spec_(&Find(name)) {}

  constexpr const MetricSpec& spec() const { return *spec_; }
  constexpr std::string_view text() const { return spec_->name; }

 private:
  static consteval const MetricSpec& Find(std::string_view name) {
    const size_t index = FindMetric(name);
    // If the table has no such metric, the index is out of bounds and the code does not compile.
    const MetricSpec& spec = kMetrics[index];
    if (spec.type != kType) throw "the metric has another type";
    return spec;
  }

  const MetricSpec* spec_;
};
using CounterName = MetricName<MetricType::kCounter>;
using GaugeName = MetricName<MetricType::kGauge>;
using HistogramName = MetricName<MetricType::kHistogram>;

class Metrics;

// An owner of one series of a gauge, such as a gauge of one tenant. A series may have several
// owners. The destructor of the last owner removes the series.
// Threads: one thread uses an instance. Lifetime: the Metrics object must outlive the instance.
class OwnedGauge {
 public:
  OwnedGauge(OwnedGauge&& other) noexcept;
  OwnedGauge(const OwnedGauge&) = delete;
  OwnedGauge& operator=(const OwnedGauge&) = delete;
  OwnedGauge& operator=(OwnedGauge&&) = delete;
  ~OwnedGauge();

  void Set(double value) { gauge_->Set(value); }
  Gauge& gauge() { return *gauge_; }

 private:
  friend class Metrics;
  OwnedGauge(Metrics& metrics, const MetricSpec& spec, Gauge& gauge)
      : metrics_(&metrics), spec_(&spec), gauge_(&gauge) {}

  Metrics* metrics_;  // null after a move
  const MetricSpec* spec_;
  Gauge* gauge_;
};

// One worker's share of a gauge. The gauge shows the sum of the shares of all workers.
// Threads: one thread uses an instance; the gauge may be shared. Lifetime: the destructor subtracts
// the share from the gauge, so the gauge must outlive the instance.
class GaugeShare {
 public:
  explicit GaugeShare(Gauge& gauge) : gauge_(gauge) {}
  ~GaugeShare() { Set(0); }
  GaugeShare(const GaugeShare&) = delete;
  GaugeShare& operator=(const GaugeShare&) = delete;

  void Set(double value) {
    if (value != value_) gauge_.Increment(value - value_);
    value_ = value;
  }

 private:
  Gauge& gauge_;
  double value_ = 0;
};

// The metrics of one process. Calls with the same name and labels always return the same object.
// The names of the labels must be those in the table (common/metric_table.h). The values of the
// labels may come from outside. Therefore, they are shortened and converted to valid UTF-8, and
// MetricSpec::most_series limits the number of series.
// Threads: any thread may call any method. Lifetime: this object must outlive the references that
// it returns.
class Metrics {
 public:
  Counter& GetCounter(CounterName name, const MetricLabels& labels = {});
  Gauge& GetGauge(GaugeName name, const MetricLabels& labels = {});
  Histogram& GetHistogram(HistogramName name, const std::vector<double>& bounds,
                          const MetricLabels& labels = {});
  OwnedGauge OwnGauge(GaugeName name, const MetricLabels& labels);

  // Returns all metrics, including those of the process, in the Prometheus text format.
  std::string Render() const;

  // Returns the sum of a counter or gauge family over all series that have `labels`, or 0 if there
  // is no such series. The name must be in the table. Used for summaries and tests.
  double Sum(std::string_view name, const MetricLabels& labels = {}) const;

 private:
  friend class OwnedGauge;

  // Returns `labels` with shortened values. Replaces the values by "other" if the metric already
  // has its maximum number of series.
  MetricLabels Bounded(const MetricSpec& spec, const MetricLabels& labels);
  prometheus::Family<Gauge>& GaugeFamily(const MetricSpec& spec);
  void Release(const MetricSpec& spec, Gauge& gauge);

  prometheus::Registry registry_{prometheus::Registry::InsertBehavior::Merge};
  Mutex mu_;
  // The labels of all series so far, for each metric with a maximum number of series.
  std::map<std::string_view, std::set<MetricLabels>> series_ ABSL_GUARDED_BY(mu_);
  std::map<Gauge*, int> owners_ ABSL_GUARDED_BY(mu_);
};

// Returns the upper bounds of histogram buckets for waits on the broker and the network. The bounds
// are in seconds and range from 1 ms to 10 s.
const std::vector<double>& LatencyBounds();

}  // namespace picket
