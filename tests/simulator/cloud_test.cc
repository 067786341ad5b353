#include "simulator/cloud.h"

#include <gtest/gtest.h>

#include "absl/strings/escaping.h"
#include "absl/strings/str_replace.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

// 2023-11-14T22:13:20Z
const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
}
std::string Window(absl::Time start, absl::Time end) {
  return absl::StrCat("&startTime=", TimeText(start), "&endTime=", TimeText(end));
}

class CloudTest : public testing::Test {
 protected:
  void Make(CloudOptions options = {}, int tenants = 2) {
    Make(options, InventTenants(tenants, 7));
  }
  void Make(CloudOptions options, std::vector<Tenant> tenants) {
    clock_ = std::make_unique<FakeClock>(kNow);
    cloud_ = std::make_unique<Cloud>(options, std::move(tenants), *clock_);
    client_ = std::make_unique<CloudClient>(*cloud_);
    client_->SignIn();
  }
  const std::string& tenant() { return cloud_->tenants()[0].id; }
  std::string Publish(absl::Duration late = absl::ZeroDuration()) {
    return cloud_->Publish(tenant(), "Audit.Exchange", "[{}]", late);
  }

  std::unique_ptr<FakeClock> clock_;
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<CloudClient> client_;
};

TEST_F(CloudTest, TokenEndpointV2ReturnsNumbersAndV1ReturnsStrings) {
  Make();
  const std::string v2 = *client_->Token(client_->GoodForm()).body;
  EXPECT_EQ(CloudClient::Between(v2, "\"expires_in\":", ","), "3599");
  const std::string form =
      absl::StrReplaceAll(client_->GoodForm(), {{"scope=", "resource="}, {"%2f%2edefault", ""}});
  const HttpResponse v1 = client_->Token(form, "/oauth2/token?api-version=1.0");
  EXPECT_EQ(TokenAnswer(v1), "200");
  EXPECT_EQ(CloudClient::Between(*v1.body, "\"expires_in\":", ","), "\"3599\"");
  EXPECT_EQ(CloudClient::Between(*v1.body, "\"resource\":\"", "\""), kOrigin);
}

