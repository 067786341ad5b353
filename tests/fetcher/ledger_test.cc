#include "fetcher/ledger.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket::fetcher {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr char kTenant[] = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";
constexpr char kType[] = "Audit.General";

LedgerRow Blob(const std::string& id, BlobStatus status, absl::Time created = kNow) {
  LedgerRow row;
  row.tenant = kTenant;
  row.content_type = kType;
  row.id = id;
  row.status = status;
  row.created = created;
  row.expiration = created + absl::Hours(24 * 20);
  return row;
}

LedgerRow Watermark(absl::Time time) {
  LedgerRow row;
  row.tenant = kTenant;
  row.content_type = kType;
  row.kind = RowKind::kWatermark;
  row.time = time;
  return row;
}

void Replay(const LedgerRow& row, Ledger& ledger) {
  const absl::StatusOr<LedgerRow> read = ParseLedgerRow(LedgerKey(row), LedgerValue(row));
  ASSERT_TRUE(read.ok()) << read.status();
  ledger.Restore(*read);
}

TEST(LedgerRowTest, EveryKindIsReadAsItWasWritten) {
  LedgerRow listed = Blob("20261123$1$audit_general$emea01", BlobStatus::kListed);
  listed.late = true;
  LedgerRow dead = Blob("b", BlobStatus::kDead);
  dead.reason = "expired \"early\"";
  LedgerRow watermark = Watermark(kNow + absl::Milliseconds(7));
  watermark.reconciled = kNow - absl::Hours(3);
  LedgerRow subscription = Watermark(kNow);
  subscription.kind = RowKind::kSubscription;
  LedgerRow quota = Watermark(kNow);
  quota.kind = RowKind::kQuota;
  quota.content_type = "*";
  quota.requests_per_minute = 1500.5;

  EXPECT_EQ(LedgerKey(listed), absl::StrCat(kTenant, "|Audit.General|blob|", listed.id));
  EXPECT_EQ(LedgerKey(watermark), absl::StrCat(kTenant, "|Audit.General|watermark|"));

  const auto read = [](const LedgerRow& row) {
    return *ParseLedgerRow(LedgerKey(row), LedgerValue(row));
  };
  EXPECT_EQ(read(listed).status, BlobStatus::kListed);
  EXPECT_EQ(read(listed).expiration, listed.expiration);
  EXPECT_TRUE(read(listed).late);
  EXPECT_FALSE(read(listed).backfill);
  EXPECT_EQ(read(dead).status, BlobStatus::kDead);
  EXPECT_EQ(read(watermark).time, watermark.time);
  EXPECT_EQ(read(watermark).reconciled, watermark.reconciled);
  EXPECT_EQ(read(Watermark(kNow)).reconciled, absl::InfinitePast());
  EXPECT_EQ(read(subscription).time, kNow);
  EXPECT_EQ(read(quota).requests_per_minute, 1500.5);
}

// The rows were recorded from version 0.1.0. An upgraded fetcher must still read them.
TEST(LedgerRowTest, RowsOfVersion010AreRead) {
  const std::string type = absl::StrCat(kTenant, "|Audit.General|");
  const auto read = [](const std::string& key, std::string_view value) {
    const absl::StatusOr<LedgerRow> row = ParseLedgerRow(key, value);
    EXPECT_TRUE(row.ok()) << row.status();
    return row.value_or(LedgerRow{});
  };
  const LedgerRow listed = read(
      type + "blob|20261123$1$audit_general$emea01",
      R"({"state":"listed","created":"2023-11-14T22:13:20Z","expiration":"2023-12-04T22:13:20Z","late":true})");
  EXPECT_EQ(listed.status, BlobStatus::kListed);
  EXPECT_EQ(listed.created, kNow);
  EXPECT_EQ(listed.expiration, kNow + absl::Hours(24 * 20));
  EXPECT_TRUE(listed.late);
  EXPECT_EQ(read(type + "blob|a", R"({"state":"stored","created":"2023-11-14T22:13:20Z"})").status,
            BlobStatus::kStored);
  const LedgerRow dead = read(
      type + "blob|a", R"({"state":"dead","created":"2023-11-14T22:13:20Z","reason":"expired"})");
  EXPECT_EQ(dead.status, BlobStatus::kDead);
  const LedgerRow watermark =
      read(type + "watermark|",
           R"({"watermark":"2023-11-14T22:13:20.007Z","reconciled":"2023-11-14T19:13:20Z"})");
  EXPECT_EQ(watermark.time, kNow + absl::Milliseconds(7));
  EXPECT_EQ(watermark.reconciled, kNow - absl::Hours(3));
  EXPECT_EQ(read(type + "subscription|", R"({"started":"2023-11-14T22:13:20Z"})").time, kNow);
  EXPECT_EQ(read(absl::StrCat(kTenant, "|*|quota|"), R"({"requests_per_minute":1500.5})")
                .requests_per_minute,
            1500.5);
}

