// Measures how many events per second can be added to windows. BM_EventCountWindow and
// BM_ValueCountWindow measure a single window. BM_Correlator measures a correlator, which has a
// window for each group and also writes rows for the topic `state`.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "common/metrics.h"
#include "detector/correlation/correlator.h"
#include "detector/correlation/event_count_window.h"
#include "detector/correlation/value_count_window.h"

namespace picket::detector {
namespace {

constexpr std::string_view kTenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";

void Require(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "wrong answer: %s\n", what);
  std::exit(1);
}

// Returns the times of `count` events in milliseconds. As in audit records, all times are whole
// seconds. About `late` percent of the events are up to ten minutes late.
std::vector<int64_t> Times(size_t count, int per_second, unsigned late) {
  std::mt19937 random(1);
  std::vector<int64_t> times(count);
  for (size_t i = 0; i < count; ++i) {
    int64_t time = static_cast<int64_t>(i) / per_second * 1000;
    if (random() % 100 < late) time -= static_cast<int64_t>(random() % 600) * 1000;
    times[i] = time;
  }
  return times;
}

// The arguments are the number of events per second and the percentage of late events.
void BM_EventCountWindow(benchmark::State& state) {
  const std::vector<int64_t> times =
      Times(100'000, static_cast<int>(state.range(0)), static_cast<unsigned>(state.range(1)));
  {
    EventCountWindow window(absl::Minutes(10));
    std::vector<int64_t> sorted(times.begin(), times.begin() + 3000);
    int64_t largest = 0;
    for (const int64_t time : sorted) largest = std::max(largest, window.Add(time));
    std::sort(sorted.begin(), sorted.end());
    int64_t expected = 0;
    for (size_t end = 0, begin = 0; end < sorted.size(); ++end) {
      while (sorted[end] - sorted[begin] > 600'000) ++begin;
      expected = std::max<int64_t>(expected, static_cast<int64_t>(end - begin + 1));
    }
    Require(largest == expected, "event_count");
  }
  for (auto unused : state) {
    EventCountWindow window(absl::Minutes(10));
    int64_t largest = 0;
    for (const int64_t time : times) {
      largest = std::max(largest, window.Add(time));
      if (window.size() > 8192) window.Forget(window.BucketOf(time - 1'800'000));
    }
    benchmark::DoNotOptimize(largest);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(times.size()));
}
BENCHMARK(BM_EventCountWindow)
    ->Args({1, 0})
    ->Args({10, 0})
    ->Args({1000, 0})
    ->Args({1, 20})
    ->Args({10, 20})
    ->Args({10, 100});

// The arguments are the number of different values and the percentage of late events.
void BM_ValueCountWindow(benchmark::State& state) {
  const auto distinct = static_cast<uint64_t>(state.range(0));
  const size_t count = std::max<size_t>(200'000, 4 * distinct);
  // At this rate, every value occurs at least once within the ten minutes of the window.
  const int per_second = static_cast<int>(std::max<uint64_t>(1, distinct / 300));
  const std::vector<int64_t> times =
      Times(count, per_second, static_cast<unsigned>(state.range(1)));
  std::vector<uint64_t> values(count);
  std::mt19937_64 random(2);
  for (size_t i = 0; i < count; ++i) values[i] = i % distinct * 0x9e3779b97f4a7c15;
  {
    ValueCountWindow window(absl::Minutes(10));
    ValueCountWindow::Change change;
    int64_t largest = 0;
    for (size_t i = 0; i < count; ++i)
      largest = std::max(largest, window.Add(times[i], values[i], &change));
    Require(largest == static_cast<int64_t>(distinct) || distinct > 300, "value_count");
    Require(largest <= static_cast<int64_t>(distinct), "value_count");
  }
  for (auto unused : state) {
    ValueCountWindow window(absl::Minutes(10));
    ValueCountWindow::Change change;
    int64_t largest = 0;
    for (size_t i = 0; i < count; ++i) {
      largest = std::max(largest, window.Add(times[i], values[i], &change));
      if (i % 4096 == 0) window.Forget(window.BucketOf(times[i] - 1'800'000));
    }
    benchmark::DoNotOptimize(largest);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(count));
}
BENCHMARK(BM_ValueCountWindow)
    ->Args({10, 0})
    ->Args({100, 0})
    ->Args({1800, 0})
    ->Args({10'000, 0})
    ->Args({100'000, 0})
    ->Args({1800, 20});

// The first argument is the number of groups. The second argument is 1 for a value_count and 0 for
// an event_count. A transaction has 2,000 events. At its end, the rows of the changed groups are
// written, as in the detector.
void BM_Correlator(benchmark::State& state) {
  const auto groups = static_cast<size_t>(state.range(0));
  CorrelationRule rule;
  rule.info.id = "r";
  rule.info.version = "v";
  rule.type = state.range(1) != 0 ? sigma::CorrelationType::kValueCount
                                  : sigma::CorrelationType::kEventCount;
  rule.timespan = absl::Minutes(10);
  rule.conditions = {{sigma::Comparison::kGreaterEqual, 1'000'000'000}};
  std::vector<std::string> names;
  for (size_t i = 0; i < groups; ++i) names.push_back("user" + std::to_string(i) + "@contoso.com");
  const std::vector<int64_t> times = Times(100'000, 200, 0);
  size_t bytes = 0;
  for (auto unused : state) {
    Metrics metrics;
    Correlator correlator(MakeCorrelations({&rule, 1}, {}), {}, metrics);
    CorrelatedEvent event;
    event.tenant = kTenant;
    event.uid = "ce58a858-12c6-4de5-9620-2a6b24a71ad4|d1228274-445d-4f6d-7c44-08d92fe5b9a5";
    const auto no_hit = [](const CorrelationHit&) { Require(false, "no rule may fire"); };
    for (size_t i = 0; i < times.size(); ++i) {
      event.time_ms = times[i];
      const std::string_view name = names[i % groups];
      correlator.Add(0, event, {&name, 1}, names[i % 997 % groups], no_hit);
      correlator.Advance(event, no_hit);
      if (i % 2000 == 1999) {
        correlator.Flush([&bytes](int32_t, std::string_view key, std::string_view value) {
          bytes += key.size() + value.size();
        });
        correlator.Commit();
      }
    }
    Require(correlator.groups() == static_cast<int64_t>(groups), "groups");
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(times.size()));
  state.counters["state_bytes_per_event"] =
      static_cast<double>(bytes) / static_cast<double>(state.iterations() * 100'000);
}
BENCHMARK(BM_Correlator)
    ->Args({1, 0})
    ->Args({100, 0})
    ->Args({10'000, 0})
    ->Args({1, 1})
    ->Args({100, 1});

}  // namespace
}  // namespace picket::detector

BENCHMARK_MAIN();
