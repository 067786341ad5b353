// Tests the faults that the cloud carries out itself. They concern tokens, subscriptions, listings,
// publications and clocks.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "common/file.h"
#include "simulator/cloud.h"
#include "simulator/content/published_blob.h"
#include "simulator/server/http.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

using testing::HasSubstr;

constexpr char kBlob[] = R"([{"Id":"1"},{"Id":"2"}])";
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

class CloudFaultsTest : public testing::Test {
 protected:
  void Make(CloudOptions options = {}) {
    clock_ = std::make_unique<FakeClock>(kNow);
    log_ = *PublishLog::Open("");
    cloud_ = std::make_unique<Cloud>(options, InventTenants(2, 7), *clock_);
    cloud_->SetPublishLog(log_.get());
    client_ = std::make_unique<CloudClient>(*cloud_);
    client_->SignIn();
  }
  const std::string& tenant(int number = 0) { return cloud_->tenants()[number].id; }
  uint64_t Add(const std::string& text) {
    const absl::StatusOr<uint64_t> id = cloud_->AddFault(*ParseFault(text));
    EXPECT_TRUE(id.ok()) << id.status();
    return id.value_or(0);
  }
  // Requests a token, with which the client signs in, and returns the claims of the token.
  std::string Claims() {
    const HttpResponse response = client_->Token(client_->GoodForm());
    const std::string token = CloudClient::Between(*response.body, "\"access_token\":\"", "\"");
    client_->set_bearer(token);
    return Base64UrlDecode(CloudClient::Between(token, ".", ".")).value_or("");
  }
  std::string SubscriptionList() {
    return Answer(client_->Call("GET", absl::StrCat("/subscriptions/list?", kPublisher)));
  }
  std::vector<std::string> Ids(const std::string& listing) {
    std::vector<std::string> ids;
    for (size_t at = listing.find("\"contentId\":\""); at != std::string::npos;
         at = listing.find("\"contentId\":\"", at + 1)) {
      ids.push_back(CloudClient::Between(listing.substr(at), "\"contentId\":\"", "\""));
    }
    return ids;
  }
  std::vector<PublishedBlob> Rows() {
    std::string text;
    const auto source = log_->Read();
    for (auto piece = source->Next(); !piece.empty(); piece = source->Next()) text.append(piece);
    std::vector<PublishedBlob> rows;
    for (size_t begin = 0; begin < text.size();) {
      const size_t end = text.find('\n', begin);
      rows.push_back(*ParsePublishedRow(text.substr(begin, end - begin)));
      begin = end + 1;
    }
    return rows;
  }

  std::unique_ptr<FakeClock> clock_;
  std::unique_ptr<PublishLog> log_;
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<CloudClient> client_;
};

TEST_F(CloudFaultsTest, EachAfCodeIsAnsweredInItsSpanOnly) {
  Make();
  for (const ErrorAnswer& answer : AfAnswers()) {
    cloud_->ClearFaults();
    Add(absl::StrCat("af=", std::string(answer.code), ":on=subscriptions,from=10s,for=1m"));
    EXPECT_EQ(SubscriptionList(), "200");
    clock_->Advance(absl::Seconds(10));
    EXPECT_EQ(SubscriptionList(), absl::StrCat(answer.status, " ", std::string(answer.code)));
    clock_->Advance(absl::Minutes(1));
    EXPECT_EQ(SubscriptionList(), "200");
    client_->SignIn();
  }
}

TEST_F(CloudFaultsTest, EachAadstsCodeIsAnsweredForItsTenantOnly) {
  Make();
  CloudClient other(*cloud_, 1);
  for (const ErrorAnswer& answer : AadstsAnswers()) {
    cloud_->ClearFaults();
    Add(absl::StrCat("aadsts=", std::string(answer.code), ":tenant=", tenant()));
    EXPECT_THAT(
        TokenAnswer(client_->Token(client_->GoodForm())),
        testing::MatchesRegex(absl::StrCat(answer.status, " [a-z_]+ ", std::string(answer.code))));
    EXPECT_EQ(TokenAnswer(other.Token(other.GoodForm())), "200");
  }
}

TEST_F(CloudFaultsTest, CredentialsFailAsTheFaultSays) {
  Make();
  for (const auto& [fault, answer] : std::vector<std::pair<std::string, std::string>>{
           {"app-missing", "400 unauthorized_client 700016"},
           {"app-disabled", "401 unauthorized_client 7000112"},
           {"secret-expired", "401 invalid_client 7000222"},
           {"wrong-secret", "401 invalid_client 7000215"},
           {"wrong-cloud", "400 invalid_client 900382"}}) {
    cloud_->ClearFaults();
    Add(fault);
    EXPECT_EQ(TokenAnswer(client_->Token(client_->GoodForm())), answer) << fault;
  }
}

