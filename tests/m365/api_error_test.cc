#include "m365/api_error.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket::m365 {
namespace {

std::string Coded(const std::string& code) {
  return absl::StrCat(R"({"error":{"code":")", code, R"(","message":"the API's own words"}})");
}

TEST(ClassifyApiErrorTest, EveryCodeOfTheApiLeadsToOneAction) {
  const struct {
    int status;
    const char* code;
    ApiAction action;
  } kCases[] = {
      {401, "AF10001", ApiAction::kSuspendTenant},
      {400, "AF20001", ApiAction::kOurFault},
      {400, "AF20002", ApiAction::kOurFault},
      {400, "AF20003", ApiAction::kOurFault},
      {400, "AF20010", ApiAction::kSuspendTenant},
      {404, "AF20011", ApiAction::kSuspendTenant},
      {400, "AF20012", ApiAction::kSuspendTenant},
      {400, "AF20013", ApiAction::kSuspendTenant},
      {400, "AF20020", ApiAction::kSuspendContentType},
      {400, "AF20021", ApiAction::kOurFault},
      {400, "AF20022", ApiAction::kStartSubscription},
      {400, "AF20023", ApiAction::kDisabled},
      {400, "AF20024", ApiAction::kAlreadyEnabled},
      {400, "AF20030", ApiAction::kReplanWindow},
      {400, "AF20055", ApiAction::kReplanWindow},
      {400, "AF20031", ApiAction::kRestartListing},
      {404, "AF20050", ApiAction::kRetryContent},
      {400, "AF20051", ApiAction::kContentGone},
      {400, "AF20052", ApiAction::kRetryContent},
      {400, "AF20053", ApiAction::kOurFault},
      {400, "AF20054", ApiAction::kOurFault},
      {500, "AF50000", ApiAction::kRetry},
      {500, "AF50005", ApiAction::kRetry},
  };
  for (const auto& row : kCases) {
    const ApiError error = ClassifyApiError(row.status, Coded(row.code));
    EXPECT_EQ(error.action, row.action) << row.code;
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.message, "the API's own words");
  }
}

TEST(ClassifyApiErrorTest, ThrottlingIsRecognizedByItsCodeWithAnyStatus) {
  for (const int status : {403, 429, 503}) {
    EXPECT_EQ(ClassifyApiError(status, Coded("AF429")).action, ApiAction::kThrottle) << status;
  }
  EXPECT_EQ(ClassifyApiError(429, "slow down").action, ApiAction::kThrottle);
}

TEST(ClassifyApiErrorTest, AStaleTokenIsDistinguishedFromAMissingRoleAlthoughBothAre401) {
  EXPECT_EQ(
      ClassifyApiError(401, R"({"Message":"Authorization has been denied for this request."})")
          .action,
      ApiAction::kNewToken);
  const ApiError missing_role = ClassifyApiError(401, Coded("AF10001"));
  EXPECT_EQ(missing_role.action, ApiAction::kSuspendTenant);
  EXPECT_NE(missing_role.hint.find("admin consent"), std::string::npos);
}

TEST(ClassifyApiErrorTest, ATenantThatDoesNotExistMeansThatAuditingIsOff) {
  const ApiError error = ClassifyApiError(
      400, R"({"error":{"code":"","message":"DataServiceException: Tenant 1 does not exist."}})");
  EXPECT_EQ(error.action, ApiAction::kSuspendTenant);
  EXPECT_NE(error.hint.find("UnifiedAuditLogIngestionEnabled"), std::string::npos);
}

TEST(ClassifyApiErrorTest, AnErrorPageOfAProxyIsRetriedAndItsTextBecomesOneShortLine) {
  const ApiError error =
      ClassifyApiError(502, "<html>\r\n<body>Bad gateway</body>" + std::string(5000, 'x'));
  EXPECT_EQ(error.action, ApiAction::kRetry);
  EXPECT_LE(error.message.size(), 300u);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

TEST(ClassifyApiErrorTest, AnUnknownCodeIsClassifiedByTheStatus) {
  EXPECT_EQ(ClassifyApiError(503, Coded("AF99999")).action, ApiAction::kRetry);
  EXPECT_EQ(ClassifyApiError(403, Coded("AF99999")).action, ApiAction::kSuspendTenant);
}

TEST(ClassifyApiErrorTest, WithoutACodeOfTheApiNoStatusSaysThatContentIsMissing) {
  for (const int status : {400, 404, 410, 500}) {
    EXPECT_EQ(ClassifyApiError(status, "<html>not found</html>").action, ApiAction::kRetry);
    EXPECT_EQ(ClassifyApiError(status, Coded("AF99999")).action, ApiAction::kRetry);
  }
}

TEST(OneLineTest, TextIsNeverCutInsideACharacter) {
  EXPECT_EQ(OneLine("ab\xc3\xa4", 4), "ab\xc3\xa4");
  EXPECT_EQ(OneLine(" ab\xc3\xa4 ", 4), "ab\xc3\xa4");
  EXPECT_EQ(OneLine("ab\xc3\xa4xyzw", 6), "ab\u2026");
  EXPECT_EQ(OneLine("ab\xc3\xa4xyzw", 7), "ab\xc3\xa4\u2026");
}

}  // namespace
}  // namespace picket::m365
