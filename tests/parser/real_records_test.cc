// Runs the normaliser on the real audit records of the shared test data
// (tests/support/shared_data.h).

#include <gtest/gtest.h>

#include "tests/parser/record_testing.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

class RealRecordsTest : public testing::Test {
 protected:
  static std::vector<std::string>* records_;

  static void SetUpTestSuite() {
    records_ = new std::vector<std::string>();
    for (const char* name : {"o365/real-audit-records.ndjson.gz"}) {
      const std::optional<std::string> path = SharedData(name);
      if (path.has_value()) *records_ = ReadRecords(*path);
    }
  }
  void SetUp() override {
    if (records_->empty()) {
      GTEST_SKIP() << "NOT RUN: the shared data (o365/real-audit-records.ndjson.gz) are missing";
    }
  }

  // Returns the records in arrays of `count` records.
  static std::vector<std::string> Blobs(size_t count) {
    std::vector<std::string> blobs;
    for (size_t i = 0; i < records_->size(); i += count) {
      std::string blob = "[";
      for (size_t j = i; j < std::min(records_->size(), i + count); ++j) {
        if (j > i) blob += ",";
        blob += (*records_)[j];
      }
      blobs.push_back(blob + "]");
    }
    return blobs;
  }
};
std::vector<std::string>* RealRecordsTest::records_ = nullptr;

TEST_F(RealRecordsTest, LessThanATenthIsClassifiedByItsVerbOnly) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  size_t events = 0;
  for (const std::string& blob : Blobs(500)) {
    normalizer.Normalize({}, blob, batch);
    normalizer.Commit();
    EXPECT_TRUE(batch.rejected.empty());
    events += batch.events.size();
  }
  EXPECT_EQ(events, 9608u);
  EXPECT_LT(metrics.Sum("picket_normalizer_unmapped_operations_total"), 961);
  EXPECT_EQ(metrics.Sum("picket_normalizer_salvaged_blobs_total"), 0);
}

TEST_F(RealRecordsTest, AllFailedLoginsAreFailures) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  int failed = 0;
  for (const std::string& blob : Blobs(1000)) {
    normalizer.Normalize({}, blob, batch);
    for (const NormalizedBatch::Event& event : batch.events) {
      const Tree tree = ParseTree(batch.Json(event));
      if (At(tree, "/metadata/event_code") != "UserLoginFailed") continue;
      EXPECT_EQ(At(tree, "/status_id"), "2");
      EXPECT_EQ(At(tree, "/class_uid"), "3002");
      ++failed;
    }
  }
  EXPECT_EQ(failed, 368);
}

// A search index may refuse an event if a field has another JSON type than in earlier events
// (parser/mapping/mixed_type_monitor.h).
TEST_F(RealRecordsTest, FewFieldsHaveTwoTypes) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  for (const std::string& blob : Blobs(500)) normalizer.Normalize({}, blob, batch);
  EXPECT_LE(metrics.Sum("picket_normalizer_mixed_type_fields_total"), 3);
}

TEST_F(RealRecordsTest, ReadingRecordByRecordGivesTheSameBytesAsReadingTheWholeBlob) {
  BothWays ways;
  const NormalizedBatch &a = ways.a, &b = ways.b;
  for (const std::string& blob : Blobs(700)) {
    ways.Normalize({}, blob);
    ASSERT_EQ(a.text.view(), b.text.view());
  }
}

}  // namespace
}  // namespace picket::parser