TEST_F(CloudTest, ATokenIsAJwtWithTenantRolesAndExpiry) {
  Make();
  const std::string& bearer = client_->bearer();
  const size_t first = bearer.find('.');
  const size_t second = bearer.find('.', first + 1);
  ASSERT_NE(second, std::string::npos);
  std::string claims;
  ASSERT_TRUE(absl::WebSafeBase64Unescape(bearer.substr(first + 1, second - first - 1), &claims));
  EXPECT_EQ(CloudClient::Between(claims, "\"aud\":\"", "\""), kOrigin);
  EXPECT_EQ(CloudClient::Between(claims, "\"tid\":\"", "\""), tenant());
  EXPECT_EQ(CloudClient::Between(claims, "\"appid\":\"", "\""), cloud_->tenants()[0].client_id);
  EXPECT_EQ(CloudClient::Between(claims, "\"roles\":[", "]"),
            "\"ActivityFeed.Read\",\"ActivityFeed.ReadDlp\"");
  EXPECT_EQ(CloudClient::Between(claims, "\"exp\":", ","), absl::StrCat(1'700'000'000 + 3599));
}

TEST_F(CloudTest, TheTokenEndpointRejectsWithEntrasErrors) {
  Make();
  const std::string good = client_->GoodForm();
  const Tenant& own = cloud_->tenants()[0];
  const auto with = [&](std::vector<std::pair<std::string, std::string>> changes) {
    return TokenAnswer(client_->Token(absl::StrReplaceAll(good, changes)));
  };
  EXPECT_EQ(with({}), "200");
  EXPECT_EQ(with({{CloudClient::Encode(own.client_secret), "wrong"}}),
            "401 invalid_client 7000215");
  // The secret contains a plus sign and an ampersand. In a form, an unencoded plus sign means a
  // blank, and an unencoded ampersand ends the value. The server therefore reads a wrong secret.
  EXPECT_EQ(with({{CloudClient::Encode(own.client_secret), own.client_secret}}),
            "401 invalid_client 7000215");
  EXPECT_EQ(with({{own.client_id, "11111111-2222-4333-8444-555555555555"}}),
            "400 unauthorized_client 700016");
  EXPECT_EQ(with({{"&client_secret=", "&nothing="}}), "401 invalid_client 7000218");
  EXPECT_EQ(with({{"&client_id=", "&nothing="}}), "400 invalid_request 900144");
  EXPECT_EQ(with({{"=client_credentials", "=password"}}), "400 unsupported_grant_type 70003");
  EXPECT_EQ(with({{"%2edefault", "Audit%2eRead"}}), "400 invalid_scope 70011");
  EXPECT_EQ(with({{"cloud%2eexample", "graph%2eexample"}}), "400 invalid_resource 500011");
  EXPECT_EQ(with({{"grant_type", "resource=x&grant_type"}}), "400 invalid_request 901002");

  HttpRequest unknown;
  unknown.method = "POST";
  unknown.target = "/99999999-9999-4999-8999-999999999999/oauth2/v2.0/token";
  unknown.origin = kOrigin;
  unknown.body = good;
  EXPECT_EQ(TokenAnswer(cloud_->Handle(unknown)), "400 invalid_request 90002");
}

TEST_F(CloudTest, ATokenErrorHasAllFieldsOfEntrasErrors) {
  Make();
  const std::string body = *client_->Token("grant_type=client_credentials").body;
  for (const char* field : {"error", "error_description", "error_codes", "timestamp", "trace_id",
                            "correlation_id", "error_uri"}) {
    EXPECT_NE(body.find(absl::StrCat("\"", field, "\":")), std::string::npos) << field;
  }
}

TEST_F(CloudTest, AnExpiredSecretIsDistinguishedFromAWrongOne) {
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].secret_expired = true;
  Make({}, std::move(tenants));
  EXPECT_EQ(TokenAnswer(client_->Token(client_->GoodForm())), "401 invalid_client 7000222");
}

TEST_F(CloudTest, TheTenantsDomainIsAcceptedInsteadOfItsId) {
  Make();
  HttpRequest request;
  request.method = "POST";
  request.target = absl::StrCat("/", cloud_->tenants()[0].domain, "/oauth2/v2.0/token");
  request.origin = kOrigin;
  request.body = client_->GoodForm();
  EXPECT_EQ(cloud_->Handle(request).status, 200);
}

TEST_F(CloudTest, ACallWithoutAValidTokenIsDenied) {
  Make();
  CloudClient stranger(*cloud_);
  HttpResponse response = stranger.Call("GET", "/subscriptions/list");
  EXPECT_EQ(response.status, 401);
  EXPECT_EQ(*response.body, R"({"Message":"Authorization has been denied for this request."})");
  stranger.set_bearer(client_->bearer() + "x");
  EXPECT_EQ(stranger.Call("GET", "/subscriptions/list").status, 401);

  EXPECT_EQ(client_->Call("GET", "/subscriptions/list").status, 200);
  clock_->Advance(absl::Seconds(3599));
  EXPECT_EQ(client_->Call("GET", "/subscriptions/list").status, 401);
}

TEST_F(CloudTest, ATokenOfOneTenantIsRejectedForAnother) {
  Make();
  CloudClient other(*cloud_, 1);
  other.set_bearer(client_->bearer());
  EXPECT_EQ(Answer(other.Call("GET", "/subscriptions/list")), "401 AF20010");
}

TEST_F(CloudTest, WithoutConsentATokenIsIssuedButCallsAreRejected) {
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].roles.clear();
  Make({}, std::move(tenants));
  EXPECT_EQ(Answer(client_->Call("GET", "/subscriptions/list")), "401 AF10001");
}

TEST_F(CloudTest, SensitiveDlpContentNeedsARoleOfItsOwn) {
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].roles = {"ActivityFeed.Read"};
  Make({}, std::move(tenants));
  EXPECT_EQ(Answer(client_->StartSubscription("DLP.All")), "401 AF10001");
  EXPECT_EQ(Answer(client_->StartSubscription("Audit.General")), "200");
}

TEST_F(CloudTest, ATenantThatIsNotAGuidIsRejected) {
  Make();
  EXPECT_EQ(
      Answer(client_->Send("GET", "/api/v1.0/contoso.example/activity/feed/subscriptions/list")),
      "400 AF20013");
}

