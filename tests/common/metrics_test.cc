#include "common/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/batch_counts.h"
#include "common/strings.h"

namespace picket {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// Returns true if there is a metric with this name and type. A call of Metrics compiles only under
// this condition.
constexpr bool IsMetric(std::string_view name, MetricType type) {
  const size_t index = FindMetric(name);
  return index < kMetricCount && kMetrics[index].type == type;
}
static_assert(IsMetric("picket_records_in_total", MetricType::kCounter));
static_assert(!IsMetric("picket_records_in_total", MetricType::kGauge));
static_assert(!IsMetric("picket_recrods_in_total", MetricType::kCounter));

TEST(MetricTableTest, EachMetricOccursOnceAndIsDescribed) {
  std::set<std::string_view> names;
  for (const MetricSpec& spec : kMetrics) {
    EXPECT_TRUE(names.insert(spec.name).second) << spec.name;
    EXPECT_TRUE(spec.name.starts_with("picket_") || spec.name.starts_with("process_")) << spec.name;
    EXPECT_EQ(spec.name.ends_with("_total"), spec.type == MetricType::kCounter) << spec.name;
    EXPECT_TRUE(spec.meaning.ends_with('.')) << spec.name;
    EXPECT_TRUE(spec.advice.empty() || spec.advice.ends_with('.')) << spec.name;
    EXPECT_EQ(spec.meaning.find('\n'), std::string_view::npos) << spec.name;
    EXPECT_EQ(spec.labels.find(' '), std::string_view::npos) << spec.name;
  }
}

TEST(MetricsTest, TheHelpTextIsThatOfTheTable) {
  Metrics metrics;
  metrics.GetCounter("picket_duplicates_total", {{"stage", "parser"}}).Increment(3);
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr(absl::StrCat(
                        "# HELP picket_duplicates_total ",
                        ToAbsl(kMetrics[FindMetric("picket_duplicates_total")].meaning))));
  EXPECT_THAT(text, HasSubstr("picket_duplicates_total{stage=\"parser\"} 3"));
}

TEST(MetricsDeathTest, LabelsOtherThanThoseOfTheTableAreAProgrammingError) {
  Metrics metrics;
  EXPECT_DEATH(metrics.GetCounter("picket_duplicates_total"), "check failed");
  EXPECT_DEATH(metrics.GetCounter("picket_duplicates_total", {{"stag", "parser"}}), "check failed");
  EXPECT_DEATH(metrics.Sum("picket_no_such_metric"), "check failed");
}

TEST(MetricsTest, ASumIsLimitedToTheGivenLabels) {
  Metrics metrics;
  metrics.GetCounter("picket_dead_letters_total", {{"stage", "parser"}, {"reason", "a"}})
      .Increment(1);
  metrics.GetCounter("picket_dead_letters_total", {{"stage", "parser"}, {"reason", "b"}})
      .Increment(2);
  metrics.GetCounter("picket_dead_letters_total", {{"stage", "detector"}, {"reason", "a"}})
      .Increment(4);
  EXPECT_EQ(metrics.Sum("picket_dead_letters_total"), 7);
  EXPECT_EQ(metrics.Sum("picket_dead_letters_total", {{"stage", "parser"}}), 3);
  EXPECT_EQ(metrics.Sum("picket_dead_letters_total", {{"stage", "parser"}, {"reason", "b"}}), 2);
  EXPECT_EQ(metrics.Sum("picket_duplicates_total"), 0);
}

TEST(MetricsTest, LabelValuesFromOutsideAreBoundedAndKeepThePageReadable) {
  Metrics metrics;
  const std::string name = "Con\"toso\\\n\xff" + std::string(1000, 'x');
  metrics.OwnGauge("picket_tenant_info", {{"tenant", "t"}, {"name", name}}).Set(1);
  const OwnedGauge info = metrics.OwnGauge("picket_tenant_info", {{"tenant", "t"}, {"name", name}});
  const std::string text = metrics.Render();
  EXPECT_THAT(text, HasSubstr(R"(name="Con\"toso\\ )"
                              "\ufffdxxx"));
  EXPECT_THAT(text, HasSubstr("xxx\u2026\""));
  EXPECT_THAT(text, Not(HasSubstr(std::string(129, 'x'))));
  EXPECT_EQ(ValidUtf8(text), text);
}