TEST_F(CloudFaultsTest, TokensAreWrongAsTheFaultSays) {
  Make();
  EXPECT_THAT(Claims(), HasSubstr(R"("roles":["ActivityFeed.Read","ActivityFeed.ReadDlp"])"));
  Add("consent-missing");
  EXPECT_THAT(Claims(), Not(HasSubstr("roles")));
  EXPECT_EQ(SubscriptionList(), "401 AF10001");
  cloud_->ClearFaults();
  Add("no-dlp");
  EXPECT_THAT(Claims(), HasSubstr(R"("roles":["ActivityFeed.Read"],)"));
  EXPECT_EQ(Answer(client_->StartSubscription("DLP.All")), "401 AF10001");
  EXPECT_EQ(Answer(client_->StartSubscription("Audit.General")), "200");
  cloud_->ClearFaults();
  Add("delegated");
  EXPECT_THAT(Claims(), AllOf(HasSubstr(R"("scp":"ActivityFeed.Read ActivityFeed.ReadDlp")"),
                              Not(HasSubstr("roles"))));
  EXPECT_EQ(SubscriptionList(), "401 AF10001");
  cloud_->ClearFaults();
  Add("wrong-audience=https://graph.example");
  EXPECT_THAT(Claims(), HasSubstr(R"("aud":"https://graph.example")"));
  EXPECT_EQ(SubscriptionList(), "401");
  cloud_->ClearFaults();
  Add("wrong-tenant");
  EXPECT_THAT(Claims(), HasSubstr(R"("tid":"00000000-0000-4000-8000-00000000f0e1")"));
  EXPECT_EQ(SubscriptionList(), "401 AF20010");
  cloud_->ClearFaults();
  Add("token-lifetime=1m");
  Claims();
  EXPECT_EQ(SubscriptionList(), "200");
  clock_->Advance(absl::Minutes(1));
  EXPECT_EQ(SubscriptionList(), "401");
}

TEST_F(CloudFaultsTest, OneTypeOrOneBlobFailsWhileTheOthersWork) {
  Make();
  const std::string bad = cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  const std::string good = cloud_->Publish(tenant(), "Audit.General", kBlob);
  Add("denied:type=Audit.Exchange");
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + bad)), "401");
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + good)), "200");
  EXPECT_EQ(Answer(client_->StartSubscription("Audit.Exchange")), "401");
  EXPECT_EQ(Answer(client_->StartSubscription("Audit.General")), "200");
  cloud_->ClearFaults();
  Add("plain=403:on=blob,per=blob,count=1");
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + bad)), "403");
    EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + good)), "200");
  }
}

TEST_F(CloudFaultsTest, TheFifteenMinuteRuleRejectsAnEarlyStart) {
  Make();
  Add("start-rule");
  EXPECT_EQ(Answer(client_->StartSubscription()), "200");
  cloud_->DisableSubscription(tenant(), "Audit.Exchange");
  clock_->Advance(absl::Minutes(14));
  EXPECT_EQ(Answer(client_->StartSubscription()), "400");
  clock_->Advance(absl::Minutes(15));
  EXPECT_EQ(Answer(client_->StartSubscription()), "200");
}

TEST_F(CloudFaultsTest, SubscriptionsAreDisabledAndStoppedOnce) {
  Make();
  client_->StartSubscription();
  client_->StartSubscription("Audit.General");
  Add("disable:type=Audit.Exchange,from=1m");
  Add("stop:type=Audit.General,from=1m");
  EXPECT_EQ(Answer(client_->List("")), "200");
  clock_->Advance(absl::Minutes(1));
  EXPECT_EQ(Answer(client_->List("")), "400 AF20023");
  EXPECT_EQ(Answer(client_->List("", "Audit.General")), "400 AF20022");
  EXPECT_EQ(Answer(client_->StartSubscription()), "200");
  EXPECT_EQ(Answer(client_->List("")), "200");
}

TEST_F(CloudFaultsTest, PageLinksBecomeStaleOrBad) {
  CloudOptions options;
  options.page_size = 1;
  Make(options);
  client_->StartSubscription();
  cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  clock_->Advance(absl::Seconds(1));
  const std::string next =
      CloudClient::Header(client_->List(""), "NextPageUri").substr(sizeof(kOrigin) - 1);
  EXPECT_EQ(Answer(client_->Send("GET", next)), "200");
  Add("stale-link");
  EXPECT_EQ(Answer(client_->Send("GET", next)), "400 AF20055");
  EXPECT_EQ(Answer(client_->List("")), "200");
  cloud_->ClearFaults();
  Add("bad-link");
  EXPECT_EQ(Answer(client_->Send("GET", next)), "400 AF20031");
}

TEST_F(CloudFaultsTest, ContentIsPublishedAgainAfterDaysAndListedLate) {
  Make();
  client_->StartSubscription();
  Add("republish=5d:count=1");
  const std::string first = cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  cloud_->Publish(tenant(), "Audit.Exchange", R"([{"Id":"3"}])");
  clock_->Advance(absl::Hours(5 * 24) - absl::Seconds(1));
  client_->SignIn();
  EXPECT_EQ(Ids(*client_->List("").body).size(), 0u);
  EXPECT_EQ(Rows().size(), 2u);
  clock_->Advance(absl::Seconds(1));
  cloud_->Handle({});
  clock_->Advance(absl::Seconds(1));
  const std::vector<std::string> ids = Ids(*client_->List("").body);
  ASSERT_EQ(ids.size(), 1u);
  EXPECT_NE(ids[0], first);
  EXPECT_EQ(*client_->Call("GET", "/audit/" + ids[0]).body, kBlob);
  ASSERT_EQ(Rows().size(), 3u);
  EXPECT_EQ(Rows()[2].content_id, ids[0]);
  EXPECT_EQ(Rows()[2].records, Rows()[0].records);

  cloud_->ClearFaults();
  Add("listed-late=10m");
  cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  const PublishedBlob late = Rows().back();
  EXPECT_LT(late.created, clock_->Now());
  EXPECT_GT(late.created, clock_->Now() - absl::Minutes(10));
}

