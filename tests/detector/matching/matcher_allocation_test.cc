// Checks that a matcher no longer allocates memory after it has seen the events a few times.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "tests/support/allocations.h"

namespace picket::detector {
namespace {

// Returns an event with `count` fields. Rule i tests the field `Field<i>`.
std::string EventOf(int count) {
  std::string event = "{";
  for (int i = 0; i < count; ++i) {
    absl::StrAppend(&event, i > 0 ? "," : "", "\"Field", i, "\":");
    if (i % 3 == 0) {
      absl::StrAppend(&event, R"("C:\\Program Files\\Tool)", i, ".EXE\"");
    } else if (i % 3 == 1) {
      absl::StrAppend(&event, i, ".50");
    } else {
      absl::StrAppend(&event, R"("\u00e9)", i, "\"");
    }
  }
  return event + "}";
}

sigma::RuleFile RuleOf(int i) {
  return {
      absl::StrCat(i, ".yml"),
      absl::StrCat("title: Rule ", i, "\nid: ", absl::StrFormat("00000000-0000-4000-8000-%012d", i),
                   "\nlogsource: {product: m365}\ndetection:\n  s:\n    Field", i,
                   "|endswith: ['\\tool", i, ".exe', '.5', 'x']\n  k: ['nowhere", i,
                   "', 'program*files']\n  condition: s or k\nlevel: low\n")};
}

TEST(MatcherAllocationTest, AWarmMatcherDoesNotAllocate) {
  if (!kHeapIsCounted) GTEST_SKIP() << "allocations cannot be counted with a sanitizer";
  constexpr int kFields = 40;
  std::vector<sigma::RuleFile> files;
  for (int i = 0; i < kFields; ++i) files.push_back(RuleOf(i));
  std::vector<sigma::RuleFault> faults;
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  ASSERT_NE(rules, nullptr) << (faults.empty() ? "" : faults[0].message);
  std::vector<std::string> events;
  for (int count = 1; count <= kFields; ++count) events.push_back(EventOf(count));
  for (const bool caches : {true, false}) {
    Matcher matcher(rules, {.cache_values = caches});
    size_t matches = 0;
    const auto allocations_of_a_pass = [&] {
      const int64_t before = Allocations();
      for (const std::string& event : events) matches += matcher.Match(event).size();
      return Allocations() - before;
    };
    EXPECT_GT(allocations_of_a_pass(), 0);
    allocations_of_a_pass();
    EXPECT_EQ(allocations_of_a_pass(), 0) << "values are cached: " << caches;
    EXPECT_GT(matches, 0u);
  }
}

}  // namespace
}  // namespace picket::detector
