#include "simulator/fault_answers.h"

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "simulator/content/record_digest.h"

namespace picket::simulator {
namespace {

constexpr char kBody[] = R"([{"Id":"1","A":2},{"Id":"2","A":3},{"Id":"3"}])";

FaultHits With(std::initializer_list<const char*> texts) {
  FaultHits hits;
  for (const char* text : texts) hits.Add(*ParseFault(text));
  return hits;
}

// Returns the status and the body of the answer that replaces the normal one.
std::string Instead(const char* fault, const HttpRequest& request = {}) {
  const std::optional<FaultAnswer> answer = AnswerInstead(With({fault}), request,
                                                          {.tenant = "T",
                                                           .client = "C",
                                                           .type = "Audit.Exchange",
                                                           .id = "I",
                                                           .resource = "R",
                                                           .time = "2026-01-01 00:00:00Z"});
  if (!answer.has_value()) return "none";
  return absl::StrCat(answer->response.status, " ", *answer->response.body);
}

HttpResponse Changed(std::initializer_list<const char*> faults, absl::Duration age = {},
                     uint64_t attempt = 0) {
  HttpResponse response = JsonAnswer(200, kBody);
  ChangeContent(With(faults), age, attempt, response);
  return response;
}

TEST(FaultAnswersTest, EachFaultAnswersWithItsBytes) {
  EXPECT_EQ(Instead("html=200").substr(0, 40), "200 <!DOCTYPE html><html><head><title>20");
  EXPECT_EQ(Instead("html=404").substr(0, 40), "404 <!DOCTYPE html><html><head><title>40");
  EXPECT_EQ(Instead("empty"), "200 ");
  EXPECT_EQ(Instead("empty=410"), "410 ");
  EXPECT_EQ(Instead("plain=403"), R"(403 {"Message":"The request could not be processed."})");
  EXPECT_EQ(Instead("null"), "200 null");
  EXPECT_EQ(
      Instead("error-object"),
      R"(200 {"error":{"code":"AF50000","message":"An internal error occurred. Retry the request."}})");
  EXPECT_EQ(Instead("denied"),
            R"(401 {"Message":"Authorization has been denied for this request."})");
  EXPECT_EQ(
      Instead("throttle=429"),
      R"(429 {"error":{"code":"AF429","message":"Too many requests. Method=GetBlob, PublisherId=T"}})");
  EXPECT_EQ(
      Instead("af=AF20051"),
      R"(404 {"error":{"code":"AF20051","message":"Content requested with the key I has already expired. Content older than 7 days cannot be retrieved."}})");
  EXPECT_EQ(
      Instead("af=AF20022"),
      R"(400 {"error":{"code":"AF20022","message":"No subscription found for the specified content type."}})");
  EXPECT_EQ(
      Instead("aadsts=7000215"),
      R"(401 {"error":"invalid_client","error_description":"AADSTS7000215: Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not the client secret ID, for a secret added to app 'C'. Trace ID: 8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00 Correlation ID: 2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00 Timestamp: 2026-01-01 00:00:00Z","error_codes":[7000215],"timestamp":"2026-01-01 00:00:00Z","trace_id":"8d1f3b52-6c1e-4a54-9a0b-5f0e7c2d1a00","correlation_id":"2b7e9d10-43c5-4f0e-8b6d-0a9c8e7f6d00","error_uri":"https://login.microsoftonline.com/error?code=7000215"})");
  EXPECT_NE(Instead("auditing-off").find("DataServiceException: Tenant T does not exist."),
            std::string::npos);
  EXPECT_EQ(Instead("date=2038"), "none");
}

TEST(FaultAnswersTest, AnHtmlAnswerHasTheTypeOfHtml) {
  EXPECT_EQ(AnswerInstead(With({"html=400"}), {}, {})->response.content_type, "text/html");
  EXPECT_EQ(AnswerInstead(With({"null"}), {}, {})->response.content_type,
            "application/json; charset=utf-8");
}

TEST(FaultAnswersTest, AnEchoContainsTheHeadersAndTheForm) {
  HttpRequest request;
  request.method = "POST";
  request.target = "/t/oauth2/v2.0/token";
  request.authorization = "Bearer eyJ0";
  request.headers = {{"Authorization", "Bearer eyJ0"}, {"User-Agent", "x"}};
  request.body = "client_secret=s";
  EXPECT_EQ(
      Instead("echo=400", request),
      R"(400 {"error":{"code":"AF50000","message":"unexpected request: POST /t/oauth2/v2.0/token; Authorization: Bearer eyJ0; User-Agent: x; body: client_secret=s"}})");
}

TEST(FaultAnswersTest, ContentIsChangedAsTheFaultSays) {
  EXPECT_EQ(*Changed({"single-object"}).body, R"({"Id":"1","A":2})");
  EXPECT_EQ(*Changed({"short-body"}).body, std::string(kBody).substr(0, sizeof(kBody) / 2));
  EXPECT_EQ(*Changed({"partial=30s"}, absl::Seconds(29)).body, R"([{"Id":"1","A":2}])");
  EXPECT_EQ(*Changed({"partial=30s"}, absl::Seconds(30)).body, kBody);
  EXPECT_EQ(Changed({"cut"}).fault, BodyFault::kTruncated);
  EXPECT_EQ(Changed({"stall=5s"}).fault, BodyFault::kStalled);
  EXPECT_EQ(Changed({"stall=5s"}).stall, absl::Seconds(5));
  EXPECT_EQ(Changed({"drip=3"}).bytes_per_second, 3);
  EXPECT_EQ(*Changed({"drip=3"}).body, kBody);
  const HttpResponse endless = Changed({"endless=2KB"});
  EXPECT_EQ(endless.bytes_per_second, 2000);
  EXPECT_FALSE(endless.source_bytes.has_value());
  EXPECT_EQ(endless.source()->Next().substr(0, 17), R"([{"CreationTime":)");
  const HttpResponse bomb = Changed({"gzip-bomb=5MB"});
  EXPECT_EQ(bomb.headers,
            (std::vector<std::pair<std::string, std::string>>{{"Content-Encoding", "gzip"}}));
  EXPECT_LT(WholeBody(bomb).size(), 10'000u);
}

TEST(FaultAnswersTest, AShuffleChangesOnlyTheOrderOfMembers) {
  std::set<std::string> bodies;
  for (uint64_t attempt = 0; attempt < 20; ++attempt) {
    const std::string body = *Changed({"shuffle"}, {}, attempt).body;
    RecordDigester shuffled;
    shuffled.Add(body);
    RecordDigester original;
    original.Add(kBody);
    EXPECT_EQ(shuffled.Take(), original.Take()) << body;
    bodies.insert(body);
  }
  EXPECT_GT(bodies.size(), 1u);
}

TEST(FaultAnswersTest, DeliveryIsChangedAsTheFaultSays) {
  const auto date = [](const char* fault) {
    HttpResponse response = JsonAnswer(200, "[]");
    response.headers.emplace_back("Date", "now");
    ChangeDelivery(With({fault}), {}, response);
    return response.headers.empty() ? "none" : response.headers[0].second;
  };
  EXPECT_EQ(date("date=2038"), "Tue, 19 Jan 2038 03:14:07 GMT");
  EXPECT_EQ(date("date=0001"), "Mon, 01 Jan 0001 00:00:00 GMT");
  EXPECT_EQ(date("date=none"), "none");
  EXPECT_EQ(date("date=garbage"), "yesterday");
  EXPECT_EQ(date("date=2030-01-01T00:00:00Z"), "Tue, 01 Jan 2030 00:00:00 GMT");
  EXPECT_EQ(date("delay=1s"), "now");

  HttpResponse good = JsonAnswer(200, "[]");
  HttpResponse bad = JsonAnswer(503, "[]");
  ChangeDelivery(With({"retry-after=2m", "delay=3s"}), {}, good);
  ChangeDelivery(With({"retry-after=2m", "delay=3s"}), {}, bad);
  EXPECT_TRUE(good.headers.empty());
  EXPECT_EQ(bad.headers[0].second, "120");
  EXPECT_EQ(bad.delay, absl::Seconds(3));
}

TEST(FaultAnswersTest, GzipIsOnlyForClientsThatAcceptIt) {
  HttpRequest request;
  HttpResponse response = JsonAnswer(200, kBody);
  ChangeDelivery(With({"gzip"}), request, response);
  EXPECT_EQ(*response.body, kBody);
  request.headers = {{"accept-encoding", "deflate, gzip"}};
  ChangeDelivery(With({"gzip"}), request, response);
  EXPECT_EQ(*response.body, Gzip(kBody));
  EXPECT_EQ(response.headers[0].second, "gzip");
}

TEST(FaultAnswersTest, ExpirationsAndUrisHaveTheirForms) {
  const absl::Time created = absl::FromUnixSeconds(1'700'000'000);
  const auto expiration = [&](const char* text) {
    const Fault fault = *ParseFault(text);
    return ExpirationText(&fault, created, "normal").value_or("absent");
  };
  EXPECT_EQ(ExpirationText(nullptr, created, "normal"), "normal");
  EXPECT_EQ(expiration("expiration=0001"), "0001-01-01T00:00:00");
  EXPECT_EQ(expiration("expiration=none"), "absent");
  EXPECT_EQ(expiration("expiration=garbage"), "soon");
  EXPECT_EQ(expiration("expiration=20d"), "2023-12-04T22:13:20.000Z");
  EXPECT_EQ(expiration("expiration=2030-01-01T00:00:00Z"), "2030-01-01T00:00:00Z");

  const auto uri = [](const char* text) {
    const Fault fault = *ParseFault(text);
    return ContentUri(&fault, "https://o", "T", "I");
  };
  EXPECT_EQ(ContentUri(nullptr, "https://o", "T", "I"),
            "https://o/api/v1.0/T/activity/feed/audit/I");
  EXPECT_EQ(uri("bad-uri"), "http://localhost/T/activity/feed/audit/I");
  EXPECT_EQ(uri("bad-uri=http"), "http://manage.office.com/api/v1.0/T/activity/feed/audit/I");
  EXPECT_EQ(uri("bad-uri=no-version"), "https://o/T/activity/feed/audit/I");
  EXPECT_EQ(uri("bad-uri=foreign-tenant"),
            "https://o/api/v1.0/00000000-0000-4000-8000-00000000f0e1/activity/feed/audit/I");
  EXPECT_EQ(uri("bad-uri=foreign-host"),
            "https://content.example/api/v1.0/T/activity/feed/audit/I");
}

}  // namespace
}  // namespace picket::simulator
