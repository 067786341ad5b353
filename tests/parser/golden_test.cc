// Compares events with reviewed events, byte by byte. There is one record for every row of the
// mapping, and one record for every way in which an operation without a row is mapped. With the
// environment variable PICKET_UPDATE_GOLDEN=1, the test rewrites the file of reviewed events.

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>

#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/strings.h"
#include "model/operation_lookup.h"
#include "model/operation_rows.h"
#include "model/workloads.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ocsf_schema.h"

namespace picket::parser {
namespace {

constexpr char kRecords[] = "tests/data/records/rows.ndjson";
constexpr char kOcsf[] = "tests/data/events/rows.ocsf.ndjson";
constexpr char kEcs[] = "tests/data/events/rows.ecs.ndjson";

std::vector<std::string> LinesOf(const char* path) {
  return absl::StrSplit(*ReadFile(path), '\n', absl::SkipEmpty());
}

void ExpectLines(const std::vector<std::string>& actual, const char* path) {
  if (std::getenv("PICKET_UPDATE_GOLDEN") != nullptr) {
    std::string text;
    for (const std::string& line : actual) text += line + "\n";
    ASSERT_TRUE(WriteFile(path, text).ok());
    return;
  }
  const std::vector<std::string> expected = LinesOf(path);
  ASSERT_EQ(actual.size(), expected.size()) << path;
  for (size_t i = 0; i < actual.size(); ++i) {
    EXPECT_EQ(actual[i], expected[i]) << path << ":" << i + 1;
  }
}

TEST(GoldenTest, EveryRowGivesTheReviewedEvents) {
  std::vector<std::string> ocsf;
  std::vector<std::string> ecs;
  std::set<std::string> rows;
  for (const std::string& record : LinesOf(kRecords)) {
    const Normalized result(
        record,
        {.content_type = "Audit.General", .fetched_at = "2026-05-07T00:00:00Z", .ecs = true});
    ASSERT_EQ(result.size(), 1u) << record;
    ocsf.push_back(result.Json());
    ecs.emplace_back(result.batch.Ecs(result.batch.events[0]));
    for (const std::string& fault : OcsfSchemas::Get().Validate(ocsf.back())) {
      ADD_FAILURE() << fault << "\n" << ocsf.back();
    }
    const Tree tree = ParseTree(record);
    rows.insert(OperationKey(At(tree, "/Operation")) + "|" +
                std::to_string(WorkloadOf(At(tree, "/Workload"))));
  }
  for (const MappingRow& row : MappingRows()) {
    bool has_record = false;
    for (const std::string& operation :
         std::vector<std::string>(absl::StrSplit(ToAbsl(row.operations), '|'))) {
      for (int bit = 1; bit <= kOtherWorkload; bit *= 2) {
        const bool applies = row.workloads == kAnyWorkload || (row.workloads & bit) != 0;
        has_record |= applies && rows.contains(OperationKey(operation) + "|" + std::to_string(bit));
      }
    }
    EXPECT_TRUE(has_record) << "no record in " << kRecords << " for " << row.operations;
  }
  ExpectLines(ocsf, kOcsf);
  ExpectLines(ecs, kEcs);
}

}  // namespace
}  // namespace picket::parser