TEST_F(CloudFaultsTest, ALargeBlobIsPublishedListedAndServed) {
  Make();
  client_->StartSubscription();
  Add(absl::StrCat("random-blob=1MB:tenant=", cloud_->tenants()[0].domain));
  cloud_->Handle({});
  clock_->Advance(absl::Seconds(1));
  const std::vector<std::string> ids = Ids(*client_->List("").body);
  ASSERT_EQ(ids.size(), 1u);
  const HttpResponse response = client_->Call("GET", "/audit/" + ids[0]);
  const std::string body = WholeBody(response);
  EXPECT_EQ(body.size(), 1'000'000u);
  EXPECT_EQ(response.source_bytes, 1'000'000u);
  ASSERT_EQ(Rows().size(), 1u);
  EXPECT_EQ(Rows()[0].bytes, body.size());
  RecordDigester digester;
  digester.Add(body);
  EXPECT_EQ(digester.Take(), Rows()[0].records);
}

TEST_F(CloudFaultsTest, ASkewMovesTheDateTheWindowsAndNewContent) {
  Make();
  client_->StartSubscription();
  Add(absl::StrCat("clock-skew=-2h:tenant=", tenant()));
  client_->SignIn();
  const std::string id = cloud_->Publish(tenant(), "Audit.Exchange", kBlob);
  EXPECT_EQ(id.substr(0, 17), "20231114201320000");
  const HttpResponse list = client_->List("");
  EXPECT_EQ(CloudClient::Header(list, "Date"), "Tue, 14 Nov 2023 20:13:20 GMT");
  CloudClient other(*cloud_, 1);
  EXPECT_EQ(CloudClient::Header(other.Token(other.GoodForm()), "Date"),
            "Tue, 14 Nov 2023 22:13:20 GMT");
}

TEST_F(CloudFaultsTest, AQuotaIsSetForOneTenant) {
  Make();
  Add(absl::StrCat("quota=2:tenant=", tenant()));
  EXPECT_EQ(SubscriptionList(), "200");
  EXPECT_EQ(SubscriptionList(), "200");
  EXPECT_EQ(SubscriptionList(), "403 AF429");
}

TEST_F(CloudFaultsTest, AnUnknownTenantIsRejectedWithTheKnownOnes) {
  Make();
  const absl::StatusOr<uint64_t> id = cloud_->AddFault(*ParseFault("null:tenant=nobody.example"));
  ASSERT_FALSE(id.ok());
  EXPECT_THAT(std::string(id.status().message()),
              AllOf(HasSubstr("\"nobody.example\""), HasSubstr(cloud_->tenants()[1].domain)));
}

TEST_F(CloudFaultsTest, MonthsOfSteadyContentAreListedAndServedWithoutBeingPublished) {
  CloudOptions options;
  options.page_size = 500;
  options.quota_per_minute = 0;
  options.steady.interval = absl::Minutes(10);
  options.steady.backlog = absl::Hours(90 * 24);
  options.steady.records = 3;
  Make(options);
  client_->StartSubscription();
  std::set<std::string> ids;
  for (int day = 7; day >= 1; --day) {
    const absl::Time start = kNow - absl::Hours(24 * day);
    const std::string window =
        absl::FormatTime("&startTime=%Y-%m-%dT%H:%M:%S", start, absl::UTCTimeZone()) +
        absl::FormatTime("&endTime=%Y-%m-%dT%H:%M:%S", start + absl::Hours(24),
                         absl::UTCTimeZone());
    for (const std::string& id : Ids(*client_->List(window).body)) ids.insert(id);
  }
  EXPECT_EQ(ids.size(), 7u * 144u);
  std::string rows;
  const auto source = cloud_->SteadyRows(kNow - absl::Hours(7 * 24), kNow);
  size_t count = 0;
  for (auto row = source->Next(); !row.empty(); row = source->Next()) {
    const PublishedBlob blob = *ParsePublishedRow(row);
    if (blob.tenant != tenant() || blob.content_type != kExchange) continue;
    ++count;
    ASSERT_TRUE(ids.contains(blob.content_id));
    if (count % 100 != 0) continue;
    RecordDigester digester;
    digester.Add(*client_->Call("GET", "/audit/" + blob.content_id).body);
    EXPECT_EQ(digester.Take(), blob.records);
  }
  EXPECT_EQ(count, ids.size());
  EXPECT_EQ(cloud_->blobs_published(), 0u);
}

}  // namespace
}  // namespace picket::simulator
