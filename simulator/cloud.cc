#include "simulator/cloud.h"

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/json_writer.h"
#include "common/tenant.h"

namespace picket::simulator {
namespace {

constexpr absl::Duration kLookBack = absl::Hours(7 * 24);
constexpr absl::Duration kLongestWindow = absl::Hours(24);
constexpr std::string_view kNoPublisher = "00000000-0000-0000-0000-000000000000";

// Formats a time such as "2026-11-23T08:15:30.120Z".
std::string MillisecondText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

// Formats a time for a page link, with seven fractional digits.
std::string LinkTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E7SZ", time, absl::UTCTimeZone());
}

// Formats a time as 23 digits: the date and the time to the millisecond, followed by six digits
// that distinguish blobs of the same millisecond.
std::string LongTime(absl::Time time, uint64_t sequence) {
  return absl::StrFormat("%s%03d%06d", absl::FormatTime("%Y%m%d%H%M%S", time, absl::UTCTimeZone()),
                         absl::ToUnixMillis(time) % 1000, sequence % 1'000'000);
}

std::optional<absl::Time> ParseLongTime(std::string_view text, uint64_t& sequence) {
  int64_t milliseconds = 0;
  absl::Time time;
  std::string error;
  if (text.size() != 23 || !absl::SimpleAtoi(ToAbsl(text.substr(14, 3)), &milliseconds) ||
      !absl::SimpleAtoi(ToAbsl(text.substr(17)), &sequence) ||
      !absl::ParseTime("%E4Y%m%d%H%M%S", ToAbsl(text.substr(0, 14)), &time, &error)) {
    return std::nullopt;
  }
  return time + absl::Milliseconds(milliseconds);
}

std::optional<absl::Time> ParseWindowTime(const std::string& text) {
  for (const char* const format : {"%Y-%m-%dT%H:%M:%E*S%Ez", "%Y-%m-%dT%H:%M:%E*S",
                                   "%Y-%m-%dT%H:%M%Ez", "%Y-%m-%dT%H:%M", "%Y-%m-%d"}) {
    absl::Time time;
    std::string error;
    if (absl::ParseTime(format, text, &time, &error)) return time;
  }
  return std::nullopt;
}

std::string_view KnownContentType(std::string_view name) {
  for (const std::string_view type : kAllContentTypes) {
    if (EqualsIgnoreCase(type, name)) return type;
  }
  return {};
}

// Converts "Audit.Exchange" to "audit_exchange".
std::string ShardName(std::string_view content_type) {
  std::string name = LowerAscii(content_type);
  std::replace(name.begin(), name.end(), '.', '_');
  return name;
}

std::string DateHeader(absl::Time now) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
}

}  // namespace

std::string_view RequestKindName(RequestKind kind) {
  switch (kind) {
    case RequestKind::kToken:
      return "token";
    case RequestKind::kStart:
      return "start";
    case RequestKind::kStop:
      return "stop";
    case RequestKind::kSubscriptions:
      return "subscriptions";
    case RequestKind::kContent:
      return "content";
    case RequestKind::kBlob:
      return "blob";
    case RequestKind::kOther:
      return "other";
  }
  return "other";
}

// An API call, parsed from the path and the query of a URL.
struct Cloud::Call {
  std::string origin;
  std::string tenant_in_path;
  Parameters parameters;
  std::string_view content_type;  // one of kAllContentTypes
};

Cloud::Cloud(CloudOptions options, std::vector<Tenant> tenants, const Clock& clock)
    : options_(options),
      tenants_(std::move(tenants)),
      clock_(clock),
      chance_(SeedFor(options.seed, "faults")),
      tokens_(options.seed, options.token_lifetime, tenants_, chance_) {
  for (const Tenant& tenant : tenants_) {
    Account account;
    account.tenant = &tenant;
    accounts_.try_emplace(tenant.id, std::move(account));
  }
}

void Cloud::Count(RequestKind kind, std::string_view result) {
  ++counts_[{kind, std::string(result)}];
}