TEST_F(CloudTest, WithAuditingOffTheTenantDoesNotExist) {
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].auditing_on = false;
  Make({}, std::move(tenants));
  const HttpResponse response = client_->StartSubscription();
  EXPECT_EQ(response.status, 400);
  EXPECT_NE(response.body->find("does not exist"), std::string::npos);
}

TEST_F(CloudTest, ASubscriptionIsStartedOnceAndListed) {
  Make();
  EXPECT_EQ(*client_->Call("GET", "/subscriptions/list").body, "[]");
  EXPECT_EQ(Answer(client_->List("")), "400 AF20022");
  EXPECT_EQ(*client_->StartSubscription().body,
            R"({"contentType":"Audit.Exchange","status":"enabled","webhook":null})");
  EXPECT_EQ(Answer(client_->StartSubscription()), "400 AF20024");
  EXPECT_EQ(*client_->Call("GET", "/subscriptions/list").body,
            R"([{"contentType":"Audit.Exchange","status":"enabled","webhook":null}])");
  EXPECT_EQ(Answer(client_->List("")), "200");
}

TEST_F(CloudTest, ADisabledSubscriptionIsReportedUntilItIsStartedAgain) {
  Make();
  client_->StartSubscription();
  cloud_->DisableSubscription(tenant(), "Audit.Exchange");
  EXPECT_EQ(Answer(client_->List("")), "400 AF20023");
  EXPECT_EQ(Answer(client_->StartSubscription()), "200");
  EXPECT_EQ(Answer(client_->List("")), "200");
}

TEST_F(CloudTest, ContentPublishedWhileStoppedIsNeverListed) {
  Make();
  client_->StartSubscription();
  Publish();
  clock_->Advance(absl::Minutes(1));
  EXPECT_EQ(Answer(client_->Call("POST", "/subscriptions/stop?contentType=Audit.Exchange")), "200");
  EXPECT_EQ(Answer(client_->List("")), "400 AF20022");
  clock_->Advance(absl::Minutes(1));
  Publish();
  clock_->Advance(absl::Minutes(1));
  client_->StartSubscription();
  Publish();
  clock_->Advance(absl::Minutes(1));
  EXPECT_EQ(CountOf(*client_->List("").body, "contentUri"), 2);
}

TEST_F(CloudTest, UnknownContentTypesAndMissingParametersAreRejected) {
  Make();
  EXPECT_EQ(Answer(client_->StartSubscription("Audit.Nothing")), "400 AF20020");
  EXPECT_EQ(Answer(client_->List("", "Audit.Nothing")), "400 AF20020");
  EXPECT_EQ(Answer(client_->Call("POST", "/subscriptions/start")), "400 AF20001");
  EXPECT_EQ(client_->Call("GET", "/subscriptions/nothing").status, 404);
}

TEST_F(CloudTest, AWindowIsAtMostADayLongAndStartsAtMostSevenDaysBack) {
  Make();
  client_->StartSubscription();
  const auto list = [&](absl::Time start, absl::Time end) {
    return Answer(client_->List(Window(start, end)));
  };
  EXPECT_EQ(list(kNow - absl::Hours(24), kNow), "200");
  EXPECT_EQ(list(kNow - absl::Hours(24) - absl::Seconds(1), kNow), "400 AF20030");
  EXPECT_EQ(list(kNow, kNow - absl::Hours(1)), "400 AF20030");
  EXPECT_EQ(list(kNow - absl::Hours(168), kNow - absl::Hours(150)), "200");
  EXPECT_EQ(list(kNow - absl::Hours(168) - absl::Seconds(1), kNow - absl::Hours(150)),
            "400 AF20055");
  EXPECT_EQ(Answer(client_->List("&startTime=" + TimeText(kNow))), "400 AF20030");
  EXPECT_EQ(Answer(client_->List("&endTime=" + TimeText(kNow))), "400 AF20030");
  EXPECT_EQ(Answer(client_->List("&startTime=yesterday&endTime=today")), "400 AF20002");
}

TEST_F(CloudTest, AcceptsTheTimeFormatsOfTheDocumentationAndOfCollectors) {
  Make();
  client_->StartSubscription();
  for (const char* window : {"&startTime=2023-11-14&endTime=2023-11-14T22:00",
                             "&startTime=2023-11-14T01:02&endTime=2023-11-14T22:00:01",
                             "&startTime=2023-11-14T01:02:03Z&endTime=2023-11-14T22:00:01.1234567Z",
                             "&starttime=2023-11-14T01:02:03&endtime=2023-11-14T22:00:01"}) {
    EXPECT_EQ(Answer(client_->List(window)), "200") << window;
  }
}

