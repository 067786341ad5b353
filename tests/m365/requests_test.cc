#include "m365/requests.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "m365/api_time.h"

namespace picket::m365 {
namespace {

constexpr char kTenant[] = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";

ApiAddress Api() {
  return {"https://manage.office.com", kTenant, "11111111-1111-1111-1111-111111111111"};
}

std::string Link(const std::string& host, const std::string& tenant = kTenant) {
  return absl::StrCat(host, "/api/v1.0/", tenant,
                      "/activity/feed/subscriptions/content?contenttype=Audit.General&"
                      "starttime=2026-11-23T10:00:00.0000000Z&nextpage=20261123100000$2026$emea01");
}

TEST(RequestsTest, EveryUrlContainsThePublisher) {
  const absl::Time start = absl::FromUnixSeconds(1'700'000'000);
  for (const std::string& url :
       {ListSubscriptionsUrl(Api()), StartSubscriptionUrl(Api(), "Audit.General"),
        ListContentUrl(Api(), "DLP.All", start, start + absl::Hours(1)), RetrieveUrl(Api(), "a$b"),
        *FollowPageLink(Api(), Link("https://manage.office.com"))}) {
    EXPECT_NE(url.find("PublisherIdentifier=11111111-1111-1111-1111-111111111111"),
              std::string::npos)
        << url;
    EXPECT_TRUE(url.starts_with(absl::StrCat("https://manage.office.com/api/v1.0/", kTenant, "/")))
        << url;
  }
}

TEST(RequestsTest, AContentIdCannotChangeThePath) {
  EXPECT_NE(RetrieveUrl(Api(), "2026$11$audit_general$emea01")
                .find("/audit/2026$11$audit_general$emea01?"),
            std::string::npos);
  EXPECT_NE(RetrieveUrl(Api(), "../../x?y#z").find("/audit/..%2F..%2Fx%3Fy%23z?"),
            std::string::npos);
}

TEST(RequestsTest, WindowTimesAreWholeSecondsWithoutAZone) {
  const std::string url = ListContentUrl(Api(), "Audit.Exchange", absl::FromUnixSeconds(0),
                                         absl::FromUnixSeconds(3600));
  EXPECT_NE(url.find("startTime=1970-01-01T00:00:00&endTime=1970-01-01T01:00:00&"),
            std::string::npos)
      << url;
}

TEST(FollowPageLinkTest, ParameterNamesAndTheDollarsOfTheTokenStayUnchanged) {
  const absl::StatusOr<std::string> url = FollowPageLink(Api(), Link("https://manage.office.com"));
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_NE(url->find("?contenttype=Audit.General&starttime=2026-11-23T10:00:00.0000000Z&"
                      "nextpage=20261123100000$2026$emea01&PublisherIdentifier="),
            std::string::npos)
      << *url;
}

TEST(FollowPageLinkTest, APublisherInTheLinkIsReplaced) {
  const absl::StatusOr<std::string> url = FollowPageLink(
      Api(), Link("https://manage.office.com") + "&publisheridentifier=00000000-0000");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(url->find("00000000-0000"), std::string::npos);
}

TEST(FollowPageLinkTest, BothSpellingsOfTheVersionAndAnExplicitDefaultPortAreAccepted) {
  std::string v1 = Link("https://MANAGE.office.com:443");
  v1.replace(v1.find("v1.0"), 4, "v1");
  EXPECT_TRUE(FollowPageLink(Api(), v1).ok());
}

TEST(FollowPageLinkTest, ALinkThatLeadsAwayIsRejected) {
  const std::string good = "https://manage.office.com";
  for (const std::string& link : {
           Link("http://manage.office.com"),                    // an unencrypted connection
           Link("https://evil.example"),                        // another host
           Link("https://manage.office.com.evil.example"),      // the right host with a suffix
           Link("https://manage.office.com@evil.example"),      // user information
           Link("https://manage.office.com:x@evil.example"),    // user information with a password
           Link("https://evil.example\\@manage.office.com"),    // an ambiguous backslash
           Link("https://manage.office.com:8443"),              // another port
           Link("https://manage.office.com%2eevil.example"),    // an encoded dot
           Link("https://169.254.169.254"),                     // a metadata service
           Link("ftp://manage.office.com"),                     // a scheme other than HTTP
           Link("//manage.office.com"),                         // no scheme
           Link(good, "00000000-0000-0000-0000-000000000001"),  // another tenant
           good + "/api/v1.0/" + kTenant + "/activity/feed/audit/x?a=b",  // another operation
           good + "/api/v1.0/" + kTenant + "/activity/feed/subscriptions/../../x?a=b",
           good + "/api/v1.0/" + kTenant + "/activity/feed/subscriptions/content",  // no query
           good + "/api/v1.0/" + kTenant + "/activity/feed/subscriptions/content?a=b#c",
           std::string("https://manage.office.com /x"),
           std::string("https:///x"),
           std::string(""),
       }) {
    const absl::StatusOr<std::string> url = FollowPageLink(Api(), link);
    EXPECT_FALSE(url.ok()) << link;
  }
}

TEST(ParseContentPageTest, ReadsEntriesAndTheirExpiration) {
  const absl::StatusOr<ContentPage> page = ParseContentPage(R"([
    {"contentType":"Audit.General","contentId":"a$1","contentUri":"http://localhost/x",
     "contentCreated":"2026-11-20T10:00:00.123Z","contentExpiration":"2026-12-10T10:00:00.123Z"},
    {"contentId":"b","contentCreated":"2026-11-20T10:00:01"}])");
  ASSERT_TRUE(page.ok()) << page.status();
  ASSERT_EQ(page->entries.size(), 2u);
  EXPECT_EQ(page->entries[0].content_id, "a$1");
  EXPECT_EQ(FormatApiTime(page->entries[0].created), "2026-11-20T10:00:00.123Z");
  EXPECT_EQ(FormatApiTime(page->entries[0].expiration), "2026-12-10T10:00:00.123Z");
  EXPECT_EQ(page->entries[1].expiration - page->entries[1].created, absl::Hours(24 * 7));
}

TEST(ParseContentPageTest, AnUnusableEntryIsCountedAndItsNeighboursAreKept) {
  const absl::StatusOr<ContentPage> page = ParseContentPage(
      R"([{"contentId":"","contentCreated":"2026-11-20T10:00:00Z"},
          {"contentId":"x|y","contentCreated":"2026-11-20T10:00:00Z"},
          {"contentId":"c","contentCreated":"yesterday"}, 7,
          {"contentId":"d","contentCreated":"2026-11-20T10:00:00Z"}])");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->unusable, 4);
  ASSERT_EQ(page->entries.size(), 1u);
  EXPECT_EQ(page->entries[0].content_id, "d");
}

TEST(ParseContentPageTest, APageThatIsNotAnArrayIsAnErrorAndNeverAnEmptyListing) {
  EXPECT_FALSE(ParseContentPage("<html>").ok());
  EXPECT_FALSE(ParseContentPage(R"({"value":[]})").ok());
  EXPECT_FALSE(ParseContentPage("").ok());
  EXPECT_FALSE(ParseContentPage(R"([{"contentId":"a")").ok());
}

TEST(ParseSubscriptionsTest, ReadsWhichSubscriptionsAreEnabled) {
  const auto subscriptions = ParseSubscriptions(
      R"([{"contentType":"Audit.General","status":"enabled","webhook":null},
          {"contentType":"Audit.Exchange","status":"disabled"}])");
  ASSERT_TRUE(subscriptions.ok());
  ASSERT_EQ(subscriptions->size(), 2u);
  EXPECT_TRUE((*subscriptions)[0].enabled);
  EXPECT_FALSE((*subscriptions)[1].enabled);
}

}  // namespace
}  // namespace picket::m365
