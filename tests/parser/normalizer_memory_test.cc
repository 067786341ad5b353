// Tests that a normaliser's memory does not grow with its input, and that a normaliser allocates
// nothing once its buffers are large enough.

#include <gtest/gtest.h>
#include <malloc.h>

#include <optional>
#include <string>

#include "tests/parser/record_testing.h"
#include "tests/support/allocations.h"
#include "tests/support/shared_data.h"

namespace picket::parser {
namespace {

int64_t HeapInUse() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<int64_t>(heap.uordblks + heap.hblkhd);
}

// Returns the heap memory that a normaliser keeps after one array of `size` bytes.
int64_t KeptAfter(size_t size) {
  const std::vector<std::string> records = ReadRecords("tests/data/records/samples.ndjson");
  std::string blob = "[";
  for (size_t i = 0; blob.size() < size; i = (i + 1) % records.size()) {
    if (blob.size() > 1) blob += ',';
    blob += records[i];
  }
  blob += ']';
  Metrics metrics;
  NormalizedBatch batch;
  const int64_t before = HeapInUse();
  Normalizer normalizer({}, metrics);
  normalizer.Normalize({.ecs = true}, blob, batch);
  EXPECT_TRUE(batch.rejected.empty());
  EXPECT_GT(batch.text.size(), blob.size());
  batch = NormalizedBatch();
  return HeapInUse() - before;
}

TEST(NormalizerMemoryTest, TheBuffersDoNotGrowWithTheBlob) {
  if (!kHeapIsCounted) GTEST_SKIP() << "a sanitizer's heap is not counted";
  KeptAfter(1 << 20);  // creates tables that live as long as the program
  const int64_t small = KeptAfter(4 << 20);
  const int64_t large = KeptAfter(64 << 20);
  std::printf("kept after 4 MiB: %lld bytes, after 64 MiB: %lld bytes\n",
              static_cast<long long>(small), static_cast<long long>(large));
  EXPECT_GT(small, 64 << 10);
  EXPECT_LE(large, small + (1 << 20));
  EXPECT_LE(large, 32 << 20);
}

// Returns the records of a file in arrays of about 1 MiB.
std::vector<std::string> BlobsOf(const std::string& path) {
  std::vector<std::string> blobs;
  for (const std::string& record : ReadRecords(path)) {
    if (blobs.empty() || blobs.back().size() > 1 << 20) blobs.emplace_back("[");
    if (blobs.back().size() > 1) blobs.back() += ',';
    blobs.back() += record;
  }
  for (std::string& blob : blobs) blob += ']';
  return blobs;
}

void ExpectNoAllocationsOnceWarm(const std::vector<std::string>& blobs, const std::string& what) {
  for (const bool record_by_record : {false, true}) {
    Metrics metrics;
    Normalizer normalizer({.record_by_record = record_by_record}, metrics);
    NormalizedBatch batch;
    const auto allocations_of_a_pass = [&] {
      const int64_t before = Allocations();
      for (const std::string& blob : blobs) normalizer.Normalize({.ecs = true}, blob, batch);
      return Allocations() - before;
    };
    EXPECT_GT(allocations_of_a_pass(), 0);
    EXPECT_EQ(allocations_of_a_pass(), 0) << what << ", record by record: " << record_by_record;
  }
}

TEST(NormalizerMemoryTest, AWarmNormalizerAllocatesNothingForARecord) {
  if (!kHeapIsCounted) GTEST_SKIP() << "a sanitizer's heap is not counted";
  std::vector<std::string> paths = {"tests/data/records/samples.ndjson",
                                    "tests/data/records/rows.ndjson"};
  if (const auto real = SharedData("o365/real-audit-records.ndjson.gz")) paths.push_back(*real);
  for (const std::string& path : paths) ExpectNoAllocationsOnceWarm(BlobsOf(path), path);
}

TEST(NormalizerMemoryTest, AWarmNormalizerAllocatesNothingForAListInAString) {
  if (!kHeapIsCounted) GTEST_SKIP() << "a sanitizer's heap is not counted";
  std::string blob = "[";
  for (const char* list : {"Parameters", "ModifiedProperties", "ExtendedProperties",
                           "DeviceProperties", "OperationProperties"}) {
    if (blob.size() > 1) blob += ',';
    blob += RecordWith(
        "Exchange", "Set-Mailbox",
        ",\"" + std::string(list) +
            R"(":"[{\"Name\":\"ForwardTo\",\"Value\":\"somebody.else@elsewhere.example\"}]")");
  }
  ExpectNoAllocationsOnceWarm({blob + "]"}, "lists in texts");
}

}  // namespace
}  // namespace picket::parser