TEST_F(CloudTest, AWindowIncludesItsStartAndExcludesItsEnd) {
  Make();
  client_->StartSubscription();
  Publish();
  clock_->Advance(absl::Seconds(10));
  const auto count = [&](absl::Time start, absl::Time end) {
    return CountOf(*client_->List(Window(start, end)).body, "contentUri");
  };
  EXPECT_EQ(count(kNow - absl::Seconds(5), kNow), 0);
  EXPECT_EQ(count(kNow, kNow + absl::Seconds(5)), 1);
  EXPECT_EQ(count(kNow + absl::Seconds(1), kNow + absl::Seconds(5)), 0);
}

TEST_F(CloudTest, AListedBlobHasItsTypeItsTimesAndAUriOfThisHost) {
  Make();
  client_->StartSubscription();
  const std::string id = Publish();
  clock_->Advance(absl::Seconds(1));
  EXPECT_EQ(*client_->List("").body,
            absl::StrCat("[{\"contentUri\":\"", kOrigin, "/api/v1.0/", tenant(),
                         "/activity/feed/audit/", id, "\",\"contentId\":\"", id,
                         "\",\"contentType\":\"Audit.Exchange\",\"contentCreated\":"
                         "\"2023-11-14T22:13:20.000Z\",\"contentExpiration\":"
                         "\"2023-11-21T22:13:20.000Z\"}]"));
  EXPECT_EQ(id,
            "20231114221320000000000$20231114221320000000000$audit_exchange$Audit_Exchange$"
            "emea0036");
}

TEST_F(CloudTest, APageHasTheConfiguredSizeAndTheLinksLeadToEachBlobOnce) {
  CloudOptions options;
  options.page_size = 3;
  Make(options);
  client_->StartSubscription();
  std::set<std::string> published;
  for (int i = 0; i < 8; ++i) {
    published.insert(Publish());
    if (i % 4 == 3) clock_->Advance(absl::Milliseconds(1));  // four blobs have the same time
  }
  std::set<std::string> listed;
  std::vector<int> sizes;
  HttpResponse page = client_->List(Window(kNow - absl::Hours(1), kNow + absl::Hours(1)));
  while (true) {
    ASSERT_EQ(page.status, 200) << *page.body;
    std::string rest = *page.body;
    int entries = 0;
    for (size_t at; (at = rest.find("\"contentId\":\"")) != std::string::npos; ++entries) {
      rest = rest.substr(at + 13);
      EXPECT_TRUE(listed.insert(rest.substr(0, rest.find('"'))).second);
    }
    sizes.push_back(entries);
    const std::string next = CloudClient::Header(page, "NextPageUri");
    if (next.empty()) break;
    EXPECT_EQ(next.find("Publisher"), std::string::npos);
    EXPECT_NE(next.find("?contenttype=Audit.Exchange&starttime=2023-11-14T21:13:20.0000000Z"
                        "&endtime=2023-11-14T23:13:20.0000000Z&nextpage="),
              std::string::npos);
    EXPECT_EQ(CountOf(next, "$"), 2);
    page = client_->Send("GET", absl::StrCat(next.substr(sizeof(kOrigin) - 1), "&", kPublisher));
  }
  EXPECT_EQ(listed, published);
  EXPECT_EQ(sizes, (std::vector<int>{3, 3, 2}));
}

TEST_F(CloudTest, APageTokenIsValidOnlyForItsWindow) {
  CloudOptions options;
  options.page_size = 1;
  Make(options);
  client_->StartSubscription();
  Publish();
  Publish();
  clock_->Advance(absl::Seconds(1));
  const HttpResponse page = client_->List(Window(kNow - absl::Hours(1), kNow + absl::Hours(1)));
  const std::string next = CloudClient::Header(page, "NextPageUri");
  const std::string token = next.substr(next.find("&nextpage="));
  EXPECT_EQ(Answer(client_->List(Window(kNow - absl::Hours(1), kNow + absl::Hours(1)) + token)),
            "200");
  EXPECT_EQ(Answer(client_->List(Window(kNow - absl::Hours(2), kNow + absl::Hours(1)) + token)),
            "400 AF20031");
  EXPECT_EQ(Answer(client_->List(Window(kNow - absl::Hours(1), kNow + absl::Hours(1)) +
                                 "&nextpage=nonsense")),
            "400 AF20031");
}

