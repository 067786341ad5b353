#include "simulator/content/steady_content.h"

#include <gtest/gtest.h>

#include <set>

#include "simulator/content/content_store.h"
#include "simulator/content/record_digest.h"

namespace picket::simulator {
namespace {

const absl::Time kNow = absl::FromUnixMillis(1'700'000'000'123);
constexpr char kTenant[] = "00000000-0000-4000-8000-000000000001";
constexpr std::string_view kType = "Audit.Exchange";

SteadyOptions Options() {
  SteadyOptions options;
  options.interval = absl::Minutes(1);
  options.backlog = absl::Hours(90 * 24);
  options.records = 5;
  return options;
}

TEST(SteadyContentTest, EachBlobIsFoundByItsIdAndIsAlwaysTheSame) {
  const SteadyContent content(Options(), kNow);
  std::set<std::string> ids;
  for (uint64_t number : {0u, 1u, 2u, 1000u, 100'000u}) {
    const std::string id = content.Id(kTenant, kType, number);
    EXPECT_TRUE(ids.insert(id).second);
    EXPECT_EQ(content.Find(kTenant, kType, id, kNow), number);
    EXPECT_EQ(content.Find(kTenant, "Audit.General", id, kNow), std::nullopt);
    const std::string body = content.Body(kTenant, kType, number);
    EXPECT_EQ(body, SteadyContent(Options(), kNow).Body(kTenant, kType, number));
    RecordDigester digester;
    digester.Add(body);
    EXPECT_TRUE(digester.complete());
    for (const RecordDigest& record : digester.Take()) {
      EXPECT_EQ(record.id.size(), 36u);
      EXPECT_TRUE(ids.insert(record.id).second);
    }
  }
  const uint64_t future = content.FirstAt(kTenant, kType, kNow + absl::Seconds(1));
  EXPECT_EQ(content.Find(kTenant, kType, content.Id(kTenant, kType, future + 1), kNow),
            std::nullopt);
}

TEST(SteadyContentTest, FirstAtIsTheFirstBlobThatIsNotBeforeTheTime) {
  const SteadyContent content(Options(), kNow);
  for (int i = 0; i < 5000; ++i) {
    const absl::Time time = kNow - absl::Milliseconds(37 * i) + absl::Nanoseconds(i);
    const uint64_t number = content.FirstAt(kTenant, kType, time);
    EXPECT_GE(content.Created(kTenant, kType, number), time);
    EXPECT_LT(content.Created(kTenant, kType, number - 1), time);
  }
  EXPECT_EQ(content.FirstAt(kTenant, kType, absl::UnixEpoch()), 0u);
}

TEST(ContentStoreTest, VisitsPublishedAndSteadyContentInOrderFromAnyPosition) {
  const SteadyContent steady(Options(), kNow - absl::Hours(1));
  ContentStore store(kTenant, absl::Hours(24), steady);
  uint64_t number = 0;
  for (int minute = 60; minute >= 0; minute -= 7) {
    store.Add(kType, kNow - absl::Minutes(minute), number++, kNow).body = nullptr;
  }
  // Adds two blobs that are created in the same millisecond as a steady blob.
  const absl::Time same =
      steady.Created(kTenant, kType, steady.FirstAt(kTenant, kType, kNow - absl::Minutes(30)));
  store.Add(kType, same, number++, kNow);
  store.Add(kType, same, number++, kNow);
  std::vector<std::pair<absl::Time, uint64_t>> all;
  const auto collect = [&store](std::pair<absl::Time, uint64_t> from, size_t limit) {
    std::vector<std::pair<absl::Time, uint64_t>> found;
    store.Visit(kType, from, kNow, kNow, [&](const ContentBlob& blob) {
      if (found.size() == limit) return false;
      found.emplace_back(blob.created, blob.sequence);
      return true;
    });
    return found;
  };
  all = collect({kNow - absl::Hours(1), 0}, SIZE_MAX);
  EXPECT_TRUE(std::is_sorted(all.begin(), all.end()));
  EXPECT_EQ(std::set(all.begin(), all.end()).size(), all.size());
  EXPECT_EQ(all.size(), 60u + 9u + 2u);
  // Pages of three give the same blobs.
  std::vector<std::pair<absl::Time, uint64_t>> paged;
  std::pair<absl::Time, uint64_t> from(kNow - absl::Hours(1), 0);
  while (true) {
    const auto page = collect(from, 3);
    if (page.empty()) break;
    paged.insert(paged.end(), page.begin(), page.end());
    from = {page.back().first, page.back().second + 1};
  }
  EXPECT_EQ(paged, all);
}

TEST(ContentStoreTest, ForgetsExpiredContentButKnowsThatItsIdHasExpired) {
  const SteadyContent none(SteadyOptions(), kNow);
  ContentStore store(kTenant, absl::Hours(1), none);
  const std::string old = store.Add(kType, kNow, 1, kNow).id;
  const absl::Time later = kNow + absl::Hours(2);
  store.Add(kType, later, 2, later);
  EXPECT_EQ(store.Find(old, later), nullptr);
  EXPECT_TRUE(store.IsForgotten(old, later));
  EXPECT_FALSE(store.IsForgotten("nothing", later));
}

}  // namespace
}  // namespace picket::simulator
