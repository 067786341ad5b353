#include "m365/api_error.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket::fetcher {
namespace {

std::string Coded(const std::string& code) {
  return absl::StrCat(R"({"error":{"code":")", code, R"(","message":"the API's own words"}})");
}

TEST(ClassifyApiErrorTest, EveryCodeOfTheApiLeadsToOneAction) {
  const struct {
    int status;
    const char* code;
    m365::ApiAction action;
  } kCases[] = {
      {401, "AF10001", m365::ApiAction::kParkTenant},
      {400, "AF20001", m365::ApiAction::kOurFault},
      {400, "AF20002", m365::ApiAction::kOurFault},
      {400, "AF20003", m365::ApiAction::kOurFault},
      {400, "AF20010", m365::ApiAction::kParkTenant},
      {404, "AF20011", m365::ApiAction::kParkTenant},
      {400, "AF20012", m365::ApiAction::kParkTenant},
      {400, "AF20013", m365::ApiAction::kParkTenant},
      {400, "AF20020", m365::ApiAction::kParkType},
      {400, "AF20021", m365::ApiAction::kOurFault},
      {400, "AF20022", m365::ApiAction::kStartSubscription},
      {400, "AF20023", m365::ApiAction::kDisabled},
      {400, "AF20024", m365::ApiAction::kAlreadyEnabled},
      {400, "AF20030", m365::ApiAction::kReplanWindow},
      {400, "AF20055", m365::ApiAction::kReplanWindow},
      {400, "AF20031", m365::ApiAction::kRestartListing},
      {404, "AF20050", m365::ApiAction::kRetryContent},
      {400, "AF20051", m365::ApiAction::kContentGone},
      {400, "AF20052", m365::ApiAction::kRetryContent},
      {400, "AF20053", m365::ApiAction::kOurFault},
      {400, "AF20054", m365::ApiAction::kOurFault},
      {500, "AF50000", m365::ApiAction::kRetry},
      {500, "AF50005", m365::ApiAction::kRetry},
  };
  for (const auto& row : kCases) {
    const m365::ApiError error = m365::ClassifyApiError(row.status, Coded(row.code));
    EXPECT_EQ(error.action, row.action) << row.code;
    EXPECT_EQ(error.code, row.code);
    EXPECT_EQ(error.message, "the API's own words");
  }
}

TEST(ClassifyApiErrorTest, ThrottlingIsKnownByItsCodeInAnyStatus) {
  for (const int status : {403, 429, 503}) {
    EXPECT_EQ(m365::ClassifyApiError(status, Coded("AF429")).action, m365::ApiAction::kThrottle)
        << status;
  }
  EXPECT_EQ(m365::ClassifyApiError(429, "slow down").action, m365::ApiAction::kThrottle);
}

TEST(ClassifyApiErrorTest, AStaleTokenDiffersFromAMissingRoleThoughBothAre401) {
  EXPECT_EQ(m365::ClassifyApiError(
                401, R"({"Message":"Authorization has been denied for this request."})")
                .action,
            m365::ApiAction::kNewToken);
  const m365::ApiError missing_role = m365::ClassifyApiError(401, Coded("AF10001"));
  EXPECT_EQ(missing_role.action, m365::ApiAction::kParkTenant);
  EXPECT_NE(missing_role.hint.find("admin consent"), std::string::npos);
}

TEST(ClassifyApiErrorTest, ATenantThatDoesNotExistMeansThatAuditingIsOff) {
  const m365::ApiError error = m365::ClassifyApiError(
      400, R"({"error":{"code":"","message":"DataServiceException: Tenant 1 does not exist."}})");
  EXPECT_EQ(error.action, m365::ApiAction::kParkTenant);
  EXPECT_NE(error.hint.find("UnifiedAuditLogIngestionEnabled"), std::string::npos);
}

TEST(ClassifyApiErrorTest, APageOfTheEdgeIsRetriedAndItsTextIsOneShortLine) {
  const m365::ApiError error =
      m365::ClassifyApiError(502, "<html>\r\n<body>Bad gateway</body>" + std::string(5000, 'x'));
  EXPECT_EQ(error.action, m365::ApiAction::kRetry);
  EXPECT_LE(error.message.size(), 300u);
  EXPECT_EQ(error.message.find('\n'), std::string::npos);
}

TEST(ClassifyApiErrorTest, AnUnknownCodeIsDecidedByTheStatus) {
  EXPECT_EQ(m365::ClassifyApiError(503, Coded("AF99999")).action, m365::ApiAction::kRetry);
  EXPECT_EQ(m365::ClassifyApiError(400, Coded("AF99999")).action, m365::ApiAction::kOurFault);
}

TEST(OneLineTest, ACutNeverLeavesHalfACharacter) {
  EXPECT_EQ(m365::OneLine("ab\xc3\xa4", 3), "ab");
  EXPECT_EQ(m365::OneLine("ab\xc3\xa4", 4),
            "ab");  // a cut at the limit may drop the last character whole
  EXPECT_EQ(m365::OneLine("ab\xc3\xa4", 5), "ab\xc3\xa4");
}

}  // namespace
}  // namespace picket::fetcher
