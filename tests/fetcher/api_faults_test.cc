// Tests that faults of the API lose no content, end no content too early, and delay nothing but
// what they concern.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kErrorObject[] = R"({"error":{"code":"AF50000","message":"An internal error."}})";
constexpr char kHtml[] = "<html><body>maintenance</body></html>";

bool IsRetrieval(const std::string& url) { return absl::StrContains(url, "/audit/"); }
bool IsListing(const std::string& url) { return absl::StrContains(url, "/subscriptions/content"); }

// An answer that takes the place of the true one.
struct FalseAnswer {
  int status = 200;
  std::string body;
};
void PrintTo(const FalseAnswer& answer, std::ostream* out) {
  *out << answer.status << " " << answer.body;
}

class ApiFaultsTest : public testing::Test {
 protected:
  ApiFaultsTest() {
    harness_.tamper = [this](const std::string& url, m365::HttpResponse& response) {
      if (fault_) fault_(url, response);
    };
    harness_.Start();
    harness_.Run(absl::Seconds(30));
  }
  // Replaces the answers to retrievals.
  void AnswerRetrievals(const FalseAnswer& answer) {
    fault_ = [answer](const std::string& url, m365::HttpResponse& response) {
      if (!IsRetrieval(url)) return;
      response.status = answer.status;
      response.body = answer.body;
    };
  }
  void ExpectEverythingStoredOnce() {
    EXPECT_EQ(harness_.topics.RawBlobs(), harness_.Expected());
    EXPECT_THAT(harness_.topics.Coverage("gap"), IsEmpty());
    EXPECT_THAT(harness_.topics.All(kafka::Topic::kDeadLetters), IsEmpty());
  }
  // Runs for `span`, but only for a few seconds of each hour.
  void RunForDays(absl::Duration span) {
    for (absl::Duration passed; passed < span; passed += absl::Hours(1)) {
      harness_.clock.Advance(absl::Hours(1) - absl::Seconds(20));
      harness_.Run(absl::Seconds(20));
    }
  }
  // Returns the newest committed watermark.
  absl::Time Watermark() const {
    absl::Time newest = absl::InfinitePast();
    for (const Topics::Message& message : harness_.topics.All(kafka::Topic::kLedger)) {
      const LedgerRow row = *ParseLedgerRow(message.key, message.value);
      if (row.kind == RowKind::kWatermark) newest = std::max(newest, row.time);
    }
    return newest;
  }

  StageHarness harness_{{.quota_per_minute = 0}};
  std::function<void(const std::string& url, m365::HttpResponse& response)> fault_;
};

class FalseContentTest : public ApiFaultsTest, public testing::WithParamInterface<FalseAnswer> {};

TEST_P(FalseContentTest, AnswersWithoutContentLoseNothingHoweverLongTheyCome) {
  for (const absl::Duration span : {absl::Seconds(8), absl::Minutes(2), absl::Hours(2)}) {
    AnswerRetrievals(GetParam());
    harness_.Publish(20);
    harness_.Run(span);
    fault_ = nullptr;
    EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(6))) << span;
    ExpectEverythingStoredOnce();
  }
}

INSTANTIATE_TEST_SUITE_P(
    Answers, FalseContentTest,
    testing::Values(FalseAnswer{200, ""}, FalseAnswer{200, kHtml}, FalseAnswer{200, "null"},
                    FalseAnswer{200, kErrorObject}, FalseAnswer{200, R"([{"Id":"1"},{"Id)"},
                    FalseAnswer{200, R"([{"Id":"1"}, )"}, FalseAnswer{200, R"({"Id":"1"})"},
                    FalseAnswer{200, R"([{"Id":"1"}] <!-- proxy -->)"},
                    FalseAnswer{200, R"([<html>])"}, FalseAnswer{200, R"([{"Id":"1"}{"Id":"2"}])"},
                    FalseAnswer{404, kHtml}, FalseAnswer{404, ""}, FalseAnswer{410, kHtml},
                    FalseAnswer{400, kHtml}, FalseAnswer{400, R"({"error":{}})"},
                    FalseAnswer{403, kHtml}, FalseAnswer{500, kErrorObject},
                    FalseAnswer{503, kHtml}, FalseAnswer{302, ""},
                    FalseAnswer{400, R"({"error":{"code":"AF20053","message":"no"}})"}));

