#include "simulator/api_request.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "simulator/content/content_id.h"

namespace picket::simulator {
namespace {

constexpr absl::Duration kLookBack = absl::Hours(7 * 24);
constexpr absl::Duration kLongestWindow = absl::Hours(24);

std::optional<absl::Time> ParseWindowTime(const std::string& text) {
  for (const char* const format : {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S",
                                   "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, text, &time, &error)) return time;
  }
  return std::nullopt;
}

ListingRequest Invalid(std::string code, std::string message) {
  ListingRequest request;
  request.fault = {std::move(code), std::move(message)};
  return request;
}

}  // namespace

std::string_view KnownContentType(std::string_view name) {
  for (const std::string_view type : kAllContentTypes) {
    if (EqualsIgnoreCase(type, name)) return type;
  }
  return {};
}

ApiRoute ParseRoute(const HttpRequest& request, const std::vector<Tenant>& tenants) {
  const size_t question = request.target.find('?');
  const std::string_view target(request.target);
  const std::string_view path = target.substr(0, question);
  ApiRoute route;
  if (question != std::string::npos)
    route.parameters = ParseParameters(target.substr(question + 1));
  const std::vector<std::string> parts =
      absl::StrSplit(ToAbsl(path.substr(path.empty() ? 0 : 1)), '/');
  const bool get = request.method == "GET";
  const bool post = request.method == "POST";
  // The path of the API is /api/v1.0/{tenant}/activity/feed/subscriptions/{verb} or
  // /api/v1.0/{tenant}/activity/feed/audit/{content id}.
  if (parts.size() == 7 && parts[0] == "api" && parts[1] == "v1.0" && parts[3] == "activity" &&
      parts[4] == "feed") {
    route.tenant_in_path = PercentDecode(parts[2]);
    if (parts[5] == "subscriptions") {
      if (post && parts[6] == "start") route.kind = RequestKind::kStart;
      if (post && parts[6] == "stop") route.kind = RequestKind::kStop;
      if (get && parts[6] == "list") route.kind = RequestKind::kSubscriptions;
      if (get && parts[6] == "content") route.kind = RequestKind::kContent;
      const std::string* const type = FindParameter(route.parameters, "contentType");
      if (type != nullptr) route.content_type = KnownContentType(*type);
    } else if (parts[5] == "audit" && get) {
      route.kind = RequestKind::kBlob;
      route.content_id = PercentDecode(parts[6]);
    }
  } else if (parts.size() == 4 && parts[1] == "oauth2" && parts[2] == "v2.0" &&
             parts[3] == "token") {
    route.kind = RequestKind::kToken;
    route.v2 = true;
  } else if (parts.size() == 3 && parts[1] == "oauth2" && parts[2] == "token") {
    route.kind = RequestKind::kToken;
  } else if (parts.size() == 4 && parts[1] == "v2.0" && parts[2] == ".well-known" &&
             parts[3] == "openid-configuration") {
    route.is_openid = true;
  }
  if (route.kind == RequestKind::kToken || route.is_openid) {
    route.tenant_in_path = PercentDecode(parts[0]);
  }
  if (!route.tenant_in_path.empty()) route.tenant = FindTenant(tenants, route.tenant_in_path);
  return route;
}

ListingRequest ParseListing(const Parameters& parameters, std::string_view content_type,
                            absl::Time now) {
  const std::string* const start_text = FindParameter(parameters, "startTime");
  const std::string* const end_text = FindParameter(parameters, "endTime");
  if ((start_text == nullptr) != (end_text == nullptr)) {
    return Invalid("AF20030", std::string(kWindowRule));
  }
  absl::Time start = now - kLongestWindow;
  absl::Time end = now;
  if (start_text != nullptr) {
    const std::optional<absl::Time> parsed_start = ParseWindowTime(*start_text);
    const std::optional<absl::Time> parsed_end = ParseWindowTime(*end_text);
    if (!parsed_start.has_value() || !parsed_end.has_value()) {
      return Invalid("AF20002", absl::StrCat("Invalid parameter type: ",
                                             parsed_start.has_value() ? "endTime" : "startTime",
                                             ". Expected type: DateTime."));
    }
    start = *parsed_start;
    end = *parsed_end;
  }
  if (end <= start || end - start > kLongestWindow) {
    return Invalid("AF20030", std::string(kWindowRule));
  }
  if (start < now - kLookBack) return Invalid("AF20055", std::string(kWindowRule));

  const std::string* const token = FindParameter(parameters, "nextPage");
  // The position of a page is the creation time and the sequence number of its first entry.
  std::pair<absl::Time, uint64_t> position(start, 0);
  if (token != nullptr) {
    const std::vector<std::string> parts = absl::StrSplit(*token, '$');
    uint64_t zero = 0;
    uint64_t sequence = 0;
    const std::optional<absl::Time> window =
        parts.size() == 3 ? ParseLongTime(parts[0], zero) : std::nullopt;
    const std::optional<absl::Time> first =
        parts.size() == 3 ? ParseLongTime(parts[1], sequence) : std::nullopt;
    if (!window.has_value() || !first.has_value() || *first < start || *first >= end ||
        *window != absl::FromUnixMillis(absl::ToUnixMillis(start)) ||
        parts[2] != ShardName(content_type) + "_emea0036") {
      return Invalid("AF20031", absl::StrCat("Invalid nextPage input: ", *token, "."));
    }
    position = {*first, sequence};
  }
  ListingRequest request;
  request.start = start;
  request.end = end;
  request.position = position;
  return request;
}

std::optional<std::string> ChangedParameter(const Parameters& parameters) {
  if (FindParameter(parameters, "nextPage") == nullptr) return std::nullopt;
  for (const auto& [name, value] : parameters) {
    if (!EqualsIgnoreCase(name, "PublisherIdentifier") && name != LowerAscii(name)) return name;
  }
  return std::nullopt;
}

}  // namespace picket::simulator
