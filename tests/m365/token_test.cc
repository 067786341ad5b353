#include "m365/token.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket::m365 {
namespace {

constexpr absl::Duration kNow = absl::Hours(100);

TenantConfig Contoso() {
  TenantConfig tenant;
  tenant.tenant_id = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";
  tenant.client_id = "22222222-2222-2222-2222-222222222222";
  tenant.client_secret = Secret("s3cr&t+/=~ä");
  return tenant;
}

HttpResponse Answer(int status, std::string body) {
  HttpResponse response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

absl::Status ErrorOf(int status, const std::string& body) {
  return ParseTokenResponse(Contoso(), Answer(status, body), kNow).status();
}

TEST(TokenRequestTest, TheSecretIsUrlEncodedAndSentToTheLoginHostOfTheCloud) {
  TenantConfig tenant = Contoso();
  const HttpRequest request = TokenRequest(tenant, absl::Seconds(10));
  EXPECT_EQ(request.url,
            "https://login.microsoftonline.com/ce58a858-12c6-4de5-9620-2a6b24a71ad4/oauth2/v2.0/"
            "token");
  const std::string form(request.form.Reveal());
  EXPECT_NE(form.find("&client_secret=s3cr%26t%2B%2F%3D~%C3%A4&"), std::string::npos);
  EXPECT_NE(form.find("&scope=https%3A%2F%2Fmanage.office.com%2F.default"), std::string::npos);

  tenant.cloud = "gcc_high";
  EXPECT_TRUE(
      TokenRequest(tenant, absl::Seconds(10)).url.starts_with("https://login.microsoftonline.us/"));
}

TEST(ParseTokenResponseTest, ATokenIsRefreshedAfterFourFifthsOfALifetimeGivenAsNumberOrString) {
  for (const char* expires : {"1000", "\"1000\""}) {
    const auto token = ParseTokenResponse(
        Contoso(),
        Answer(200, absl::StrCat(R"({"access_token":"abc","expires_in":)", expires, "}")), kNow);
    ASSERT_TRUE(token.ok()) << token.status();
    EXPECT_EQ(token->bearer.Reveal(), "abc");
    EXPECT_EQ(token->refresh_at, kNow + absl::Seconds(800));
    EXPECT_EQ(token->expires_at, kNow + absl::Seconds(1000));
  }
}

TEST(ParseTokenResponseTest, ATokenThatWouldBreakAHeaderIsRejected) {
  EXPECT_FALSE(ErrorOf(200, "{\"access_token\":\"a\\r\\nX: y\",\"expires_in\":10}").ok());
}

TEST(ParseTokenResponseTest, AnErrorContainsTheEndpointsMessageAndAHint) {
  const struct {
    const char* error;
    const char* code;
    const char* hint;
  } kCases[] = {
      {"invalid_client", "AADSTS7000215", "not its ID"},
      {"invalid_client", "AADSTS7000222", "expired"},
      {"unauthorized_client", "AADSTS700016", "check client_id"},
      {"invalid_request", "AADSTS90002", "check tenant_id"},
      {"invalid_resource", "AADSTS500011", "audience"},
      {"invalid_request", "AADSTS900382", "another cloud"},
  };
  for (const auto& row : kCases) {
    const absl::Status status = ErrorOf(
        401, absl::StrCat(R"({"error":")", row.error, R"(","error_description":")", row.code,
                          R"(: The endpoint's words. Trace ID: 1234\r\nTimestamp: now"})"));
    EXPECT_EQ(status.code(), absl::StatusCode::kPermissionDenied) << row.code;
    const std::string text(status.message());
    EXPECT_NE(text.find(absl::StrCat(row.code, ": The endpoint's words.")), std::string::npos)
        << text;
    EXPECT_NE(text.find(row.hint), std::string::npos) << text;
    EXPECT_EQ(text.find("Trace"), std::string::npos) << text;
  }
}

TEST(ParseTokenResponseTest, ACodeIsNotConfusedWithALongerCodeThatBeginsWithIt) {
  const absl::Status status =
      ErrorOf(400, R"({"error":"invalid_request","error_description":"AADSTS900021: other"})");
  EXPECT_EQ(std::string(status.message()).find("check tenant_id"), std::string::npos);
}

TEST(ParseTokenResponseTest, TransientFaultsAreRetryable) {
  EXPECT_EQ(ErrorOf(503, "<html>").code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorOf(400, R"({"error":"temporarily_unavailable"})").code(),
            absl::StatusCode::kUnavailable);
  EXPECT_EQ(
      ErrorOf(400, R"({"error":"invalid_request","error_description":"AADSTS50196: loop"})").code(),
      absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorOf(200, "{}").code(), absl::StatusCode::kUnavailable);
}

TEST(ParseTokenResponseTest, ASecretEchoedByTheEndpointIsRemovedFromTheMessage) {
  const absl::Status status = ErrorOf(
      400,
      R"({"error":"invalid_client","error_description":"bad s3cr&t+/=~ä and s3cr%26t%2B%2F%3D~%C3%A4"})");
  EXPECT_EQ(std::string(status.message()).find("s3cr"), std::string::npos) << status;
}

TEST(TokenStateTest, OneRequestAtATimeAndARefreshBeforeTheTokenExpires) {
  TokenState state;
  EXPECT_TRUE(state.Due(kNow));
  state.OnSent();
  EXPECT_FALSE(state.Due(kNow));
  AccessToken token{Secret("abc"), kNow + absl::Seconds(80), kNow + absl::Seconds(100)};
  ASSERT_TRUE(state.OnAnswer(token, kNow).ok());
  EXPECT_NE(state.Usable(kNow), nullptr);
  EXPECT_FALSE(state.Due(kNow + absl::Seconds(79)));
  EXPECT_TRUE(state.Due(kNow + absl::Seconds(80)));
  EXPECT_NE(state.Usable(kNow + absl::Seconds(99)), nullptr)
      << "the old token is used in the meantime";
  EXPECT_EQ(state.Usable(kNow + absl::Seconds(100)), nullptr);
}

TEST(TokenStateTest, ARejectedTokenIsReplacedOnceHoweverManyRequestsCarriedIt) {
  TokenState state;
  AccessToken token{Secret("abc"), kNow + absl::Hours(1), kNow + absl::Hours(2)};
  ASSERT_TRUE(state.OnAnswer(token, kNow).ok());
  const int first = state.Usable(kNow)->generation;
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(state.OnRefused(first, kNow));
  EXPECT_TRUE(state.Due(kNow)) << "a new token is requested at once";
  ASSERT_TRUE(state.OnAnswer(token, kNow).ok());
  const int second = state.Usable(kNow)->generation;
  EXPECT_TRUE(state.OnRefused(first, kNow)) << "a late response to the old token";
  EXPECT_NE(state.Usable(kNow), nullptr);
  EXPECT_FALSE(state.OnRefused(second, kNow)) << "the second rejection in a row is a fault";
  EXPECT_FALSE(state.Due(kNow)) << "no third token is requested at once";
  EXPECT_TRUE(state.Due(kNow + absl::Minutes(16)));
}

TEST(TokenStateTest, IfAnOperatorMustActTheNextRequestWaitsLonger) {
  TokenState state;
  state.OnSent();
  EXPECT_FALSE(state.OnAnswer(absl::PermissionDeniedError("wrong secret"), kNow).ok());
  EXPECT_FALSE(state.Due(kNow + absl::Seconds(14)));
  EXPECT_TRUE(state.Due(kNow + absl::Seconds(31)));
}

}  // namespace
}  // namespace picket::m365
