#include "parser/duplicates/duplicate_window.h"

#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/escaping.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

constexpr char kTenantA[] = "11111111-1111-4111-8111-111111111111";
constexpr char kTenantB[] = "22222222-2222-4222-8222-222222222222";

RecordId IdOf(uint64_t number, bool is_hash = false) {
  RecordId id{{}, is_hash};
  for (int i = 0; i < 8; ++i) id.bytes[15 - i] = static_cast<uint8_t>(number >> (8 * i));
  return id;
}
absl::Time Hour(int hour) { return absl::UnixEpoch() + absl::Hours(500'000 + hour); }

struct Row {
  int32_t partition;
  std::string tenant;
  std::string value;
};
std::vector<Row> FlushedRows(DuplicateWindow& seen) {
  std::vector<Row> rows;
  seen.Flush([&](int32_t partition, std::string_view tenant, std::string_view value) {
    rows.push_back({partition, std::string(tenant), std::string(value)});
  });
  return rows;
}

TEST(DuplicateWindowTest, ASecondCopyIsADuplicateInTheSameTransactionAndInALaterOne) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(0)));
  EXPECT_FALSE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(0)));
  seen.Commit();
  EXPECT_FALSE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(1)));
  EXPECT_EQ(seen.size(), 1);
}

// The row was recorded from version 0.1.0. A newer parser must still know the Ids in the row.
TEST(DuplicateWindowTest, ARowOfVersion010IsRestored) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  const std::string row = absl::HexStringToBytes(
      "01000001a3185c5000000000000000000000000000000000010007a12000000000000000000000000000000002"
      "8007a11f");
  seen.BeginRestore(3);
  ASSERT_TRUE(seen.RestoreRow(3, 0, kTenantA, row));
  ASSERT_TRUE(seen.IsRestored(3));
  EXPECT_FALSE(seen.Insert(3, kTenantA, IdOf(1), 500'000, Hour(0)));
  EXPECT_FALSE(seen.Insert(3, kTenantA, IdOf(2, true), 499'999, Hour(0)));
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(3), 500'000, Hour(0)));
}

TEST(DuplicateWindowTest, IdsOfAnAbortedTransactionAreStillNew) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(0)));
  seen.Abort();
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(0)));
}

TEST(DuplicateWindowTest, TheSameIdInAnotherTenantPartitionOrHourOrAsAHashIsNew) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1), 10, Hour(0)));
  EXPECT_TRUE(seen.Insert(3, kTenantB, IdOf(1), 10, Hour(0)));
  EXPECT_TRUE(seen.Insert(4, kTenantA, IdOf(1), 10, Hour(0)));
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1, true), 10, Hour(0)));
  EXPECT_TRUE(seen.Insert(3, kTenantA, IdOf(1), 11, Hour(0)));
  seen.Commit();
  EXPECT_EQ(seen.size(), 5);
  EXPECT_FALSE(seen.Insert(3, kTenantB, IdOf(1), 10, Hour(0)));
}

TEST(DuplicateWindowTest, TheIdOfZerosIsAnIdLikeAnyOther) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  EXPECT_TRUE(seen.Insert(0, kTenantA, IdOf(0), 10, Hour(0)));
  seen.Commit();
  EXPECT_FALSE(seen.Insert(0, kTenantA, IdOf(0), 10, Hour(0)));
}

TEST(DuplicateWindowTest, AnIdIsForgottenWhenItsArrivalLeavesTheWindow) {
  Metrics metrics;
  DuplicateWindow seen({.window = absl::Hours(24)}, metrics);
  EXPECT_TRUE(seen.Insert(0, kTenantA, IdOf(1), 10, Hour(0)));
  seen.Commit();
  EXPECT_FALSE(seen.Insert(0, kTenantA, IdOf(1), 10, Hour(24)));
  EXPECT_TRUE(seen.Insert(0, kTenantA, IdOf(1), 10, Hour(25)));
}

TEST(DuplicateWindowTest, RestoringTheRowsRebuildsTheLostState) {
  Metrics metrics;
  DuplicateWindow live({.window = absl::Hours(48)}, metrics);
  std::vector<Row> topic;
  std::mt19937_64 random(7);
  for (int transaction = 0; transaction < 100; ++transaction) {
    for (int i = 0; i < 50; ++i) {
      live.Insert(5, random() % 2 ? kTenantA : kTenantB, IdOf(random() % 3000, random() % 9 == 0),
                  static_cast<int32_t>(random() % 5), Hour(transaction));
    }
    for (Row& row : FlushedRows(live)) topic.push_back(std::move(row));
    live.Commit();
  }
  DuplicateWindow restored({.window = absl::Hours(48)}, metrics);
  restored.BeginRestore(5);
  int64_t offset = 0;
  for (const Row& row : topic) EXPECT_TRUE(restored.RestoreRow(5, ++offset, row.tenant, row.value));
  EXPECT_EQ(restored.size(), live.size());
  for (int i = 0; i < 20000; ++i) {
    const std::string tenant = random() % 2 ? kTenantA : kTenantB;
    const RecordId id = IdOf(random() % 3000, random() % 9 == 0);
    const int32_t hour = static_cast<int32_t>(random() % 5);
    ASSERT_EQ(restored.Insert(5, tenant, id, hour, Hour(100)),
              live.Insert(5, tenant, id, hour, Hour(100)));
  }
}

