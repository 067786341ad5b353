#include "m365/api_error.h"

#include <simdjson.h>

#include "common/strings.h"

namespace picket::m365 {
namespace {

struct Row {
  std::string_view code;
  ApiAction action;
  std::string_view hint;
};

constexpr Row kRows[] = {
    {"AF10001", ApiAction::kSuspendTenant,
     "the token lacks ActivityFeed.Read: add the application permission of the Office 365 "
     "Management APIs and grant admin consent"},
    {"AF20001", ApiAction::kOurFault, ""},
    {"AF20002", ApiAction::kOurFault, ""},
    {"AF20003", ApiAction::kOurFault, ""},
    {"AF20010", ApiAction::kSuspendTenant,
     "the token belongs to another tenant: check tenant_id and client_id"},
    {"AF20011", ApiAction::kSuspendTenant, "the tenant is unknown or deleted: check tenant_id"},
    {"AF20012", ApiAction::kSuspendTenant,
     "the tenant is not set up: check its licences and that auditing is turned on"},
    {"AF20013", ApiAction::kSuspendTenant, "tenant_id must be the directory's GUID"},
    {"AF20020", ApiAction::kSuspendContentType,
     "the cloud does not support this content type: remove it"},
    {"AF20021", ApiAction::kOurFault, ""},
    {"AF20022", ApiAction::kStartSubscription, ""},
    {"AF20023", ApiAction::kDisabled,
     "an administrator disabled the subscription: events of this time are lost"},
    {"AF20024", ApiAction::kAlreadyEnabled, ""},
    {"AF20030", ApiAction::kReplanWindow, ""},
    {"AF20031", ApiAction::kRestartListing, ""},
    {"AF20050", ApiAction::kRetryContent, ""},
    {"AF20051", ApiAction::kContentGone, ""},
    {"AF20052", ApiAction::kRetryContent, ""},
    {"AF20053", ApiAction::kOurFault, ""},
    {"AF20054", ApiAction::kOurFault, ""},
    {"AF20055", ApiAction::kReplanWindow, ""},
    {"AF429", ApiAction::kThrottle, ""},
};

constexpr std::string_view kAuditingOff =
    "unified auditing may be off: run Set-AdminAuditLogConfig "
    "-UnifiedAuditLogIngestionEnabled $true, then wait an hour";

// Reads the code and the message from {"error":{"code","message"}}, or the message from
// {"Message"}.
void ReadBody(std::string_view body, ApiError& error) {
  simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(simdjson::padded_string(body)).get(root) != simdjson::SUCCESS) {
    error.message = OneLine(body);
    return;
  }
  std::string_view text;
  if (root["error"]["code"].get(text) == simdjson::SUCCESS) error.code = OneLine(text, 40);
  if (root["error"]["message"].get(text) == simdjson::SUCCESS ||
      root["Message"].get(text) == simdjson::SUCCESS ||
      root["message"].get(text) == simdjson::SUCCESS) {
    error.message = OneLine(text);
  } else {
    error.message = OneLine(body);
  }
}

}  // namespace

std::string OneLine(std::string_view text, size_t longest) {
  return CleanLine(TrimBlanks(text), longest);
}

std::string Describe(const ApiError& error, int http_status) {
  std::string text = absl::StrCat("HTTP ", http_status);
  if (!error.code.empty()) absl::StrAppend(&text, " ", error.code);
  if (!error.message.empty()) absl::StrAppend(&text, ": ", error.message);
  if (!error.hint.empty()) absl::StrAppend(&text, " — ", error.hint);
  return text;
}

ApiError ClassifyApiError(int http_status, std::string_view body) {
  ApiError error;
  ReadBody(body, error);

  for (const Row& row : kRows) {
    if (row.code != error.code) continue;
    error.action = row.action;
    error.hint = row.hint;
    error.is_documented = true;
    return error;
  }
  if (error.code.starts_with("AF5")) return error;  // internal errors of the API, such as AF50000
  if (error.message.find("does not exist") != std::string::npos &&
      error.message.find("Tenant") != std::string::npos) {
    error.action = ApiAction::kSuspendTenant;
    error.hint = kAuditingOff;
    return error;
  }
  switch (http_status) {
    case 401:
      error.action = ApiAction::kNewToken;
      break;
    case 403:
      error.action = ApiAction::kSuspendTenant;
      error.hint = "the API refuses access: check the app's permissions and admin consent";
      break;
    case 429:
      error.action = ApiAction::kThrottle;
      break;
    // All other statuses, such as 5xx, a redirect by a proxy, or a 404 of a server in between.
    // Without a code of the API, they say nothing about the content.
    default:
      error.action = ApiAction::kRetry;
  }
  return error;
}

}  // namespace picket::m365