TEST_F(ApiFaultsTest, AnEmptyArrayIsContent) {
  harness_.published.push_back(
      harness_.cloud.Publish(harness_.cloud.tenants()[0].id, simulator::kExchange, "[]"));
  ASSERT_TRUE(harness_.RunUntilStored(absl::Minutes(1)));
  ExpectEverythingStoredOnce();
}

class MissingContentTest : public ApiFaultsTest, public testing::WithParamInterface<const char*> {};

TEST_P(MissingContentTest, TheApiMustSayForADayThatContentIsMissing) {
  AnswerRetrievals(
      {404, absl::StrCat(R"({"error":{"code":")", GetParam(), R"(","message":"not found"}})")});
  harness_.Publish(1);
  RunForDays(absl::Hours(20));
  EXPECT_THAT(harness_.topics.Coverage("gap"), IsEmpty());
  fault_ = nullptr;
  RunForDays(absl::Hours(2));
  ExpectEverythingStoredOnce();

  AnswerRetrievals(
      {404, absl::StrCat(R"({"error":{"code":")", GetParam(), R"(","message":"not found"}})")});
  harness_.Publish(1);
  RunForDays(absl::Hours(27));
  const std::vector<std::string> gaps = harness_.topics.Coverage("gap");
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_THAT(gaps[0], HasSubstr(R"("ended_by":"api_missing")"));
  EXPECT_THAT(gaps[0], HasSubstr(GetParam()));
  EXPECT_THAT(gaps[0], HasSubstr(harness_.published[1]));
}

INSTANTIATE_TEST_SUITE_P(Codes, MissingContentTest, testing::Values("AF20050", "AF20052"));

TEST_F(ApiFaultsTest, ContentThatTheApiCallsExpiredEndsAtOnce) {
  AnswerRetrievals({400, R"({"error":{"code":"AF20051","message":"Content expired."}})"});
  harness_.Publish(1);
  harness_.Run(absl::Seconds(30));
  const std::vector<std::string> gaps = harness_.topics.Coverage("gap");
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_THAT(gaps[0], HasSubstr(R"("ended_by":"api_expired")"));
}

TEST_F(ApiFaultsTest, TheBytesOfARefusalThatComesLastAreKeptToo) {
  AnswerRetrievals({404, kHtml});
  harness_.Publish(1);
  RunForDays(absl::Hours(24 * 7 + 2));
  ASSERT_THAT(harness_.topics.Coverage("gap"), SizeIs(1));
  const std::vector<Topics::Message> dead = harness_.topics.All(kafka::Topic::kDeadLetters);
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].value, kHtml);
}

TEST_F(ApiFaultsTest, ALargeLastBodyBecomesADeadLetterInParts) {
  std::string body = "<html>";
  while (body.size() < size_t{20} << 20) absl::StrAppend(&body, body.size(), " bytes so far. ");
  AnswerRetrievals({503, kHtml});
  harness_.Publish(1);
  RunForDays(absl::Hours(24 * 7 - 1));
  AnswerRetrievals({200, body});
  RunForDays(absl::Hours(2));
  ASSERT_THAT(harness_.topics.Coverage("gap"), SizeIs(1));
  const std::vector<Topics::Message> parts = harness_.topics.All(kafka::Topic::kDeadLetters);
  ASSERT_GT(parts.size(), 1u);
  std::string joined;
  for (size_t k = 0; k < parts.size(); ++k) {
    EXPECT_EQ(parts[k].headers.at("part"), absl::StrCat(k + 1, "/", parts.size()));
    EXPECT_EQ(parts[k].headers.at("dead-letter-record"), "-1");
    joined += parts[k].value;
  }
  EXPECT_EQ(joined, body);
}

TEST_F(ApiFaultsTest, ContentThatNeverComesEndsAfterItsTimeWithItsLastBody) {
  AnswerRetrievals({200, kHtml});
  harness_.Publish(1);
  RunForDays(absl::Hours(24 * 7 - 2));
  EXPECT_THAT(harness_.topics.Coverage("gap"), IsEmpty());
  RunForDays(absl::Hours(4));
  const std::vector<std::string> gaps = harness_.topics.Coverage("gap");
  ASSERT_THAT(gaps, SizeIs(1));
  EXPECT_THAT(gaps[0], HasSubstr(R"("ended_by":"time")"));
  const std::vector<Topics::Message> dead = harness_.topics.All(kafka::Topic::kDeadLetters);
  ASSERT_THAT(dead, SizeIs(1));
  EXPECT_EQ(dead[0].value, kHtml);
  EXPECT_EQ(dead[0].headers.at("content-id"), harness_.published[0]);
  EXPECT_THAT(dead[0].headers.at("dead-letter-error"), HasSubstr("not one complete JSON array"));
}

