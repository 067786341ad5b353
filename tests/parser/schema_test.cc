#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <map>
#include <set>

#include "common/metrics.h"
#include "parser/input/audit_file.h"
#include "parser/normalizer.h"
#include "tests/parser/record_mutator.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

// Normalises every record of a file and validates each event. Returns the number of events of each
// class.
std::map<int32_t, int> ValidateFile(const std::string& path) {
  std::map<int32_t, int> validated;
  std::map<std::string, int> faults;  // how often each error message occurred
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  auto file = AuditFile::Open(path);
  EXPECT_TRUE(file.ok()) << file.status();
  if (!file.ok()) return validated;
  AuditBlob blob;
  while (true) {
    const absl::StatusOr<bool> more = (*file)->Next(&blob);
    EXPECT_TRUE(more.ok()) << more.status();
    if (!more.ok() || !*more) break;
    EXPECT_EQ(blob.damage, "") << blob.error;
    normalizer.Normalize(BlobSource(), blob.text, batch);
    EXPECT_TRUE(batch.rejected.empty()) << batch.rejected[0].error;
    for (const NormalizedBatch::Event& event : batch.events) {
      ++validated[event.class_uid];
      for (const std::string& fault : OcsfSchemas::Get().Validate(batch.Json(event))) {
        if (faults[fault]++ == 0 && faults.size() <= 10) {
          ADD_FAILURE() << fault << "\n" << batch.Json(event);
        }
      }
    }
  }
  for (const auto& [fault, count] : faults) std::printf("%6d times: %s\n", count, fault.c_str());
  return validated;
}

int Total(const std::map<int32_t, int>& by_class) {
  int total = 0;
  for (const auto& [class_uid, count] : by_class) total += count;
  return total;
}

void Print(const std::string& what, const std::map<int32_t, int>& by_class) {
  std::printf("%s: %d events validated against %s:", what.c_str(), Total(by_class),
              OcsfSchemas::Get().whole() ? "the OCSF 1.8.0 schemas" : "the reduced table only");
  for (const auto& [class_uid, count] : by_class) std::printf(" %d of %d,", count, class_uid);
  std::printf("\n");
}

TEST(SchemaTest, EveryShippedSampleIsAValidEvent) {
  std::map<int32_t, int> validated;
  for (const auto& entry : std::filesystem::directory_iterator("tests/data/records")) {
    for (const auto& [class_uid, count] : ValidateFile(entry.path().string())) {
      validated[class_uid] += count;
    }
  }
  Print("shipped samples", validated);
  EXPECT_GE(Total(validated), 61);
  for (const int class_uid : {2004, 3001, 3002, 3004, 3005, 3006, 4009, 6001, 6002, 6003, 6006}) {
    EXPECT_TRUE(validated.contains(class_uid)) << "no sample is of class " << class_uid;
  }
}

TEST(SchemaTest, EveryRealRecordIsAValidEvent) {
  const std::optional<std::string> path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!path.has_value())
    GTEST_SKIP() << "THE SHARED RECORDS ARE MISSING: no real event was validated";
  ASSERT_TRUE(OcsfSchemas::Get().whole());
  const std::map<int32_t, int> validated = ValidateFile(*path);
  Print("real records", validated);
  EXPECT_EQ(Total(validated), 9608);
}

TEST(SchemaTest, EveryDocumentedExampleIsAValidEvent) {
  const std::optional<std::string> path = SharedData("o365/documentation-examples.ndjson");
  if (!path.has_value()) GTEST_SKIP() << "THE SHARED RECORDS ARE MISSING: no example was validated";
  const std::map<int32_t, int> validated = ValidateFile(*path);
  Print("documentation examples", validated);
  EXPECT_EQ(Total(validated), 13);
}

// An event must conform to the schema, whatever its record contains.
TEST(SchemaTest, EveryChangedRecordBecomesAValidEventOrIsRejected) {
  RecordMutator spoiler;
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  std::map<int32_t, int> validated;
  std::map<std::string, int> faults;
  for (int round = 0; round < 20'000; ++round) {
    const std::string record = round % 4 == 0 ? spoiler.NextWithMemberTwice() : spoiler.Next();
    normalizer.Normalize(BlobSource(), record, batch);
    for (const NormalizedBatch::Event& event : batch.events) {
      ++validated[event.class_uid];
      for (const std::string& fault : OcsfSchemas::Get().Validate(batch.Json(event))) {
        if (faults[fault]++ == 0 && faults.size() <= 10) ADD_FAILURE() << fault << "\n" << record;
      }
    }
  }
  Print("changed records", validated);
  EXPECT_GT(Total(validated), 18'000);
}

}  // namespace
}  // namespace picket::parser
