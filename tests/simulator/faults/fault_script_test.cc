#include "simulator/faults/fault_script.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"

namespace picket::simulator {
namespace {

const absl::Time kStart = absl::FromUnixSeconds(1'700'000'000);

FaultSubject Blob(uint64_t number, uint64_t attempt = 0, std::string_view tenant = "t1") {
  FaultSubject subject;
  subject.kind = RequestKind::kBlob;
  subject.tenant = tenant;
  subject.domain = tenant == "t1" ? "one.example" : "two.example";
  subject.content_type = "Audit.Exchange";
  subject.blob = number;
  subject.attempt = attempt;
  return subject;
}

bool Hits(FaultScript& script, const FaultSubject& subject, absl::Duration at) {
  return script.HitRequest(subject, kStart + at).Exclusive() != nullptr;
}

TEST(FaultScriptTest, ASpanBeginsAndEndsAndRepeats) {
  FaultScript script;
  script.Add(*ParseFault("html=500:from=10s,for=100ms,every=1m"), kStart);
  EXPECT_FALSE(Hits(script, Blob(1), absl::Seconds(9.9)));
  EXPECT_TRUE(Hits(script, Blob(1), absl::Seconds(10)));
  EXPECT_TRUE(Hits(script, Blob(1), absl::Seconds(10.09)));
  EXPECT_FALSE(Hits(script, Blob(1), absl::Seconds(10.1)));
  EXPECT_FALSE(Hits(script, Blob(1), absl::Seconds(69.9)));
  EXPECT_TRUE(Hits(script, Blob(1), absl::Seconds(70.05)));
  EXPECT_TRUE(Hits(script, Blob(1), absl::Seconds(6010)));
  EXPECT_FALSE(Hits(script, Blob(1), absl::Seconds(6011)));
}

TEST(FaultScriptTest, AFaultSelectsTenantTypeAndKindOfRequest) {
  FaultScript script;
  script.Add(*ParseFault("html=500:tenant=ONE.example,type=Audit.Exchange,on=blob"), kStart);
  EXPECT_TRUE(Hits(script, Blob(1), {}));
  EXPECT_FALSE(Hits(script, Blob(1, 0, "t2"), {}));
  FaultSubject other = Blob(1);
  other.content_type = "Audit.General";
  EXPECT_FALSE(Hits(script, other, {}));
  other = Blob(1);
  other.kind = RequestKind::kContent;
  EXPECT_FALSE(Hits(script, other, {}));
  script.Clear();
  script.Add(*ParseFault("html=500:tenant=t1"), kStart);
  EXPECT_TRUE(Hits(script, Blob(1), {}));
}

TEST(FaultScriptTest, AShareIsReachedAndDoesNotDependOnTheOrderOfBlobs) {
  const auto affected = [](uint64_t seed, bool backwards) {
    FaultScript script;
    script.Add(*ParseFault(absl::StrCat("html=500:share=20%,seed=", seed)), kStart);
    std::set<std::pair<uint64_t, uint64_t>> hit;
    for (uint64_t i = 0; i < 3000; ++i) {
      const uint64_t number = backwards ? 2999 - i : i;
      for (uint64_t attempt = 0; attempt < 3; ++attempt) {
        if (Hits(script, Blob(number, attempt), {})) hit.insert({number, attempt});
      }
    }
    return hit;
  };
  const auto first = affected(1, false);
  EXPECT_NEAR(static_cast<double>(first.size()), 1800, 150);
  EXPECT_EQ(first, affected(1, true));
  EXPECT_NE(first, affected(2, false));
}

TEST(FaultScriptTest, PerBlobTheSameBlobsAreAlwaysAffected) {
  FaultScript script;
  script.Add(*ParseFault("plain=403:on=blob,per=blob,share=10%"), kStart);
  int affected = 0;
  for (uint64_t number = 0; number < 1000; ++number) {
    const bool first = Hits(script, Blob(number, 0), {});
    affected += first ? 1 : 0;
    for (uint64_t attempt = 1; attempt < 5; ++attempt) {
      EXPECT_EQ(Hits(script, Blob(number, attempt), {}), first);
    }
  }
  EXPECT_NEAR(affected, 100, 40);
}

TEST(FaultScriptTest, ACountLimitsRequestsOrBlobs) {
  FaultScript script;
  script.Add(*ParseFault("html=500:count=2"), kStart);
  EXPECT_TRUE(Hits(script, Blob(1), {}));
  EXPECT_TRUE(Hits(script, Blob(2), {}));
  EXPECT_FALSE(Hits(script, Blob(3), {}));
  script.Clear();
  script.Add(*ParseFault("html=500:per=blob,count=1"), kStart);
  EXPECT_TRUE(Hits(script, Blob(7), {}));
  EXPECT_FALSE(Hits(script, Blob(8), {}));
  EXPECT_TRUE(Hits(script, Blob(7, 1), {}));
}

TEST(FaultScriptTest, OnlyOneFaultReplacesAnAnswer) {
  FaultScript script;
  script.Add(*ParseFault("html=503:count=1"), kStart);
  script.Add(*ParseFault("af=AF50000:count=1,on=blob"), kStart);
  script.Add(*ParseFault("date=2038"), kStart);
  const FaultHits first = script.HitRequest(Blob(1), kStart);
  EXPECT_EQ(first.Exclusive()->kind, FaultKind::kHtml);
  EXPECT_NE(first.Find(FaultKind::kDate), nullptr);
  EXPECT_EQ(first.Find(FaultKind::kAf), nullptr);
  EXPECT_EQ(script.HitRequest(Blob(1), kStart).Exclusive()->kind, FaultKind::kAf);
  EXPECT_EQ(script.HitRequest(Blob(1), kStart).Exclusive(), nullptr);
}

TEST(FaultScriptTest, AFaultThatHappensOnceIsTakenAtEachBeginning) {
  FaultScript script;
  script.Add(*ParseFault("disable:from=10s"), kStart);
  script.Add(*ParseFault("big-blob=1MB:every=1m,count=3"), kStart);
  EXPECT_EQ(script.TakeBegun(kStart).size(), 1u);
  EXPECT_EQ(script.TakeBegun(kStart + absl::Seconds(9)).size(), 0u);
  EXPECT_EQ(script.TakeBegun(kStart + absl::Seconds(10)).size(), 1u);
  EXPECT_EQ(script.TakeBegun(kStart + absl::Minutes(1)).size(), 1u);
  EXPECT_EQ(script.TakeBegun(kStart + absl::Hours(1)).size(), 1u);
  EXPECT_EQ(script.TakeBegun(kStart + absl::Hours(2)).size(), 0u);
}

TEST(FaultScriptTest, AFaultCanBeRemovedAndListed) {
  FaultScript script;
  const uint64_t id = script.Add(*ParseFault("html=500:for=1m"), kStart);
  Hits(script, Blob(1), {});
  std::vector<FaultScript::Entry> list = script.List(kStart);
  ASSERT_EQ(list.size(), 1u);
  EXPECT_TRUE(list[0].active);
  EXPECT_EQ(list[0].hits, 1u);
  EXPECT_FALSE(script.List(kStart + absl::Minutes(2))[0].active);
  EXPECT_FALSE(script.Remove(id + 1));
  EXPECT_TRUE(script.Remove(id));
  EXPECT_FALSE(Hits(script, Blob(1), {}));
}

}  // namespace
}  // namespace picket::simulator