class WrongExpirationTest : public ApiFaultsTest,
                            public testing::WithParamInterface<const char*> {};

TEST_P(WrongExpirationTest, AWrongExpirationEndsNothing) {
  bool has_failed = false;
  fault_ = [&](const std::string& url, m365::HttpResponse& response) {
    if (IsListing(url)) {
      const std::string kName = "\"contentExpiration\":\"";
      for (size_t at = response.body.find(kName); at != std::string::npos;
           at = response.body.find(kName, at + 1)) {
        const size_t begin = at + kName.size();
        response.body.replace(begin, response.body.find('"', begin) - begin, GetParam());
      }
    } else if (IsRetrieval(url) && !has_failed) {
      has_failed = true;
      response.status = 500;
    }
  };
  harness_.Publish(3);
  EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(2)));
  EXPECT_TRUE(has_failed);
  ExpectEverythingStoredOnce();
}

INSTANTIATE_TEST_SUITE_P(Times, WrongExpirationTest,
                         testing::Values("0001-01-01T00:00:00.000Z", "1970-01-01T00:00:00.000Z",
                                         "9999-12-31T23:59:59.999Z", "2020-01-01T00:00:00Z"));

class WrongDateTest : public ApiFaultsTest, public testing::WithParamInterface<FalseAnswer> {};

TEST_P(WrongDateTest, WrongDatesEndNothingAndMoveNoWatermarkPastTheServersTime) {
  for (const char* date : {"Tue, 19 Jan 2038 03:14:07 GMT", "Thu, 01 Jan 1970 00:00:00 GMT"}) {
    fault_ = [&](const std::string& url, m365::HttpResponse& response) {
      if (GetParam().status != 200 && (IsRetrieval(url) || IsListing(url))) {
        response.status = GetParam().status;
        response.body = GetParam().body;
      }
      for (auto& [name, value] : response.headers) {
        if (name == "date") value = date;
      }
    };
    harness_.Publish(20);
    harness_.Run(absl::Minutes(2));
    EXPECT_LE(Watermark(), harness_.clock.Now());
    fault_ = nullptr;
    harness_.Publish(1);
    EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(6)));
    ExpectEverythingStoredOnce();
  }
  harness_.Run(absl::Minutes(2));
  EXPECT_LE(Watermark(), harness_.clock.Now());
  EXPECT_GE(Watermark(), harness_.clock.Now() - absl::Minutes(2));
}

INSTANTIATE_TEST_SUITE_P(Answers, WrongDateTest,
                         testing::Values(FalseAnswer{503, kHtml}, FalseAnswer{200, ""}));

// Runs for an hour with ten new blobs a minute.
class NarrowFaultTest : public ApiFaultsTest {
 protected:
  static constexpr size_t kInAnHour = 600;
  // Returns the number of blobs that are stored in this hour.
  size_t StoredInAnHour() {
    harness_.transport->urls.clear();
    const size_t before = harness_.topics.RawBlobs().size();
    for (int minute = 0; minute < 60; ++minute) {
      harness_.Publish(kInAnHour / 60);
      harness_.Run(absl::Minutes(1));
    }
    return harness_.topics.RawBlobs().size() - before;
  }
  size_t Requests(const char* part) const {
    size_t count = 0;
    for (const std::string& url : harness_.transport->urls) count += absl::StrContains(url, part);
    return count;
  }
};

TEST_F(NarrowFaultTest, ABlobThatIsAlwaysRefusedDelaysNothingElse) {
  for (const FalseAnswer& answer :
       {FalseAnswer{403, kHtml}, FalseAnswer{401, R"({"Message":"Authorization denied"})"},
        FalseAnswer{403, R"({"error":{"code":"AF10001","message":"no permission"}})"},
        FalseAnswer{400, R"({"error":{"code":"AF20012","message":"no tenant"}})"}}) {
    harness_.Publish(1);
    const std::string refused = harness_.published.back();
    harness_.published.pop_back();
    fault_ = [&](const std::string& url, m365::HttpResponse& response) {
      if (!absl::StrContains(url, refused)) return;
      response.status = answer.status;
      response.body = answer.body;
    };
    EXPECT_GE(StoredInAnHour(), kInAnHour * 95 / 100);
    EXPECT_LE(Requests("/oauth2/"), 3u) << answer.body;
    EXPECT_THAT(harness_.topics.Coverage("health"), IsEmpty());
    fault_ = nullptr;
    harness_.published.push_back(refused);
    EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(6)));
  }
  ExpectEverythingStoredOnce();
}