TEST(MetricsTest, TheNumberOfSeriesWithForeignLabelsIsBounded) {
  Metrics metrics;
  for (int i = 0; i < 1000; ++i) {
    metrics
        .GetCounter("picket_normalizer_mixed_type_fields_total", {{"field", absl::StrCat("f", i)}})
        .Increment();
  }
  EXPECT_EQ(metrics.Sum("picket_normalizer_mixed_type_fields_total"), 1000);
  EXPECT_EQ(metrics.Sum("picket_normalizer_mixed_type_fields_total", {{"field", "f199"}}), 1);
  EXPECT_EQ(metrics.Sum("picket_normalizer_mixed_type_fields_total", {{"field", "f200"}}), 0);
  EXPECT_EQ(metrics.Sum("picket_normalizer_mixed_type_fields_total", {{"field", "other"}}), 800);
}

TEST(MetricsTest, AnOwnedSeriesDisappearsWithItsLastOwner) {
  Metrics metrics;
  const MetricLabels labels = {{"tenant", "t"}};
  {
    OwnedGauge first = metrics.OwnGauge("picket_fetcher_tenant_healthy", labels);
    first.Set(1);
    {
      OwnedGauge second = metrics.OwnGauge("picket_fetcher_tenant_healthy", labels);
      const OwnedGauge moved = std::move(second);
      EXPECT_THAT(metrics.Render(), HasSubstr("picket_fetcher_tenant_healthy{tenant=\"t\"} 1"));
    }
    EXPECT_THAT(metrics.Render(), HasSubstr("picket_fetcher_tenant_healthy{tenant=\"t\"} 1"));
  }
  EXPECT_THAT(metrics.Render(), Not(HasSubstr("{tenant=\"t\"}")));
}

TEST(MetricsTest, AGaugeShowsTheSumOfItsShares) {
  Metrics metrics;
  GaugeShare a(metrics.GetGauge("picket_correlation_groups"));
  a.Set(5);
  {
    GaugeShare b(metrics.GetGauge("picket_correlation_groups"));
    b.Set(7);
    b.Set(3);
    EXPECT_EQ(metrics.Sum("picket_correlation_groups"), 8);
  }
  EXPECT_EQ(metrics.Sum("picket_correlation_groups"), 5);
}

TEST(MetricsTest, ThePageHasTheMetricsOfTheProcess) {
  Metrics metrics;
  const std::string text = metrics.Render();
  for (const MetricSpec& spec : kMetrics) {
    if (!spec.name.starts_with("process_")) continue;
    const std::string line = absl::StrCat("\n", ToAbsl(spec.name), " ");
    const size_t at = text.find(line);
    ASSERT_NE(at, std::string::npos) << spec.name << "\n" << text;
    EXPECT_GT(std::stod(text.substr(at + line.size())), 0) << spec.name;
  }
}

TEST(BatchCountsTest, OnlyCommittedBatchesReachTheCounter) {
  Metrics metrics;
  Counter& counter = metrics.GetCounter("picket_parser_empty_blobs_total");
  BatchCounts batch;
  BatchCount& count = batch.Of(counter);
  EXPECT_EQ(&batch.Of(counter), &count);
  for (const bool commits : {true, false, false, true}) {
    count.Add();
    count.Add(0);
    count.Add(2);
    const double before = counter.Value();
    commits ? batch.Commit() : batch.Abort();
    EXPECT_EQ(counter.Value(), before + (commits ? 3 : 0));
  }
  batch.Commit();
  EXPECT_EQ(counter.Value(), 6);
}

}  // namespace
}  // namespace picket