HttpResponse Cloud::CountToken(TokenEndpoint::Answer answer) {
  Count(RequestKind::kToken, answer.result);
  return std::move(answer.response);
}

HttpResponse Cloud::Reject(RequestKind kind, int status, std::string_view code,
                           std::string_view message) {
  Count(kind, code);
  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("error").BeginObject().Key("code").Value(code);
  json.Key("message").Value(message).EndObject().EndObject();
  return JsonAnswer(status, std::move(body));
}

HttpResponse Cloud::Handle(const HttpRequest& request) {
  const size_t question = request.target.find('?');
  const std::string_view target(request.target);
  const std::string_view path = target.substr(0, question);
  const std::string_view query =
      question == std::string::npos ? std::string_view() : target.substr(question + 1);

  MutexLock lock(mu_);
  const absl::Time now = clock_.Now();
  HttpResponse response = [&]() ABSL_NO_THREAD_SAFETY_ANALYSIS {
    if (absl::StartsWith(ToAbsl(path), "/api/v1.0/")) return HandleApi(request, path, query, now);
    const std::vector<std::string> parts =
        absl::StrSplit(ToAbsl(path.substr(path.empty() ? 0 : 1)), '/');
    if (parts.size() == 4 && parts[1] == "oauth2" && parts[2] == "v2.0" && parts[3] == "token") {
      return CountToken(tokens_.Handle(request, PercentDecode(parts[0]), /*v2=*/true, now));
    }
    if (parts.size() == 3 && parts[1] == "oauth2" && parts[2] == "token") {
      return CountToken(tokens_.Handle(request, PercentDecode(parts[0]), /*v2=*/false, now));
    }
    if (parts.size() == 4 && parts[1] == "v2.0" && parts[2] == ".well-known" &&
        parts[3] == "openid-configuration") {
      const Tenant* const tenant = FindTenant(tenants_, PercentDecode(parts[0]));
      if (tenant == nullptr) {
        return CountToken(tokens_.Reject(400, "invalid_tenant", 90002,
                                         absl::StrCat("Tenant '", parts[0], "' not found."), now));
      }
      Count(RequestKind::kOther, "ok");
      std::string body;
      JsonWriter json(&body);
      json.BeginObject().Key("token_endpoint");
      json.Value(absl::StrCat(request.origin, "/", tenant->id, "/oauth2/v2.0/token"));
      json.Key("issuer").Value(absl::StrCat(request.origin, "/", tenant->id, "/v2.0"));
      json.Key("tenant_region_scope").Value("EU").EndObject();
      return JsonAnswer(200, std::move(body));
    }
    Count(RequestKind::kOther, "404");
    return JsonAnswer(404,
                      R"({"Message":"No HTTP resource was found that matches the request URI."})");
  }();
  response.headers.emplace_back("Date", DateHeader(now));
  return response;
}