TEST_F(NarrowFaultTest, AStaleTokenIsRenewedAtOnce) {
  fault_ = [&](const std::string&, m365::HttpResponse& response) {
    if (Requests("/oauth2/") > 0) return;
    response.status = 401;
    response.body = R"({"Message":"Authorization has been denied for this request."})";
  };
  harness_.transport->urls.clear();
  harness_.Publish(5);
  EXPECT_TRUE(harness_.RunUntilStored(absl::Seconds(30)));
  EXPECT_EQ(Requests("/oauth2/"), 1u);
  ExpectEverythingStoredOnce();
}

TEST_F(NarrowFaultTest, ATenantThatIsAlwaysRefusedAsksForThreeTokensAnHour) {
  fault_ = [&](const std::string& url, m365::HttpResponse& response) {
    if (!absl::StrContains(url, "/activity/feed/")) return;
    response.status = 401;
    response.body = R"({"Message":"Authorization has been denied for this request."})";
  };
  harness_.Run(absl::Hours(1));
  harness_.transport->urls.clear();
  harness_.Run(absl::Hours(1));
  EXPECT_LE(Requests("/oauth2/"), 3u + 2u) << "three, and those of the token's lifetime";
  EXPECT_THAT(harness_.topics.Coverage("health"), testing::Not(IsEmpty()));
  fault_ = nullptr;
  harness_.Publish(5);
  EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(21)));
  ExpectEverythingStoredOnce();
}

TEST_F(NarrowFaultTest, ATypeThatIsAlwaysRefusedDelaysNothingElse) {
  for (const FalseAnswer& answer :
       {FalseAnswer{403, kHtml}, FalseAnswer{401, R"({"Message":"Authorization denied"})"},
        FalseAnswer{403, R"({"error":{"code":"AF10001","message":"no permission"}})"}}) {
    fault_ = [&](const std::string& url, m365::HttpResponse& response) {
      if (!absl::StrContains(url, "contentType=DLP.All")) return;
      response.status = answer.status;
      response.body = answer.body;
    };
    EXPECT_GE(StoredInAnHour(), kInAnHour * 95 / 100);
    EXPECT_LE(Requests("/oauth2/"), 3u) << answer.body;
    for (const std::string& row : harness_.topics.Coverage("health")) {
      EXPECT_THAT(row, HasSubstr("DLP.All"));
    }
    fault_ = nullptr;
    harness_.Run(absl::Minutes(16));
  }
  ExpectEverythingStoredOnce();
}

class BurstTest : public ApiFaultsTest, public testing::WithParamInterface<FalseAnswer> {};

TEST_P(BurstTest, AfterAShortBurstTheNextRequestFollowsSoon) {
  harness_.Publish(300);
  // Waits until many requests are under way, then refuses all of them.
  for (int i = 0; harness_.transport->waiting() < 16; ++i) {
    ASSERT_LT(i, 1000);
    harness_.clock.Advance(absl::Milliseconds(100));
    if (harness_.transport->waiting() < 8) harness_.transport->Deliver();
    harness_.Collect();
    harness_.Decide(StageHarness::Decision::kCommit);
    harness_.stage->BetweenTransactions();
  }
  fault_ = [&](const std::string&, m365::HttpResponse& response) {
    response.status = GetParam().status;
    response.body = GetParam().body;
  };
  harness_.Step();
  fault_ = nullptr;
  harness_.transport->urls.clear();
  harness_.Run(absl::Seconds(5));
  EXPECT_GE(harness_.transport->urls.size(), 1u);
  EXPECT_TRUE(harness_.RunUntilStored(absl::Minutes(5)));
  ExpectEverythingStoredOnce();
}

INSTANTIATE_TEST_SUITE_P(
    Answers, BurstTest,
    testing::Values(FalseAnswer{500, kErrorObject}, FalseAnswer{503, kHtml},
                    FalseAnswer{403, kHtml},
                    FalseAnswer{403, R"({"error":{"code":"AF10001","message":"no"}})"}));

}  // namespace
}  // namespace picket::fetcher
