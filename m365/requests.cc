#include "m365/requests.h"

#include <simdjson.h>

#include <optional>

#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "m365/api_error.h"
#include "m365/api_time.h"
#include "m365/url.h"

namespace picket::m365 {
namespace {

// Formats a time as in the API's documentation, in whole seconds and without a zone.
std::string WindowTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
}

std::string Publisher(const ApiAddress& api) {
  return absl::StrCat("PublisherIdentifier=", api.publisher);
}

// Percent-encodes a content id but keeps '$', because the API does not accept an encoded '$'.
std::string EncodeContentId(std::string_view content_id) {
  std::string out;
  size_t start = 0;
  while (true) {
    const size_t dollar = content_id.find('$', start);
    out += PercentEncode(content_id.substr(start, dollar - start));
    if (dollar == std::string_view::npos) return out;
    out.push_back('$');
    start = dollar + 1;
  }
}

absl::Status RejectLink(std::string_view link, std::string_view why) {
  return absl::PermissionDeniedError(
      absl::StrCat("page link ", OneLine(link, 200), " not followed: ", ToAbsl(why)));
}

}  // namespace

std::string ApiAddress::Root() const {
  return absl::StrCat(api_url, "/api/v1.0/", tenant, "/activity/feed");
}

std::string ListSubscriptionsUrl(const ApiAddress& api) {
  return absl::StrCat(api.Root(), "/subscriptions/list?", Publisher(api));
}

std::string StartSubscriptionUrl(const ApiAddress& api, std::string_view content_type) {
  return absl::StrCat(api.Root(), "/subscriptions/start?contentType=", PercentEncode(content_type),
                      "&", Publisher(api));
}

std::string ListContentUrl(const ApiAddress& api, std::string_view content_type, absl::Time start,
                           absl::Time end) {
  return absl::StrCat(
      api.Root(), "/subscriptions/content?contentType=", PercentEncode(content_type),
      "&startTime=", WindowTime(start), "&endTime=", WindowTime(end), "&", Publisher(api));
}

std::string RetrieveUrl(const ApiAddress& api, std::string_view content_id) {
  return absl::StrCat(api.Root(), "/audit/", EncodeContentId(content_id), "?", Publisher(api));
}

absl::StatusOr<std::string> FollowPageLink(const ApiAddress& api, std::string_view link) {
  const std::optional<Url> url = ParseUrl(link);
  if (!url.has_value()) return RejectLink(link, "it is not a plain URL");
  const std::optional<Url> own = ParseUrl(api.api_url);
  if (!own.has_value()) return absl::InternalError("the API's own address is not a URL");
  if (url->scheme != own->scheme) return RejectLink(link, "its scheme differs from the API's");
  if (url->host != own->host || url->port != own->port) {
    return RejectLink(link, absl::StrCat("its host differs from ", own->host));
  }
  // The documentation uses v1 in the path, but the API itself uses v1.0. Both are accepted.
  const std::string path = LowerAscii(url->path);
  bool known_path = false;
  for (const char* version : {"v1.0", "v1"}) {
    known_path |= path == absl::StrCat("/api/", version, "/", api.tenant,
                                       "/activity/feed/subscriptions/content");
  }
  if (!known_path) return RejectLink(link, "it does not lead to this tenant's content listing");

  std::string query;
  for (const absl::string_view parameter : absl::StrSplit(url->query, '&', absl::SkipEmpty())) {
    const std::string_view text = ToStd(parameter);
    if (EqualsIgnoreCase(text.substr(0, text.find('=')), "PublisherIdentifier")) continue;
    absl::StrAppend(&query, parameter, "&");
  }
  if (query.empty()) return RejectLink(link, "it has no query");
  // The host is taken from the configuration and not from the link. Therefore, the token is sent to
  // the configured host even if the check above has a defect.
  return absl::StrCat(api.api_url, url->path, "?", query, Publisher(api));
}

absl::StatusOr<ContentPage> ParseContentPage(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::array entries;
  if (parser.parse(simdjson::padded_string(body)).get(entries) != simdjson::SUCCESS) {
    return absl::DataLossError(
        absl::StrCat("the listing is not a JSON array: ", OneLine(body, 120)));
  }
  ContentPage page;
  page.entries.reserve(entries.size());
  for (const simdjson::dom::element item : entries) {
    std::string_view id;
    std::string_view created_text;
    if (item["contentId"].get(id) != simdjson::SUCCESS || id.empty() || id.size() > 1024 ||
        item["contentCreated"].get(created_text) != simdjson::SUCCESS) {
      ++page.unusable;
      continue;
    }
    const std::optional<absl::Time> created = ParseApiTime(created_text);
    // An id must not contain '|', which separates the fields of ledger keys.
    if (!created.has_value() || id.find('|') != std::string_view::npos) {
      ++page.unusable;
      continue;
    }
    ContentEntry entry{std::string(id), *created, *created + absl::Hours(24 * 7)};
    std::string_view expiration_text;
    if (item["contentExpiration"].get(expiration_text) == simdjson::SUCCESS) {
      // According to the documentation, content expires after seven days. However, the API has
      // returned later times, so a returned time takes precedence.
      entry.expiration = ParseApiTime(expiration_text).value_or(entry.expiration);
    }
    page.entries.push_back(std::move(entry));
  }
  return page;
}

absl::StatusOr<std::vector<Subscription>> ParseSubscriptions(std::string_view body) {
  simdjson::dom::parser parser;
  simdjson::dom::array entries;
  if (parser.parse(simdjson::padded_string(body)).get(entries) != simdjson::SUCCESS) {
    return absl::DataLossError(
        absl::StrCat("the list of subscriptions is not a JSON array: ", OneLine(body, 120)));
  }
  std::vector<Subscription> subscriptions;
  for (const simdjson::dom::element item : entries) {
    std::string_view type;
    std::string_view status;
    if (item["contentType"].get(type) != simdjson::SUCCESS) continue;
    if (item["status"].get(status) != simdjson::SUCCESS) status = "";
    subscriptions.push_back({std::string(type), EqualsIgnoreCase(status, "enabled")});
  }
  return subscriptions;
}

}  // namespace picket::m365