bool Cloud::TryAcquireQuota(const std::string& name, absl::Time now) {
  if (options_.quota_per_minute <= 0) return true;
  const double full = options_.quota_per_minute;
  Bucket& bucket = buckets_.try_emplace(name, Bucket{full, now}).first->second;
  const double minutes = absl::FDivDuration(now - bucket.filled, absl::Minutes(1));
  bucket.tokens = std::min(full, bucket.tokens + full * std::max(0.0, minutes));
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

bool Cloud::Hit(int& count, double share) {
  if (count > 0) {
    --count;
    return true;
  }
  return share > 0 && chance_.Chance(share);
}

std::optional<HttpResponse> Cloud::NextFault(RequestKind kind) {
  if (Hit(faults_.edge_errors, 0)) {
    Count(kind, "503");
    HttpResponse response = JsonAnswer(
        503, "<html><head><title>503</title></head><body>Service unavailable</body></html>");
    response.content_type = "text/html";
    return response;
  }
  if (Hit(faults_.server_errors, faults_.server_error_share)) {
    return Reject(kind, 500, "AF50000", "An internal error occurred. Retry the request.");
  }
  return std::nullopt;
}

HttpResponse Cloud::HandleApi(const HttpRequest& request, std::string_view path,
                              std::string_view query, absl::Time now) {
  // The path has the form /api/v1.0/{tenant}/activity/feed/{what}[/{verb}].
  const std::vector<std::string> parts = absl::StrSplit(ToAbsl(path.substr(1)), '/');
  RequestKind kind = RequestKind::kOther;
  std::string content_id;
  if (parts.size() == 7 && parts[3] == "activity" && parts[4] == "feed") {
    const bool get = request.method == "GET";
    const bool post = request.method == "POST";
    if (parts[5] == "subscriptions") {
      if (post && parts[6] == "start") kind = RequestKind::kStart;
      if (post && parts[6] == "stop") kind = RequestKind::kStop;
      if (get && parts[6] == "list") kind = RequestKind::kSubscriptions;
      if (get && parts[6] == "content") kind = RequestKind::kContent;
    } else if (parts[5] == "audit" && get) {
      kind = RequestKind::kBlob;
      content_id = PercentDecode(parts[6]);
    }
  }
  if (kind == RequestKind::kOther) {
    Count(kind, "404");
    return JsonAnswer(404,
                      R"({"Message":"No HTTP resource was found that matches the request URI."})");
  }
  if (std::optional<HttpResponse> fault = NextFault(kind)) return *std::move(fault);

  Call call;
  call.origin = request.origin;
  call.tenant_in_path = PercentDecode(parts[2]);
  call.parameters = ParseParameters(query);

  constexpr std::string_view kBearer = "Bearer ";
  std::optional<AccessToken> token;
  if (absl::StartsWithIgnoreCase(request.authorization, ToAbsl(kBearer))) {
    token = tokens_.Check(std::string_view(request.authorization).substr(kBearer.size()), now);
  }
  if (!token.has_value()) {
    Count(kind, "401");
    return JsonAnswer(401, R"({"Message":"Authorization has been denied for this request."})");
  }
  if (!IsGuid(call.tenant_in_path)) {
    return Reject(kind, 400, "AF20013",
                  absl::StrCat("The tenant ID passed in the URL (", call.tenant_in_path,
                               ") is not a valid GUID."));
  }
  if (!EqualsIgnoreCase(call.tenant_in_path, token->tenant)) {
    return Reject(
        kind, 401, "AF20010",
        absl::StrCat("The tenant ID passed in the URL (", call.tenant_in_path,
                     ") does not match the tenant ID of the access token (", token->tenant, ")."));
  }
  const std::string* const type = FindParameter(call.parameters, "contentType");
  const std::string_view needed_role = type != nullptr && EqualsIgnoreCase(*type, kDlp)
                                           ? "ActivityFeed.ReadDlp"
                                           : "ActivityFeed.Read";
  if (std::none_of(token->roles.begin(), token->roles.end(), [&](const std::string& role) {
        return role == needed_role || role == "ActivityFeed.ReadDlp";
      })) {
    return Reject(kind, 401, "AF10001",
                  absl::StrCat("The permission set (", absl::StrJoin(token->roles, ","),
                               ") of the access token lacks the expected permission ",
                               ToAbsl(needed_role), "."));
  }
  Account& account = accounts_.find(token->tenant)->second;

  const std::string* const publisher = FindParameter(call.parameters, "PublisherIdentifier");
  const bool has_publisher = publisher != nullptr && IsGuid(*publisher);
  if (options_.strict && !has_publisher) {
    return Reject(kind, 400, "AF20001", "Missing parameter: PublisherIdentifier.");
  }
  if (!TryAcquireQuota(has_publisher ? account.tenant->id : std::string(), now)) {
    return Reject(
        kind, options_.throttle_status, "AF429",
        absl::StrCat("Too many requests. Method=", ToAbsl(RequestKindName(kind)),
                     ", PublisherId=", has_publisher ? *publisher : std::string(kNoPublisher)));
  }
  if (!account.tenant->auditing_on) {
    return Reject(
        kind, 400, "DataServiceException",
        absl::StrCat("DataServiceException: Tenant ", account.tenant->id, " does not exist."));
  }
  if (kind == RequestKind::kSubscriptions) return ListSubscriptions(account);
  if (kind == RequestKind::kBlob) return Retrieve(account, content_id);

  if (type == nullptr) {
    return Reject(kind, 400, "AF20001", "Missing parameter: contentType.");
  }
  call.content_type = KnownContentType(*type);
  if (call.content_type.empty()) {
    return Reject(kind, 400, "AF20020",
                  absl::StrCat("The specified content type '", *type, "' is not valid."));
  }
  if (kind == RequestKind::kStart) return Start(account, call, now);
  if (kind == RequestKind::kStop) return Stop(account, call, now);
  return ListContent(account, call, now);
}

HttpResponse Cloud::Start(Account& account, const Call& call, absl::Time now) {
  Subscription& subscription = account.subscriptions[call.content_type];
  if (subscription.state == Subscription::State::kEnabled) {
    return Reject(RequestKind::kStart, 400, "AF20024",
                  "The subscription is already enabled. No property change.");
  }
  if (!subscription.gaps.empty() && subscription.gaps.back().second == absl::InfiniteFuture()) {
    subscription.gaps.back().second = now;
  }
  subscription.state = Subscription::State::kEnabled;
  Count(RequestKind::kStart, "ok");
  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("contentType").Value(call.content_type);
  json.Key("status").Value("enabled").Key("webhook").Null().EndObject();
  return JsonAnswer(200, std::move(body));
}

HttpResponse Cloud::Stop(Account& account, const Call& call, absl::Time now) {
  Subscription& subscription = account.subscriptions[call.content_type];
  if (subscription.state == Subscription::State::kNone ||
      subscription.state == Subscription::State::kStopped) {
    return Reject(RequestKind::kStop, 400, "AF20022",
                  "No subscription found for the specified content type.");
  }
  subscription.state = Subscription::State::kStopped;
  subscription.gaps.emplace_back(now, absl::InfiniteFuture());
  Count(RequestKind::kStop, "ok");
  return JsonAnswer(200, "");
}

HttpResponse Cloud::ListSubscriptions(Account& account) {
  Count(RequestKind::kSubscriptions, "ok");
  std::string body;
  JsonWriter json(&body);
  json.BeginArray();
  for (const auto& [type, subscription] : account.subscriptions) {
    if (subscription.state == Subscription::State::kNone ||
        subscription.state == Subscription::State::kStopped) {
      continue;
    }
    const bool enabled = subscription.state == Subscription::State::kEnabled;
    json.BeginObject().Key("contentType").Value(type);
    json.Key("status").Value(enabled ? "enabled" : "disabled").Key("webhook").Null().EndObject();
  }
  json.EndArray();
  return JsonAnswer(200, std::move(body));
}

HttpResponse Cloud::ListContent(Account& account, const Call& call, absl::Time now) {
  constexpr RequestKind kKind = RequestKind::kContent;
  const std::string* const token = FindParameter(call.parameters, "nextPage");
  if (options_.strict && token != nullptr) {
    for (const auto& [name, value] : call.parameters) {
      if (!EqualsIgnoreCase(name, "PublisherIdentifier") && name != LowerAscii(name)) {
        return Reject(kKind, 400, "AF20031",
                      absl::StrCat("The page link was changed: parameter '", name,
                                   "' was served as '", LowerAscii(name), "'."));
      }
    }
  }
  const Subscription& subscription = account.subscriptions[call.content_type];
  if (subscription.state == Subscription::State::kNone ||
      subscription.state == Subscription::State::kStopped) {
    return Reject(kKind, 400, "AF20022", "No subscription found for the specified content type.");
  }
  if (subscription.state == Subscription::State::kDisabled) {
    return Reject(kKind, 400, "AF20023",
                  "The subscription was disabled by a tenant or service administrator.");
  }

  const std::string* const start_text = FindParameter(call.parameters, "startTime");
  const std::string* const end_text = FindParameter(call.parameters, "endTime");
  constexpr std::string_view kWindowRule =
      "Start time and end time must be given both or not at all, be at most 24 hours apart, and "
      "the start time at most 7 days in the past.";
  if ((start_text == nullptr) != (end_text == nullptr)) {
    return Reject(kKind, 400, "AF20030", kWindowRule);
  }
  absl::Time start = now - kLongestWindow;
  absl::Time end = now;
  if (start_text != nullptr) {
    const std::optional<absl::Time> parsed_start = ParseWindowTime(*start_text);
    const std::optional<absl::Time> parsed_end = ParseWindowTime(*end_text);
    if (!parsed_start.has_value() || !parsed_end.has_value()) {
      return Reject(kKind, 400, "AF20002",
                    absl::StrCat("Invalid parameter type: ",
                                 parsed_start.has_value() ? "endTime" : "startTime",
                                 ". Expected type: DateTime."));
    }
    start = *parsed_start;
    end = *parsed_end;
  }
  if (end <= start || end - start > kLongestWindow) {
    return Reject(kKind, 400, "AF20030", kWindowRule);
  }
  if (start < now - kLookBack) return Reject(kKind, 400, "AF20055", kWindowRule);

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
        parts[2] != ShardName(call.content_type) + "_emea0036") {
      return Reject(kKind, 400, "AF20031", absl::StrCat("Invalid nextPage input: ", *token, "."));
    }
    position = {*first, sequence};
  }

  const std::deque<std::shared_ptr<Blob>>& blobs = account.listed[call.content_type];
  auto blob = std::lower_bound(blobs.begin(), blobs.end(), position,
                               [](const std::shared_ptr<Blob>& blob, const auto& position) {
                                 return std::make_pair(blob->created, blob->sequence % 1'000'000) <
                                        position;
                               });
  HttpResponse response;
  std::string body;
  JsonWriter json(&body);
  json.BeginArray();
  int entries = 0;
  for (; blob != blobs.end() && (*blob)->created < end; ++blob) {
    const absl::Time created = (*blob)->created;
    if (created < now - options_.retention ||
        std::any_of(subscription.gaps.begin(), subscription.gaps.end(), [&](const auto& gap) {
          return created >= gap.first && created < gap.second;
        })) {
      continue;
    }
    if (entries == options_.page_size) {
      response.headers.emplace_back(
          "NextPageUri", absl::StrCat(call.origin, "/api/v1.0/", account.tenant->id,
                                      "/activity/feed/subscriptions/content?contenttype=",
                                      ToAbsl(call.content_type), "&starttime=", LinkTime(start),
                                      "&endtime=", LinkTime(end), "&nextpage=", LongTime(start, 0),
                                      "$", LongTime(created, (*blob)->sequence), "$",
                                      ShardName(call.content_type), "_emea0036"));
      break;
    }
    ++entries;
    for (int copy = 0; copy < (faults_.duplicate_entries ? 2 : 1); ++copy) {
      const std::string uri = faults_.bad_content_uri
                                  ? absl::StrCat("http://localhost/", account.tenant->id,
                                                 "/activity/feed/audit/", (*blob)->id)
                                  : absl::StrCat(call.origin, "/api/v1.0/", account.tenant->id,
                                                 "/activity/feed/audit/", (*blob)->id);
      json.BeginObject().Key("contentUri").Value(uri).Key("contentId").Value((*blob)->id);
      json.Key("contentType").Value((*blob)->content_type);
      json.Key("contentCreated").Value(MillisecondText(created));
      json.Key("contentExpiration")
          .Value(MillisecondText(created + options_.retention))
          .EndObject();
    }
  }
  json.EndArray();
  Count(kKind, "ok");
  response.body = std::make_shared<const std::string>(std::move(body));
  return response;
}