TEST_F(CloudTest, StrictModeRequiresUnchangedLinksAndAPublisherInEveryCall) {
  CloudOptions options;
  options.page_size = 1;
  options.strict = true;
  Make(options);
  EXPECT_EQ(Answer(client_->Call("GET", "/subscriptions/list")), "400 AF20001");
  client_->StartSubscription();
  Publish();
  Publish();
  clock_->Advance(absl::Seconds(1));
  const std::string next =
      CloudClient::Header(client_->List(""), "NextPageUri").substr(sizeof(kOrigin) - 1);
  EXPECT_EQ(Answer(client_->Send("GET", next)), "400 AF20001");
  EXPECT_EQ(Answer(client_->Send("GET", absl::StrCat(next, "&", kPublisher))), "200");
  for (const char* name : {"contenttype", "starttime", "endtime", "nextpage"}) {
    std::string upper(name);
    upper[0] = static_cast<char>(upper[0] - 'a' + 'A');
    const std::string changed = absl::StrReplaceAll(next, {{absl::StrCat(name, "="), upper + "="}});
    EXPECT_EQ(Answer(client_->Send("GET", absl::StrCat(changed, "&", kPublisher))), "400 AF20031")
        << name;
  }
}

TEST_F(CloudTest, ABlobListedLateIsInAWindowThatWasListedBefore) {
  Make();
  client_->StartSubscription();
  Publish();
  clock_->Advance(absl::Minutes(10));
  const std::string window = Window(kNow - absl::Minutes(5), kNow + absl::Minutes(5));
  EXPECT_EQ(CountOf(*client_->List(window).body, "contentUri"), 1);
  Publish(absl::Minutes(9));
  EXPECT_EQ(CountOf(*client_->List(window).body, "contentUri"), 2);
}

TEST_F(CloudTest, ABlobIsServedAsPublishedWithEncodedOrPlainDollars) {
  Make();
  const std::string id = cloud_->Publish(tenant(), "Audit.Exchange", R"([{"Id":"1"}])");
  EXPECT_EQ(*client_->Call("GET", "/audit/" + id).body, R"([{"Id":"1"}])");
  const std::string escaped = absl::StrReplaceAll(id, {{"$", "%24"}});
  EXPECT_EQ(*client_->Call("GET", "/audit/" + escaped).body, R"([{"Id":"1"}])");
  EXPECT_EQ(cloud_->blobs_served(), 1u);
}

TEST_F(CloudTest, UnknownAndExpiredContentIsRejected) {
  Make();
  const std::string id = Publish();
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/nothing")), "404 AF20050");
  cloud_->Expire(tenant(), id);
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + id)), "404 AF20051");

  const std::string old = Publish();
  clock_->Advance(absl::Hours(7 * 24) + absl::Seconds(1));
  client_->SignIn();
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + old)), "404 AF20051");
}

TEST_F(CloudTest, AfterAShortRetentionContentIsReportedAsExpired) {
  CloudOptions options;
  options.retention = absl::Minutes(30);
  Make(options);
  client_->StartSubscription();
  const std::string old = Publish();
  clock_->Advance(absl::Minutes(31));
  const std::string id = Publish();
  clock_->Advance(absl::Seconds(1));
  const std::string listing = *client_->List("").body;
  EXPECT_EQ(CountOf(listing, "\"contentId\":"), 1);
  EXPECT_NE(listing.find(id), std::string::npos);
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + old)), "404 AF20051");
  EXPECT_EQ(Answer(client_->Call("GET", "/audit/" + id)), "200");
}

TEST_F(CloudTest, ATenantCannotRetrieveABlobOfAnother) {
  Make();
  const std::string id = Publish();
  CloudClient other(*cloud_, 1);
  other.SignIn();
  EXPECT_EQ(Answer(other.Call("GET", "/audit/" + id)), "404 AF20050");
}

