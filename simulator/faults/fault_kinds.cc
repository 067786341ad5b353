#include "simulator/faults/fault_kinds.h"

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "simulator/faults/error_answers.h"

namespace picket::simulator {
namespace {

constexpr RequestKinds kToken = KindBit(RequestKind::kToken);
constexpr RequestKinds kStart = KindBit(RequestKind::kStart);
constexpr RequestKinds kContent = KindBit(RequestKind::kContent);
constexpr RequestKinds kBlob = KindBit(RequestKind::kBlob);

constexpr std::string_view kStatuses = "200 400 401 403 404 408 409 410 413 429 500 502 503 504";

using F = FaultKind;
using V = FaultValue;
constexpr FaultMoment kRequest = FaultMoment::kRequest;
constexpr FaultMoment kPublication = FaultMoment::kPublication;
constexpr FaultMoment kBeginning = FaultMoment::kBeginning;

// clang-format off
constexpr std::array<FaultKindRow, kFaultKindCount> kRows = {{
    {F::kHtml, "html", V::kStatus, "503", kStatuses, kRequest, kAllApiKinds,
     "answers with this status and an HTML page, as an edge server does"},
    {F::kEmpty, "empty", V::kStatus, "200", kStatuses, kRequest, kAllApiKinds,
     "answers with this status and no body"},
    {F::kPlain, "plain", V::kStatus, "400", kStatuses, kRequest, kAllApiKinds,
     "answers with this status and a JSON message without a code"},
    {F::kNull, "null", V::kNone, "", "", kRequest, kBlob,
     "answers 200 with the JSON value null"},
    {F::kErrorObject, "error-object", V::kNone, "", "", kRequest, kBlob,
     "answers 200 with an error object (AF50000)"},
    {F::kSingleObject, "single-object", V::kNone, "", "", kRequest, kBlob,
     "answers 200 with the first object of the array instead of the array"},
    {F::kShortBody, "short-body", V::kNone, "", "", kRequest, kBlob,
     "sends the first half of the body as if it were all: the length is right, the end is missing"},
    {F::kAf, "af", V::kAf, "", "", kRequest, 0,
     "answers with an error of the Management Activity API (codes below)"},
    {F::kAadsts, "aadsts", V::kAadsts, "", "", kRequest, kToken,
     "answers with an error of the token endpoint (codes below)"},
    {F::kThrottle, "throttle", V::kStatus, "403", "403 429 503", kRequest, kAllApiKinds,
     "answers AF429 with this status"},
    {F::kDenied, "denied", V::kNone, "", "", kRequest, kAllApiKinds,
     "answers 401 with the message without a code that the API has for an invalid token"},
    {F::kAuditingOff, "auditing-off", V::kNone, "", "", kRequest, kAllApiKinds,
     "answers as for a tenant without unified auditing: Tenant ... does not exist"},
    {F::kEcho, "echo", V::kStatus, "500", kStatuses, kRequest, kAllKinds,
     "repeats the headers and the form of the request in an error body"},

    {F::kCut, "cut", V::kNone, "", "", kRequest, kBlob,
     "closes the connection after half of the body"},
    {F::kStall, "stall", V::kDuration, "30s", "", kRequest, kBlob,
     "pauses for this time after half of the body, and then closes the connection"},
    {F::kDrip, "drip", V::kBytes, "1", "", kRequest, kBlob,
     "sends the body with this number of bytes per second"},
    {F::kEndless, "endless", V::kBytes, "1MB", "", kRequest, kBlob,
     "sends records without end, with this number of bytes per second"},
    {F::kGzip, "gzip", V::kNone, "", "", kRequest, kAllKinds,
     "compresses the body if the client accepts gzip"},
    {F::kGzipBomb, "gzip-bomb", V::kBytes, "1GiB", "", kRequest, kBlob,
     "sends a small compressed body that becomes an array with this number of blanks"},
    {F::kDelay, "delay", V::kDuration, "1s", "", kRequest, kAllApiKinds,
     "delays the answer"},
    {F::kRetryAfter, "retry-after", V::kDuration, "30s", "", kRequest, kAllKinds,
     "adds Retry-After to answers with a status of 400 or more"},

    {F::kDate, "date", V::kDate, "", "2038 0001 none garbage", kRequest, kAllKinds,
     "sends this time in the header Date: 2038, 0001, none, garbage, or a time"},
    {F::kClockSkew, "clock-skew", V::kSkew, "10m", "", kRequest, kAllKinds,
     "moves the clock of the server by this time, which may be negative"},
    {F::kExpiration, "expiration", V::kExpiration, "", "0001 none garbage", kRequest, kContent,
     "lists this contentExpiration: 0001, none, garbage, a time, or a time after contentCreated"},

    {F::kBadUri, "bad-uri", V::kWord, "localhost", "localhost http no-version foreign-tenant foreign-host",
     kRequest, kContent, "lists contentUris that do not work"},
    {F::kDuplicateEntries, "duplicate-entries", V::kNone, "", "", kRequest, kContent,
     "lists each blob twice"},
    {F::kStaleLink, "stale-link", V::kNone, "", "", kRequest, kContent,
     "answers links to further pages with AF20055"},
    {F::kBadLink, "bad-link", V::kNone, "", "", kRequest, kContent,
     "answers links to further pages with AF20031"},
    {F::kPartial, "partial", V::kDuration, "30s", "", kRequest, kBlob,
     "serves only the first half of the records of a blob that is younger than this"},
    {F::kShuffle, "shuffle", V::kNone, "", "", kRequest, kBlob,
     "serves the members of each record in another order each time"},
    {F::kListedLate, "listed-late", V::kDuration, "5m", "", kPublication, 0,
     "publishes a blob whose contentCreated is up to this time in the past"},
    {F::kRepublish, "republish", V::kDuration, "1h", "", kPublication, 0,
     "publishes the records of a blob again, in a new blob, after this time"},
    {F::kBigBlob, "big-blob", V::kBytes, "200MB", "", kBeginning, 0,
     "publishes a blob of this size that compresses well"},
    {F::kRandomBlob, "random-blob", V::kBytes, "500MB", "", kBeginning, 0,
     "publishes a blob of this size that cannot be compressed"},

    {F::kStartRule, "start-rule", V::kDuration, "15m", "", kRequest, kStart,
     "rejects a start of a subscription sooner than this after the start before"},
    {F::kDisable, "disable", V::kNone, "", "", kBeginning, 0,
     "disables the subscriptions, as an administrator can (AF20023 until they are started)"},
    {F::kStop, "stop", V::kNone, "", "", kBeginning, 0,
     "stops the subscriptions, as another client can (AF20022 until they are started)"},
    {F::kQuota, "quota", V::kCount, "", "", kRequest, kAllApiKinds,
     "sets the number of requests per minute"},

    {F::kConsentMissing, "consent-missing", V::kNone, "", "", kRequest, kToken,
     "issues tokens without roles, as without an administrator's consent"},
    {F::kNoDlp, "no-dlp", V::kNone, "", "", kRequest, kToken,
     "issues tokens without ActivityFeed.ReadDlp"},
    {F::kDelegated, "delegated", V::kNone, "", "", kRequest, kToken,
     "issues delegated tokens, with scp instead of roles"},
    {F::kWrongAudience, "wrong-audience", V::kUrl, "https://graph.microsoft.com", "", kRequest, kToken,
     "issues tokens for another audience"},
    {F::kWrongTenant, "wrong-tenant", V::kNone, "", "", kRequest, kToken,
     "issues tokens of another tenant"},
    {F::kWrongCloud, "wrong-cloud", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as for a tenant of another cloud (AADSTS900382)"},
    {F::kAppMissing, "app-missing", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as if the application were not installed (AADSTS700016)"},
    {F::kAppDisabled, "app-disabled", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as if the application were disabled (AADSTS7000112)"},
    {F::kSecretExpired, "secret-expired", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as if the secret had expired (AADSTS7000222)"},
    {F::kWrongSecret, "wrong-secret", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as if the secret were wrong (AADSTS7000215)"},
    {F::kCertificateUnknown, "certificate-unknown", V::kNone, "", "", kRequest, kToken,
     "rejects token requests as if the certificate were not registered (AADSTS700027)"},
    {F::kTokenLifetime, "token-lifetime", V::kDuration, "5m", "", kRequest, kToken,
     "issues tokens that are valid for this time"},
}};
// clang-format on

std::string ValueHint(const FaultKindRow& row) {
  switch (row.form) {
    case FaultValue::kNone:
      return "";
    case FaultValue::kStatus:
      return "=STATUS";
    case FaultValue::kWord:
      return "=FORM";
    case FaultValue::kDuration:
    case FaultValue::kSkew:
      return "=TIME";
    case FaultValue::kBytes:
      return "=BYTES";
    case FaultValue::kCount:
      return "=N";
    case FaultValue::kAf:
    case FaultValue::kAadsts:
      return "=CODE";
    case FaultValue::kDate:
    case FaultValue::kExpiration:
      return "=WHEN";
    case FaultValue::kUrl:
      return "=URL";
  }
  return "";
}

void AppendCodes(absl::Span<const ErrorAnswer> answers, std::string_view kind, std::string& out) {
  for (const ErrorAnswer& answer : answers) {
    std::string name = absl::StrCat(ToAbsl(kind), "=", ToAbsl(answer.code));
    name.resize(std::max<size_t>(name.size(), 24), ' ');
    absl::StrAppend(&out, name, " ", answer.status, "  ", ToAbsl(answer.meaning), "\n");
  }
}

}  // namespace

absl::Span<const FaultKindRow> FaultKinds() { return kRows; }

const FaultKindRow& RowOf(FaultKind kind) { return kRows[static_cast<size_t>(kind)]; }

std::string FaultKindList() {
  std::string out;
  for (const FaultKindRow& row : kRows) {
    std::string name = absl::StrCat(ToAbsl(row.name), ValueHint(row));
    name.resize(std::max<size_t>(name.size(), 24), ' ');
    absl::StrAppend(&out, name, " ", ToAbsl(row.summary));
    if (!row.default_value.empty()) {
      absl::StrAppend(&out, " (default: ", ToAbsl(row.default_value), ")");
    }
    out += "\n";
  }
  AppendCodes(AfAnswers(), "af", out);
  AppendCodes(AadstsAnswers(), "aadsts", out);
  return out;
}

}  // namespace picket::simulator
