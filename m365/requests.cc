#include "m365/requests.h"

#include <simdjson.h>

#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "m365/api_error.h"
#include "m365/url.h"

namespace picket::m365 {
namespace {

// A time as the documentation of the API writes it: whole seconds, no zone.
std::string WindowTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
}

std::string Publisher(const ApiAddress& api) {
  return absl::StrCat("PublisherIdentifier=", api.publisher);
}

// In a path segment, '$' stays as it is; the API takes no other spelling of content ids.
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

absl::Status Refuse(std::string_view link, std::string_view why) {
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
  if (!url.has_value()) return Refuse(link, "it is no plain URL");
  const std::optional<Url> own = ParseUrl(api.api_url);
  if (!own.has_value()) return absl::InternalError("the API's own address is no URL");
  if (url->scheme != own->scheme) return Refuse(link, "its scheme differs from the API's");
  if (url->host != own->host || url->port != own->port) {
    return Refuse(link, absl::StrCat("its host differs from ", own->host));
  }
  // The version differs between the documentation (v1) and the wire (v1.0).
  const std::string path = LowerAscii(url->path);
  bool known_path = false;
  for (const char* version : {"v1.0", "v1"}) {
    known_path |= path == absl::StrCat("/api/", version, "/", api.tenant,
                                       "/activity/feed/subscriptions/content");
  }
  if (!known_path) return Refuse(link, "it does not lead to this tenant's content listing");

  std::string query;
  for (const absl::string_view parameter : absl::StrSplit(url->query, '&', absl::SkipEmpty())) {
    const std::string_view text = ToStd(parameter);
    if (EqualsIgnoreCase(text.substr(0, text.find('=')), "PublisherIdentifier")) continue;
    absl::StrAppend(&query, parameter, "&");
  }
  if (query.empty()) return Refuse(link, "it names no page");
  // From our own parts, so that nothing but path and query can come from the link.
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
    // '|' parts the fields of our keys.
    if (!created.has_value() || id.find('|') != std::string_view::npos) {
      ++page.unusable;
      continue;
    }
    ContentEntry entry{std::string(id), *created, *created + absl::Hours(24 * 7)};
    std::string_view expiration_text;
    if (item["contentExpiration"].get(expiration_text) == simdjson::SUCCESS) {
      // Read off the wire: it has been seen to be later than the documented seven days.
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

std::optional<absl::Time> ParseApiTime(std::string_view text) {
  absl::Time time;
  for (const char* format :
       {"%Y-%m-%dT%H:%M:%E*SZ", "%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S"}) {
    if (absl::ParseTime(format, ToAbsl(text), &time, nullptr)) return time;
  }
  return std::nullopt;
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E*SZ", time, absl::UTCTimeZone());
}

}  // namespace picket::m365
