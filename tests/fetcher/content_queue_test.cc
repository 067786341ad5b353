#include "fetcher/content_queue.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

const absl::Time kCreated = absl::FromUnixSeconds(1'700'000'000);
constexpr absl::Duration kNow = absl::Hours(1);

ContentQueue ThreeBlobs() {
  ContentQueue queue;
  queue.Add("b", {kCreated + absl::Seconds(2)});
  queue.Add("c", {kCreated + absl::Seconds(3)});
  queue.Add("a", {kCreated + absl::Seconds(1)});
  return queue;
}

TEST(ContentQueueTest, RetrievesTheOldestOrTheNewestBlob) {
  ContentQueue queue = ThreeBlobs();
  EXPECT_EQ(queue.Oldest(), kCreated + absl::Seconds(1));
  EXPECT_EQ(queue.StartOldest(), "a");
  EXPECT_EQ(queue.StartNewest(), "c");
  EXPECT_EQ(queue.StartOldest(), "b");
  EXPECT_FALSE(queue.HasReady());
  EXPECT_EQ(queue.size(), 3u) << "a busy blob is still pending";
}

TEST(ContentQueueTest, AFailedBlobIsReadyAgainAfterItsDelay) {
  ContentQueue queue;
  queue.Add("a", {kCreated});
  queue.StartOldest();
  queue.Retry("a", kNow + absl::Seconds(5), kNow);
  queue.ReleaseDelayed(kNow + absl::Seconds(4));
  EXPECT_FALSE(queue.HasReady());
  queue.ReleaseDelayed(kNow + absl::Seconds(5));
  EXPECT_EQ(queue.StartOldest(), "a");
}

TEST(ContentQueueTest, ARemovedBlobIsNotRetrievedAgain) {
  ContentQueue queue = ThreeBlobs();
  queue.Remove("a");
  queue.Retry("a", kNow, kNow);
  EXPECT_FALSE(queue.Contains("a"));
  EXPECT_EQ(queue.Oldest(), kCreated + absl::Seconds(2));
  EXPECT_EQ(queue.StartOldest(), "b");
}

TEST(RetrievalDelayTest, GrowsToItsLimitAndStaysBetweenHalfAndAllOfTheStep) {
  for (const bool is_missing : {false, true}) {
    const absl::Duration limit = is_missing ? absl::Minutes(30) : absl::Minutes(5);
    for (int attempts = 1; attempts < 40; ++attempts) {
      const absl::Duration delay = RetrievalDelay(is_missing, attempts, "id");
      EXPECT_GE(delay, absl::Seconds(1));
      EXPECT_LE(delay, limit);
    }
    EXPECT_LE(RetrievalDelay(is_missing, 1, "id"), absl::Seconds(2));
    EXPECT_GE(RetrievalDelay(is_missing, 20, "id"), limit / 2);
  }
}

}  // namespace
}  // namespace picket::fetcher