TEST(LedgerRowTest, AnInvalidRowIsAnErrorWithItsKey) {
  EXPECT_FALSE(ParseLedgerRow("a|b|blob", "{}").ok());
  EXPECT_FALSE(ParseLedgerRow("a|b|cheese|x", "{}").ok());
  EXPECT_FALSE(ParseLedgerRow("a|b|blob|x", "not json").ok());
  const absl::Status status =
      ParseLedgerRow("a|b|blob|x", R"({"state":"eaten","created":"2026-01-01T00:00:00Z"})")
          .status();
  EXPECT_NE(std::string(status.message()).find("a|b|blob|x"), std::string::npos);
}

TEST(LedgerTest, AnAbortedRowDisappearsAndACommittedRowStays) {
  Ledger ledger;
  ledger.Put(Blob("a", BlobStatus::kStored));
  EXPECT_EQ(ledger.Find(kTenant, kType, "a"), BlobStatus::kStored)
      << "the open transaction is visible";
  ledger.Abort();
  EXPECT_EQ(ledger.Find(kTenant, kType, "a"), std::nullopt);
  ledger.Put(Blob("a", BlobStatus::kStored));
  ledger.Put(Watermark(kNow));
  EXPECT_EQ(ledger.FindFeed(kTenant, kType), nullptr);
  ledger.Commit();
  ledger.Abort();
  EXPECT_EQ(ledger.Find(kTenant, kType, "a"), BlobStatus::kStored);
  EXPECT_EQ(ledger.FindFeed(kTenant, kType)->watermark, kNow);
}

TEST(LedgerTest, TheIdOfListedContentIsKeptUntilItIsStoredOrDead) {
  Ledger ledger;
  Replay(Blob("a", BlobStatus::kListed), ledger);
  Replay(Blob("b", BlobStatus::kListed), ledger);
  Replay(Blob("c", BlobStatus::kListed), ledger);
  Replay(Blob("a", BlobStatus::kStored), ledger);
  Replay(Blob("b", BlobStatus::kDead), ledger);
  const Ledger::Feed& feed = *ledger.FindFeed(kTenant, kType);
  ASSERT_EQ(feed.listed.size(), 1u);
  EXPECT_EQ(feed.listed.begin()->first, "c");
  EXPECT_EQ(feed.listed.begin()->second.expiration, kNow + absl::Hours(24 * 20));
  EXPECT_EQ(ledger.blobs(), 3u);
}

TEST(LedgerTest, TheSameIdOfAnotherTenantOrTypeIsDifferentContent) {
  Ledger ledger;
  Replay(Blob("a", BlobStatus::kStored), ledger);
  EXPECT_EQ(ledger.Find(kTenant, "Audit.Exchange", "a"), std::nullopt);
  EXPECT_EQ(ledger.Find("another", kType, "a"), std::nullopt);
}

TEST(LedgerTest, OldContentIsForgottenUnlessItMustStillBeRetrieved) {
  Ledger ledger;
  const absl::Time old = kNow - kBlobRowLifetime - absl::Hours(1);
  Replay(Blob("stored", BlobStatus::kStored, old), ledger);
  Replay(Blob("listed", BlobStatus::kListed, old), ledger);
  Replay(Blob("new", BlobStatus::kStored), ledger);
  EXPECT_EQ(ledger.DropBefore(kNow - kBlobRowLifetime), 1u);
  EXPECT_EQ(ledger.Find(kTenant, kType, "stored"), std::nullopt);
  EXPECT_EQ(ledger.Find(kTenant, kType, "listed"), BlobStatus::kListed);
  EXPECT_EQ(ledger.Find(kTenant, kType, "new"), BlobStatus::kStored);
}

TEST(LedgerTest, ATombstoneRemovesARow) {
  Ledger ledger;
  Replay(Blob("a", BlobStatus::kListed), ledger);
  ledger.RestoreTombstone(*ParseLedgerRow(LedgerKey(Blob("a", BlobStatus::kListed)), ""));
  EXPECT_EQ(ledger.Find(kTenant, kType, "a"), std::nullopt);
  EXPECT_TRUE(ledger.FindFeed(kTenant, kType)->listed.empty());
}

}  // namespace
}  // namespace picket::fetcher