HttpResponse Cloud::Retrieve(Account& account, std::string_view content_id) {
  constexpr RequestKind kKind = RequestKind::kBlob;
  const auto found = account.by_id.find(content_id);
  if (found == account.by_id.end()) {
    return Reject(kKind, 404, "AF20050",
                  absl::StrCat("The specified content (", ToAbsl(content_id), ") does not exist."));
  }
  Blob& blob = *found->second;
  if (blob.expired || blob.created + options_.retention < clock_.Now()) {
    return Reject(kKind, 404, "AF20051",
                  absl::StrCat("Content requested with the key ", blob.id,
                               " has already expired. It can be retrieved no more."));
  }
  HttpResponse response;
  response.body = blob.body;
  if (Hit(faults_.truncated_bodies, faults_.truncated_share)) {
    response.fault = BodyFault::kTruncated;
    Count(kKind, "truncated");
  } else if (Hit(faults_.stalled_bodies, faults_.stalled_share)) {
    response.fault = BodyFault::kStalled;
    response.stall = faults_.stall;
    Count(kKind, "stalled");
  } else {
    if (!blob.served) ++blobs_served_;
    blob.served = true;
    Count(kKind, "ok");
  }
  return response;
}

std::string Cloud::Publish(std::string_view tenant, std::string_view content_type, std::string body,
                           absl::Duration listed_late) {
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  const std::string_view type = KnownContentType(content_type);
  if (account == accounts_.end() || type.empty()) return {};

  auto blob = std::make_shared<Blob>();
  // The time is rounded up to a whole millisecond, and each listing holds the same lock as this
  // function. Therefore, a client that has listed the content up to the current time cannot miss
  // this blob, unless `listed_late` is set.
  blob->created = absl::FromUnixMillis(
      absl::ToUnixMillis(clock_.Now() - listed_late + absl::Microseconds(999)));
  blob->sequence = next_sequence_++;
  const std::string shard = ShardName(type);
  std::string capital = shard;
  if (absl::StartsWith(capital, "audit_")) {
    capital = absl::StrCat("Audit_", std::string(type.substr(6)));
  }
  blob->id =
      absl::StrCat(LongTime(blob->created, blob->sequence), "$",
                   LongTime(blob->created, blob->sequence), "$", shard, "$", capital, "$emea0036");
  blob->content_type = type;
  blob->body = std::make_shared<const std::string>(std::move(body));

  std::deque<std::shared_ptr<Blob>>& blobs = account->second.listed[type];
  // An expired blob releases its body but keeps its id, so that requests for the blob are answered
  // with AF20051.
  while (!blobs.empty() && blobs.front()->created + options_.retention < clock_.Now()) {
    blobs.front()->expired = true;
    blobs.front()->body.reset();
    blobs.pop_front();
  }

  blobs.insert(std::upper_bound(blobs.begin(), blobs.end(), blob,
                                [](const std::shared_ptr<Blob>& a, const std::shared_ptr<Blob>& b) {
                                  return std::make_pair(a->created, a->sequence % 1'000'000) <
                                         std::make_pair(b->created, b->sequence % 1'000'000);
                                }),
               blob);
  account->second.by_id[blob->id] = blob;
  return blob->id;
}

void Cloud::Expire(std::string_view tenant, std::string_view content_id) {
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  if (account == accounts_.end()) return;
  const auto blob = account->second.by_id.find(content_id);
  if (blob != account->second.by_id.end()) blob->second->expired = true;
}

void Cloud::DisableSubscription(std::string_view tenant, std::string_view content_type) {
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  const std::string_view type = KnownContentType(content_type);
  if (account == accounts_.end() || type.empty()) return;
  account->second.subscriptions[type].state = Subscription::State::kDisabled;
}

void Cloud::SetFaults(const Faults& faults) {
  MutexLock lock(mu_);
  faults_ = faults;
}

RequestCounts Cloud::Counts() const {
  MutexLock lock(mu_);
  return counts_;
}

uint64_t Cloud::blobs_published() const {
  MutexLock lock(mu_);
  return next_sequence_;
}

uint64_t Cloud::blobs_served() const {
  MutexLock lock(mu_);
  return blobs_served_;
}

}  // namespace picket::simulator
