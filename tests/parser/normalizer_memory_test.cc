// What the normaliser keeps does not grow with what it is given.

#include <gtest/gtest.h>
#include <malloc.h>

#include <string>

#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

int64_t HeapInUse() {
  const struct mallinfo2 heap = mallinfo2();
  return static_cast<int64_t>(heap.uordblks + heap.hblkhd);
}

// Bytes of heap that a normaliser keeps after one array of `size` bytes.
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

TEST(NormalizerMemoryTest, WhatIsKeptDoesNotGrowWithTheBlob) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's heap is not counted";
#endif
  KeptAfter(1 << 20);  // tables that live as long as the program
  const int64_t small = KeptAfter(4 << 20);
  const int64_t large = KeptAfter(64 << 20);
  std::printf("kept after 4 MiB: %lld bytes, after 64 MiB: %lld bytes\n",
              static_cast<long long>(small), static_cast<long long>(large));
  EXPECT_GT(small, 64 << 10);
  EXPECT_LE(large, small + (1 << 20));
  EXPECT_LE(large, 32 << 20);
}

}  // namespace
}  // namespace picket::parser
