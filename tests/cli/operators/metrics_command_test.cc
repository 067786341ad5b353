#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/metric_table.h"
#include "common/strings.h"
#include "tests/cli/command.h"

namespace picket {
namespace {

TEST(MetricsCommandTest, TheDocumentedMetricsAreThoseOfTheCode) {
  EXPECT_EQ(RunPicket({"metrics"}).out, ReadFile("docs/metrics.md").value())
      << "regenerate it: picket metrics > docs/metrics.md";
}

TEST(MetricsCommandTest, EachMetricOfTheTableIsDocumented) {
  const std::string page = RunPicket({"metrics"}).out;
  for (const MetricSpec& spec : kMetrics) {
    EXPECT_THAT(page, ::testing::HasSubstr(absl::StrCat("| `", ToAbsl(spec.name), "` |")));
  }
}

TEST(MetricsCommandTest, DocumentsNameOnlyMetricsOfTheTable) {
  for (const char* const path : {"README.md", "docs/operations.md", "docs/formats.md",
                                 "docs/topics.md", "docs/normalising.md", "docs/mapping.md",
                                 "docs/configuration.md", "docs/exactly-once.md"}) {
    const std::string text = ReadFile(path).value();
    constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz_";
    for (size_t at = 0; (at = text.find("`picket_", at)) != std::string::npos;) {
      const size_t end = text.find_first_not_of(kLetters, ++at);
      const std::string_view name = std::string_view(text).substr(at, end - at);
      EXPECT_NE(FindMetric(name), kMetricCount) << path << ": " << name;
    }
  }
}

}  // namespace
}  // namespace picket