TEST(DuplicateWindowTest, AgreesWithASlowTwinOnCommitsAndAborts) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  using Key = std::tuple<int32_t, std::string, uint64_t, int32_t>;
  std::set<Key> committed;
  std::mt19937_64 random(11);
  for (int transaction = 0; transaction < 300; ++transaction) {
    std::set<Key> open;
    for (int i = 0; i < 200; ++i) {
      const Key key{static_cast<int32_t>(random() % 3), random() % 2 ? kTenantA : kTenantB,
                    random() % 5000, static_cast<int32_t>(random() % 4)};
      const bool fresh = committed.count(key) == 0 && open.insert(key).second;
      ASSERT_EQ(seen.Insert(std::get<0>(key), std::get<1>(key), IdOf(std::get<2>(key)),
                            std::get<3>(key), Hour(transaction / 10)),
                fresh);
    }
    if (random() % 4 == 0) {
      seen.Abort();
    } else {
      seen.Commit();
      committed.insert(open.begin(), open.end());
    }
  }
  EXPECT_EQ(seen.size(), static_cast<int64_t>(committed.size()));
}

TEST(DuplicateWindowTest, AnIdCostsNoMoreThanTwentyFourBytes) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  std::mt19937_64 random(3);
  uint64_t number = 0;
  for (int i = 0; i < 400'000; ++i) {
    seen.Insert(0, kTenantA, IdOf(random() | ++number), i / 20'000, Hour(i / 20'000));
    if (i % 5000 == 4999) seen.Commit();
  }
  const double bytes = metrics.Sum("picket_parser_seen_bytes");
  EXPECT_LE(bytes / seen.size(), 24.0);
  EXPECT_GE(bytes / seen.size(), 16.0);
}

TEST(DuplicateWindowTest, OverTheBudgetTheOldestArrivalsAreForgottenAndMetricsShowIt) {
  Metrics metrics;
  DuplicateWindow seen({.window = absl::Hours(100), .budget_bytes = 100'000}, metrics);
  seen.BeginRestore(0);
  EXPECT_EQ(metrics.Sum("picket_parser_duplicate_window_seconds"), 360'000);
  for (uint64_t i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(seen.Insert(0, kTenantA, IdOf(i + 1), 10, Hour(static_cast<int>(i / 1000))));
    if (i % 1000 == 999) seen.Commit();
  }
  EXPECT_LE(metrics.Sum("picket_parser_seen_bytes"), 100'000);
  EXPECT_GT(metrics.Sum("picket_parser_seen_forgotten_total"), 0);
  EXPECT_LT(metrics.Sum("picket_parser_duplicate_window_seconds"), 360'000);
  EXPECT_FALSE(seen.Insert(0, kTenantA, IdOf(10'000), 10, Hour(9)));  // the newest Id is known
  EXPECT_TRUE(seen.Insert(0, kTenantA, IdOf(1), 10, Hour(9)));        // the oldest Id is forgotten
}

TEST(DuplicateWindowTest, AnInvalidRowIsRejected) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  seen.BeginRestore(0);
  EXPECT_FALSE(seen.RestoreRow(0, 7, kTenantA, ""));
  EXPECT_FALSE(seen.RestoreRow(0, 7, kTenantA, std::string(9, '\x02')));
  EXPECT_FALSE(seen.RestoreRow(0, 7, kTenantA, std::string("\x01", 1) + std::string(20, 'x')));
}

TEST(DuplicateWindowTest, AReleasedPartitionIsEmpty) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
  seen.Insert(0, kTenantA, IdOf(1), 10, Hour(0));
  seen.Insert(1, kTenantA, IdOf(1), 10, Hour(0));
  seen.Commit();
  seen.Release(0);
  EXPECT_EQ(seen.size(), 1);
  EXPECT_TRUE(seen.Insert(0, kTenantA, IdOf(1), 10, Hour(0)));
  EXPECT_FALSE(seen.Insert(1, kTenantA, IdOf(1), 10, Hour(0)));
}

}  // namespace
}  // namespace picket::parser
