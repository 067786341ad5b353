#include "fetcher/content/chunker.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"

namespace picket::fetcher {
namespace {

TEST(PlanChunksTest, AShortBodyStaysUnchanged) {
  for (const char* body : {"[]", " [ {\"a\":1} ] ", "", "not json", "[{\"a\":"}) {
    EXPECT_TRUE(PlanChunks(body).whole) << body;
  }
}

TEST(PlanChunksTest, APartThatCannotBeSplitIsReturnedAsTheRest) {
  const ChunkPlan plan = PlanChunks(R"([{"a":1},{"b":2},{"c":)", 12, 100);
  EXPECT_FALSE(plan.complete);
  ASSERT_EQ(plan.runs.size(), 2u);
  EXPECT_NE(plan.rest.find("\"c\""), std::string_view::npos);
}

// The strings in the records contain random brackets, quotes and escapes.
TEST(PlanChunksTest, EveryRecordIsInExactlyOneChunkInOrderAndUnchanged) {
  std::mt19937_64 random(5);
  const std::string pieces[] = {"[", "]", "{", "}", ",", "\\\"", "\\\\", "x", "ä", " "};
  for (int round = 0; round < 300; ++round) {
    std::vector<std::string> records;
    std::string body = "[";
    const size_t count = random() % 20;
    for (size_t i = 0; i < count; ++i) {
      std::string text;
      for (size_t k = random() % 40; k > 0; --k) text += pieces[random() % 10];
      records.push_back(absl::StrCat("{\"", i, "\":\"", text, "\",\"l\":[1,[2]]}"));
      absl::StrAppend(&body, i == 0 ? "" : (random() % 2 == 0 ? "," : " , \n"), records.back());
    }
    body += "]";
    const size_t target = 30 + random() % 100;
    const size_t longest = 40 + random() % 60;
    const ChunkPlan plan = PlanChunks(body, target, longest);
    EXPECT_TRUE(plan.complete);
    std::string in_chunks;
    for (const std::string_view run : plan.runs) {
      const std::string chunk = absl::StrCat("[", std::string(run), "]");
      const ChunkPlan inner = PlanChunks(chunk, 1, 1 << 20);
      EXPECT_TRUE(inner.complete);
      EXPECT_TRUE(run.size() + 2 <= target || inner.runs.size() == 1)
          << "a chunk of several records exceeds the target";
      for (const std::string_view record : inner.runs) in_chunks += std::string(record) + "\n";
    }
    std::string expected;
    size_t oversized = 0;
    for (const std::string& record : records) {
      if (record.size() > longest) {
        ASSERT_LT(oversized, plan.oversized.size());
        EXPECT_EQ(plan.oversized[oversized++], record);
      } else {
        expected += record + "\n";
      }
    }
    EXPECT_EQ(oversized, plan.oversized.size());
    EXPECT_EQ(in_chunks, expected);
  }
}

}  // namespace
}  // namespace picket::fetcher
