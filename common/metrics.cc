#include "common/metrics.h"

#include <prometheus/text_serializer.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_split.h"
#include "common/check.h"
#include "common/process_metrics.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr size_t kLongestLabelValue = 128;

bool HasLabels(const MetricSpec& spec, const MetricLabels& labels) {
  const std::vector<std::string> names =
      absl::StrSplit(ToAbsl(spec.labels), ',', absl::SkipEmpty());
  return names.size() == labels.size() &&
         std::all_of(names.begin(), names.end(),
                     [&labels](const std::string& name) { return labels.contains(name); });
}

bool Includes(const std::vector<prometheus::ClientMetric::Label>& series,
              const MetricLabels& labels) {
  return std::all_of(labels.begin(), labels.end(), [&series](const auto& label) {
    return std::any_of(series.begin(), series.end(), [&label](const auto& one) {
      return one.name == label.first && one.value == label.second;
    });
  });
}

}  // namespace

OwnedGauge::OwnedGauge(OwnedGauge&& other) noexcept
    : metrics_(std::exchange(other.metrics_, nullptr)), spec_(other.spec_), gauge_(other.gauge_) {}

OwnedGauge::~OwnedGauge() {
  if (metrics_ != nullptr) metrics_->Release(*spec_, *gauge_);
}

Counter& Metrics::GetCounter(CounterName name, const MetricLabels& labels) {
  return prometheus::BuildCounter()
      .Name(std::string(name.text()))
      .Help(std::string(name.spec().meaning))
      .Register(registry_)
      .Add(Bounded(name.spec(), labels));
}

Gauge& Metrics::GetGauge(GaugeName name, const MetricLabels& labels) {
  return GaugeFamily(name.spec()).Add(Bounded(name.spec(), labels));
}

Histogram& Metrics::GetHistogram(HistogramName name, const std::vector<double>& bounds,
                                 const MetricLabels& labels) {
  return prometheus::BuildHistogram()
      .Name(std::string(name.text()))
      .Help(std::string(name.spec().meaning))
      .Register(registry_)
      .Add(Bounded(name.spec(), labels), bounds);
}

OwnedGauge Metrics::OwnGauge(GaugeName name, const MetricLabels& labels) {
  // A metric with a maximum number of series cannot be owned, because a removed series would still
  // count towards the maximum.
  PICKET_CHECK(name.spec().most_series == 0);
  const MetricLabels bounded = Bounded(name.spec(), labels);
  const MutexLock lock(mu_);
  Gauge& gauge = GaugeFamily(name.spec()).Add(bounded);
  ++owners_[&gauge];
  return OwnedGauge(*this, name.spec(), gauge);
}

void Metrics::Release(const MetricSpec& spec, Gauge& gauge) {
  const MutexLock lock(mu_);
  const auto owners = owners_.find(&gauge);
  if (--owners->second > 0) return;
  owners_.erase(owners);
  GaugeFamily(spec).Remove(&gauge);
}

prometheus::Family<Gauge>& Metrics::GaugeFamily(const MetricSpec& spec) {
  return prometheus::BuildGauge()
      .Name(std::string(spec.name))
      .Help(std::string(spec.meaning))
      .Register(registry_);
}

MetricLabels Metrics::Bounded(const MetricSpec& spec, const MetricLabels& labels) {
  PICKET_CHECK(HasLabels(spec, labels));
  MetricLabels bounded;
  for (const auto& [name, value] : labels) bounded[name] = CleanLine(value, kLongestLabelValue);
  if (spec.most_series == 0) return bounded;
  const MutexLock lock(mu_);
  std::set<MetricLabels>& known = series_[spec.name];
  if (known.contains(bounded)) return bounded;
  if (known.size() < static_cast<size_t>(spec.most_series)) {
    known.insert(bounded);
    return bounded;
  }
  for (auto& [name, value] : bounded) value = "other";
  return bounded;
}

std::string Metrics::Render() const {
  std::vector<prometheus::MetricFamily> families = registry_.Collect();
  for (prometheus::MetricFamily& family : ReadProcessMetrics()) {
    families.push_back(std::move(family));
  }
  return prometheus::TextSerializer().Serialize(families);
}

double Metrics::Sum(std::string_view name, const MetricLabels& labels) const {
  PICKET_CHECK(FindMetric(name) < kMetricCount);
  double sum = 0;
  for (const prometheus::MetricFamily& family : registry_.Collect()) {
    if (family.name != name) continue;
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (!Includes(metric.label, labels)) continue;
      sum += family.type == prometheus::MetricType::Counter ? metric.counter.value
                                                            : metric.gauge.value;
    }
  }
  return sum;
}

const std::vector<double>& LatencyBounds() {
  static const auto* const bounds =
      new std::vector<double>{0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
  return *bounds;
}

}  // namespace picket