TEST_F(CloudTest, ATenantOverItsQuotaIsThrottledAndOthersAreNot) {
  CloudOptions options;
  options.quota_per_minute = 60;
  Make(options);
  const std::string list = absl::StrCat("/subscriptions/list?", kPublisher);
  for (int i = 0; i < 60; ++i) ASSERT_EQ(client_->Call("GET", list).status, 200);
  const HttpResponse refused = client_->Call("GET", list);
  EXPECT_EQ(Answer(refused), "403 AF429");
  CloudClient other(*cloud_, 1);
  other.SignIn();
  EXPECT_EQ(other.Call("GET", list).status, 200);
  // A call without PublisherIdentifier does not count for its tenant's quota. All such calls, of
  // any tenant, share another quota.
  EXPECT_EQ(client_->Call("GET", "/subscriptions/list").status, 200);
  clock_->Advance(absl::Seconds(2));
  EXPECT_EQ(client_->Call("GET", list).status, 200);
  EXPECT_EQ(client_->Call("GET", list).status, 200);
  EXPECT_EQ(Answer(client_->Call("GET", list)), "403 AF429");
}

TEST_F(CloudTest, TheThrottleStatusCanBe429AndTheMessageContainsTheZeroPublisher) {
  CloudOptions options;
  options.quota_per_minute = 1;
  options.throttle_status = 429;
  Make(options);
  EXPECT_EQ(client_->Call("GET", "/subscriptions/list").status, 200);
  CloudClient other(*cloud_, 1);
  other.SignIn();
  const HttpResponse refused = other.Call("GET", "/subscriptions/list");
  EXPECT_EQ(Answer(refused), "429 AF429");
  EXPECT_NE(refused.body->find("PublisherId=00000000-0000-0000-0000-000000000000"),
            std::string::npos);
}

TEST_F(CloudTest, FaultsAffectTheConfiguredNumberOfRequests) {
  Make();
  const std::string id = Publish();
  Faults faults;
  faults.edge_errors = 1;
  faults.server_errors = 2;
  faults.truncated_bodies = 1;
  faults.stalled_bodies = 1;
  cloud_->SetFaults(faults);
  const std::string blob = "/audit/" + id;
  const HttpResponse edge = client_->Call("GET", blob);
  EXPECT_EQ(edge.status, 503);
  EXPECT_EQ(edge.content_type, "text/html");
  EXPECT_EQ(Answer(client_->Call("GET", blob)), "500 AF50000");
  EXPECT_EQ(Answer(client_->Call("GET", blob)), "500 AF50000");
  EXPECT_EQ(client_->Call("GET", blob).fault, BodyFault::kTruncated);
  EXPECT_EQ(client_->Call("GET", blob).fault, BodyFault::kStalled);
  EXPECT_EQ(client_->Call("GET", blob).fault, BodyFault::kNone);
  EXPECT_EQ(cloud_->blobs_served(), 1u);
}

TEST_F(CloudTest, AListingCanContainUnusableUrisAndDuplicateEntries) {
  Make();
  client_->StartSubscription();
  Publish();
  clock_->Advance(absl::Seconds(1));
  Faults faults;
  faults.bad_content_uri = true;
  faults.duplicate_entries = true;
  cloud_->SetFaults(faults);
  const std::string body = *client_->List("").body;
  EXPECT_EQ(CountOf(body, "\"contentUri\":\"http://localhost/"), 2);
}

TEST_F(CloudTest, RequestsAreCountedByKindAndResult) {
  Make();
  client_->Call("GET", "/audit/nothing");
  client_->StartSubscription();
  client_->StartSubscription();
  const RequestCounts counts = cloud_->Counts();
  EXPECT_EQ(counts, (RequestCounts{{{RequestKind::kToken, "ok"}, 1},
                                   {{RequestKind::kBlob, "AF20050"}, 1},
                                   {{RequestKind::kStart, "ok"}, 1},
                                   {{RequestKind::kStart, "AF20024"}, 1}}));
}

TEST_F(CloudTest, EveryResponseContainsTheCloudsTime) {
  Make();
  EXPECT_EQ(CloudClient::Header(client_->Call("GET", "/subscriptions/list"), "Date"),
            "Tue, 14 Nov 2023 22:13:20 GMT");
}

}  // namespace
}  // namespace picket::simulator
