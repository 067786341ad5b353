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
#include "simulator/api_request.h"
#include "simulator/content/content_id.h"
#include "simulator/content/published_blob.h"
#include "simulator/content/steady_rows.h"
#include "simulator/fault_answers.h"

namespace picket::simulator {
namespace {

constexpr std::string_view kNoPublisher = "00000000-0000-0000-0000-000000000000";

// Formats a time such as "2026-11-23T08:15:30.120Z".
std::string MillisecondText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", time, absl::UTCTimeZone());
}

// Formats a time for a page link, with seven fractional digits.
std::string LinkTime(absl::Time time) {
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E7SZ", time, absl::UTCTimeZone());
}

std::string DateHeader(absl::Time now) {
  return absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", now, absl::UTCTimeZone());
}

}  // namespace

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
      steady_(options.steady, clock.Now()),
      chance_(SeedFor(options.seed, "faults")),
      tokens_(options.seed, options.token_lifetime, tenants_, chance_) {
  for (const Tenant& tenant : tenants_) {
    accounts_.try_emplace(
        tenant.id, std::make_unique<Account>(
                       Account{&tenant, ContentStore(tenant.id, options_.retention, steady_), {}}));
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
  RunDueFaults();
  ApiRoute route = ParseRoute(request, tenants_);
  FaultHits hits;
  HttpResponse response;
  {
    MutexLock lock(mu_);
    absl::Time now = clock_.Now();
    FaultSubject subject;
    subject.kind = route.kind;
    std::shared_ptr<ContentBlob> blob;
    if (route.tenant != nullptr) {
      now = ServerTime(*route.tenant);
      subject.tenant = route.tenant->id;
      subject.domain = route.tenant->domain;
      if (route.kind == RequestKind::kBlob) {
        blob = accounts_.find(route.tenant->id)->second->content.Find(route.content_id, now);
      }
    }
    if (blob != nullptr) {
      subject.blob = blob->number;
      subject.attempt = blob->attempts++;
      route.content_type = blob->content_type;
    }
    subject.content_type = route.content_type;
    if (!script_.empty() && route.kind != RequestKind::kOther) {
      hits = script_.HitRequest(subject, clock_.Now());
    }
    AnswerValues values;
    values.tenant = subject.tenant;
    values.client = route.tenant == nullptr ? std::string_view() : route.tenant->client_id;
    values.type = subject.content_type;
    values.id = route.content_id;
    values.resource = request.origin;
    const std::string time = absl::FormatTime("%Y-%m-%d %H:%M:%SZ", now, absl::UTCTimeZone());
    values.time = time;
    if (std::optional<FaultAnswer> answer = AnswerInstead(hits, request, values)) {
      Count(route.kind, answer->result);
      response = std::move(answer->response);
    } else if (route.is_openid) {
      response = HandleOpenId(request, route, now);
    } else if (route.kind == RequestKind::kToken) {
      response = HandleToken(request, route, now, hits);
    } else if (route.kind == RequestKind::kOther) {
      Count(RequestKind::kOther, "404");
      response = JsonAnswer(
          404, R"({"Message":"No HTTP resource was found that matches the request URI."})");
    } else {
      response = HandleApi(request, route, now, hits);
    }
    response.headers.emplace_back("Date", DateHeader(now));
  }
  ChangeDelivery(hits, request, response);
  return response;
}

HttpResponse Cloud::HandleToken(const HttpRequest& request, const ApiRoute& route, absl::Time now,
                                const FaultHits& hits) {
  return CountToken(tokens_.Handle(request, route.tenant_in_path, route.v2, now, hits));
}

HttpResponse Cloud::HandleOpenId(const HttpRequest& request, const ApiRoute& route,
                                 absl::Time now) {
  if (route.tenant == nullptr) {
    return CountToken(tokens_.Reject(400, "invalid_tenant", 90002,
                                     absl::StrCat("Tenant '", route.tenant_in_path, "' not found."),
                                     now));
  }
  const bool other_cloud = script_.FindActive(FaultKind::kWrongCloud, route.tenant->id,
                                              route.tenant->domain, clock_.Now()) != nullptr;
  Count(RequestKind::kOther, "ok");
  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("token_endpoint");
  json.Value(absl::StrCat(request.origin, "/", route.tenant->id, "/oauth2/v2.0/token"));
  json.Key("issuer").Value(absl::StrCat(request.origin, "/", route.tenant->id, "/v2.0"));
  json.Key("tenant_region_scope").Value(other_cloud ? "USGov" : "EU");
  json.Key("cloud_instance_name");
  json.Value(other_cloud ? "microsoftonline.us" : "microsoftonline.com").EndObject();
  return JsonAnswer(200, std::move(body));
}

bool Cloud::TryAcquireQuota(const std::string& name, int per_minute, absl::Time now) {
  if (per_minute <= 0) return true;
  const double full = per_minute;
  Bucket& bucket = buckets_.try_emplace(name, Bucket{full, now}).first->second;
  const double minutes = absl::FDivDuration(now - bucket.filled, absl::Minutes(1));
  bucket.tokens = std::min(full, bucket.tokens + full * std::max(0.0, minutes));
  bucket.filled = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

HttpResponse Cloud::HandleApi(const HttpRequest& request, const ApiRoute& route, absl::Time now,
                              const FaultHits& hits) {
  const RequestKind kind = route.kind;
  Call call;
  call.origin = request.origin;
  call.tenant_in_path = route.tenant_in_path;
  call.parameters = route.parameters;

  constexpr std::string_view kBearer = "Bearer ";
  std::optional<AccessToken> token;
  if (absl::StartsWithIgnoreCase(request.authorization, ToAbsl(kBearer))) {
    token = tokens_.Check(std::string_view(request.authorization).substr(kBearer.size()), now);
  }
  if (!token.has_value() || !IsApiAudience(token->audience, request.origin)) {
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
  const auto found = accounts_.find(token->tenant);
  if (found == accounts_.end()) {
    return Reject(kind, 400, "AF20011",
                  absl::StrCat("Specified tenant ID (", token->tenant,
                               ") does not exist in the system or has been deleted."));
  }
  Account& account = *found->second;

  const std::string* const publisher = FindParameter(call.parameters, "PublisherIdentifier");
  const bool has_publisher = publisher != nullptr && IsGuid(*publisher);
  if (options_.strict && !has_publisher) {
    return Reject(kind, 400, "AF20001", "Missing parameter: PublisherIdentifier.");
  }
  int quota = options_.quota_per_minute;
  if (const Fault* const fault = hits.Find(FaultKind::kQuota)) {
    quota = static_cast<int>(fault->number);
  }
  if (!TryAcquireQuota(has_publisher ? account.tenant->id : std::string(), quota, now)) {
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
  if (kind == RequestKind::kBlob) return Retrieve(account, route, now, hits);

  if (type == nullptr) {
    return Reject(kind, 400, "AF20001", "Missing parameter: contentType.");
  }
  call.content_type = KnownContentType(*type);
  if (call.content_type.empty()) {
    return Reject(kind, 400, "AF20020",
                  absl::StrCat("The specified content type '", *type, "' is not valid."));
  }
  if (kind == RequestKind::kStart) return Start(account, call, now, hits);
  if (kind == RequestKind::kStop) return Stop(account, call, now);
  return ListContent(account, call, now, hits);
}

HttpResponse Cloud::Start(Account& account, const Call& call, absl::Time now,
                          const FaultHits& hits) {
  Subscription& subscription = account.subscriptions[call.content_type];
  if (const Fault* const rule = hits.Find(FaultKind::kStartRule)) {
    const absl::Time last = subscription.last_start;
    subscription.last_start = now;
    if (now - last < rule->duration) {
      Count(RequestKind::kStart, "too-soon");
      return JsonAnswer(400,
                        R"({"Message":"A subscription can be started only once in 15 minutes."})");
    }
  }
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

HttpResponse Cloud::ListContent(Account& account, const Call& call, absl::Time now,
                                const FaultHits& hits) {
  constexpr RequestKind kKind = RequestKind::kContent;
  if (options_.strict) {
    if (const std::optional<std::string> changed = ChangedParameter(call.parameters)) {
      return Reject(kKind, 400, "AF20031",
                    absl::StrCat("The page link was changed: parameter '", *changed,
                                 "' was served as '", LowerAscii(*changed), "'."));
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

  const ListingRequest listing = ParseListing(call.parameters, call.content_type, now);
  if (!listing.fault.code.empty()) {
    return Reject(kKind, 400, listing.fault.code, listing.fault.message);
  }
  const bool has_token = FindParameter(call.parameters, "nextPage") != nullptr;
  if (has_token && hits.Find(FaultKind::kStaleLink) != nullptr) {
    return Reject(kKind, 400, "AF20055", kWindowRule);
  }
  if (has_token && hits.Find(FaultKind::kBadLink) != nullptr) {
    return Reject(kKind, 400, "AF20031", "Invalid nextPage input.");
  }
  const absl::Time start = listing.start;
  const absl::Time end = listing.end;
  const Fault* const bad_uri = hits.Find(FaultKind::kBadUri);
  const Fault* const expiration = hits.Find(FaultKind::kExpiration);
  const int copies = hits.Find(FaultKind::kDuplicateEntries) != nullptr ? 2 : 1;
  HttpResponse response;
  std::string body;
  JsonWriter json(&body);
  json.BeginArray();
  int entries = 0;
  account.content.Visit(
      call.content_type, listing.position, end, now, [&](const ContentBlob& blob) {
        const absl::Time created = blob.created;
        if (std::any_of(subscription.gaps.begin(), subscription.gaps.end(), [&](const auto& gap) {
              return created >= gap.first && created < gap.second;
            })) {
          return true;
        }
        if (entries == options_.page_size) {
          response.headers.emplace_back(
              "NextPageUri",
              absl::StrCat(
                  call.origin, "/api/v1.0/", account.tenant->id,
                  "/activity/feed/subscriptions/content?contenttype=", ToAbsl(call.content_type),
                  "&starttime=", LinkTime(start), "&endtime=", LinkTime(end),
                  "&nextpage=", LongTime(start, 0), "$", LongTime(created, blob.sequence), "$",
                  ShardName(call.content_type), "_emea0036"));
          return false;
        }
        ++entries;
        for (int copy = 0; copy < copies; ++copy) {
          json.BeginObject().Key("contentUri");
          json.Value(ContentUri(bad_uri, call.origin, account.tenant->id, blob.id));
          json.Key("contentId").Value(blob.id).Key("contentType").Value(blob.content_type);
          json.Key("contentCreated").Value(MillisecondText(created));
          const std::optional<std::string> expires =
              ExpirationText(expiration, created, MillisecondText(created + options_.retention));
          if (expires.has_value()) json.Key("contentExpiration").Value(*expires);
          json.EndObject();
        }
        return true;
      });
  json.EndArray();
  Count(kKind, "ok");
  response.body = std::make_shared<const std::string>(std::move(body));
  ChangeContent(hits, absl::InfiniteDuration(), 0, response);
  return response;
}

HttpResponse Cloud::Retrieve(Account& account, const ApiRoute& route, absl::Time now,
                             const FaultHits& hits) {
  constexpr RequestKind kKind = RequestKind::kBlob;
  const std::shared_ptr<ContentBlob> blob = account.content.Find(route.content_id, now);
  if (blob == nullptr && !account.content.IsForgotten(route.content_id, now)) {
    return Reject(kKind, 404, "AF20050",
                  absl::StrCat("The specified content (", route.content_id, ") does not exist."));
  }
  if (blob == nullptr || blob->expired || blob->created + options_.retention < now) {
    return Reject(kKind, 404, "AF20051",
                  absl::StrCat("Content requested with the key ", route.content_id,
                               " has already expired. It can be retrieved no more."));
  }
  HttpResponse response;
  if (blob->large.has_value()) {
    response.source = [large = *blob->large] { return MakeLargeSource(large); };
    response.source_bytes = LengthOf(*blob->large);
  } else if (blob->steady.has_value()) {
    response.body = std::make_shared<const std::string>(
        steady_.Body(account.tenant->id, blob->content_type, *blob->steady));
  } else {
    response.body = blob->body;
  }
  const std::string_view fault = ChangeContent(hits, now - blob->created, blob->attempts, response);
  if (fault.empty()) {
    if (!blob->served) ++blobs_served_;
    blob->served = true;
  }
  Count(kKind, fault.empty() ? "ok" : fault);
  return response;
}

absl::Time Cloud::ServerTime(const Tenant& tenant) const {
  const absl::Time now = clock_.Now();
  return now + script_.ClockSkew(tenant.id, tenant.domain, now);
}

ContentBlob* Cloud::AddBlob(Account& account, std::string_view type, absl::Duration listed_late) {
  // The time is rounded up to a whole millisecond, and each listing holds the same lock as this
  // function. Therefore, a client that has listed the content up to the current time cannot miss
  // this blob, unless `listed_late` is set.
  const absl::Time now = ServerTime(*account.tenant);
  const absl::Time created =
      absl::FromUnixMillis(absl::ToUnixMillis(now - listed_late + absl::Microseconds(999)));
  return &account.content.Add(type, created, next_number_++, now);
}

void Cloud::LogBlob(const Account& account, const ContentBlob& blob,
                    std::vector<RecordDigest> records, uint64_t bytes) {
  if (log_ == nullptr) return;
  PublishedBlob row;
  row.tenant = account.tenant->id;
  row.content_type = std::string(blob.content_type);
  row.content_id = blob.id;
  row.created = blob.created;
  row.bytes = bytes;
  row.records = std::move(records);
  log_->Append(PublishedRow(row));
}

std::string Cloud::PublishBody(Account& account, std::string_view type,
                               std::shared_ptr<const std::string> body,
                               absl::Duration listed_late) {
  ContentBlob* const blob = AddBlob(account, type, listed_late);
  blob->body = std::move(body);
  if (log_ != nullptr) {
    LogBlob(account, *blob, DigestsOf(*blob->body), blob->body->size());
  }
  return blob->id;
}

std::string Cloud::Publish(std::string_view tenant, std::string_view content_type, std::string body,
                           absl::Duration listed_late) {
  RunDueFaults();
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  const std::string_view type = KnownContentType(content_type);
  if (account == accounts_.end() || type.empty()) return {};
  const auto shared = std::make_shared<const std::string>(std::move(body));
  if (!script_.empty()) {
    FaultSubject subject;
    subject.tenant = account->second->tenant->id;
    subject.domain = account->second->tenant->domain;
    subject.content_type = type;
    subject.blob = next_number_;
    const absl::Time now = clock_.Now();
    const FaultHits hits = script_.HitPublication(subject, now);
    if (const Fault* const late = hits.Find(FaultKind::kListedLate)) {
      listed_late += late->duration * chance_.Share();
    }
    if (const Fault* const again = hits.Find(FaultKind::kRepublish)) {
      copies_.emplace(now + again->duration,
                      Republication{account->second->tenant->id, type, shared});
    }
  }
  return PublishBody(*account->second, type, shared, listed_late);
}

std::string Cloud::PublishLarge(std::string_view content_type, const LargeContent& content) {
  const std::string_view type = KnownContentType(content_type);
  // Computes the digests without the lock, because this takes seconds for a large blob.
  RecordDigester digester;
  std::vector<RecordDigest> records;
  const std::unique_ptr<BodySource> source = MakeLargeSource(content);
  for (std::string_view piece = source->Next(); !piece.empty(); piece = source->Next()) {
    digester.Add(piece);
    for (RecordDigest& digest : digester.Take()) records.push_back(std::move(digest));
  }
  MutexLock lock(mu_);
  const auto account = accounts_.find(content.tenant);
  if (account == accounts_.end() || type.empty()) return {};
  ContentBlob* const blob = AddBlob(*account->second, type, absl::ZeroDuration());
  blob->large = content;
  LogBlob(*account->second, *blob, std::move(records), LengthOf(content));
  return blob->id;
}

void Cloud::PublishCopies(absl::Time now) {
  while (!copies_.empty() && copies_.begin()->first <= now) {
    const Republication copy = std::move(copies_.begin()->second);
    copies_.erase(copies_.begin());
    PublishBody(*accounts_.find(copy.tenant)->second, copy.content_type, copy.body,
                absl::ZeroDuration());
  }
}

void Cloud::RunDueFaults() {
  std::vector<Fault> begun;
  {
    MutexLock lock(mu_);
    const absl::Time now = clock_.Now();
    PublishCopies(now);
    if (script_.empty()) return;
    begun = script_.TakeBegun(now);
  }
  for (const Fault& fault : begun) RunBegunFault(fault);
}

std::vector<Cloud::Account*> Cloud::AccountsOf(const Fault& fault) {
  std::vector<Account*> accounts;
  for (const Tenant& tenant : tenants_) {
    if (fault.tenant.empty() || EqualsIgnoreCase(fault.tenant, tenant.id) ||
        EqualsIgnoreCase(fault.tenant, tenant.domain)) {
      accounts.push_back(accounts_.find(tenant.id)->second.get());
    }
  }
  return accounts;
}

void Cloud::RunBegunFault(const Fault& fault) {
  std::vector<Account*> accounts;
  {
    MutexLock lock(mu_);
    accounts = AccountsOf(fault);
  }
  const bool is_blob = fault.kind == FaultKind::kBigBlob || fault.kind == FaultKind::kRandomBlob;
  for (Account* const account : accounts) {
    if (is_blob) {
      LargeContent content;
      content.tenant = account->tenant->id;
      content.seed = SeedFor(fault.seed, account->tenant->domain);
      content.bytes = static_cast<uint64_t>(fault.number);
      content.random = fault.kind == FaultKind::kRandomBlob;
      PublishLarge(fault.content_type.empty() ? kExchange : std::string_view(fault.content_type),
                   content);
      continue;
    }
    MutexLock lock(mu_);
    const absl::Time now = ServerTime(*account->tenant);
    for (const std::string_view type : kAllContentTypes) {
      if (!fault.content_type.empty() && fault.content_type != type) continue;
      Subscription& subscription = account->subscriptions[type];
      if (subscription.state != Subscription::State::kEnabled) continue;
      if (fault.kind == FaultKind::kDisable) {
        subscription.state = Subscription::State::kDisabled;
      } else {
        subscription.state = Subscription::State::kStopped;
        subscription.gaps.emplace_back(now, absl::InfiniteFuture());
      }
    }
  }
}

void Cloud::Expire(std::string_view tenant, std::string_view content_id) {
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  if (account == accounts_.end()) return;
  const std::shared_ptr<ContentBlob> blob =
      account->second->content.Find(content_id, ServerTime(*account->second->tenant));
  if (blob != nullptr) blob->expired = true;
}

void Cloud::DisableSubscription(std::string_view tenant, std::string_view content_type) {
  MutexLock lock(mu_);
  const auto account = accounts_.find(tenant);
  const std::string_view type = KnownContentType(content_type);
  if (account == accounts_.end() || type.empty()) return;
  account->second->subscriptions[type].state = Subscription::State::kDisabled;
}

absl::StatusOr<uint64_t> Cloud::AddFault(const Fault& fault) {
  if (!fault.tenant.empty() && FindTenant(tenants_, fault.tenant) == nullptr) {
    std::vector<std::string> domains;
    for (size_t i = 0; i < tenants_.size() && i < 10; ++i) domains.push_back(tenants_[i].domain);
    return absl::InvalidArgumentError(absl::StrCat(
        "fault \"", FaultText(fault), "\": invalid tenant \"", fault.tenant,
        "\"; allowed: the id or the domain of a tenant: ", absl::StrJoin(domains, ", "),
        tenants_.size() > 10 ? absl::StrCat(" and ", tenants_.size() - 10, " more") : ""));
  }
  MutexLock lock(mu_);
  return script_.Add(fault, clock_.Now());
}

bool Cloud::RemoveFault(uint64_t id) {
  MutexLock lock(mu_);
  return script_.Remove(id);
}

void Cloud::ClearFaults() {
  MutexLock lock(mu_);
  script_.Clear();
}

std::vector<FaultScript::Entry> Cloud::ListFaults() const {
  MutexLock lock(mu_);
  return script_.List(clock_.Now());
}

void Cloud::SetFaults(const Faults& faults) {
  MutexLock lock(mu_);
  for (const uint64_t id : short_faults_) script_.Remove(id);
  short_faults_.clear();
  const absl::Time now = clock_.Now();
  const auto add = [&](Fault fault) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    fault.seed = options_.seed;
    short_faults_.push_back(script_.Add(std::move(fault), now));
  };
  const auto add_count = [&](Fault fault, int count) {
    fault.count = count;
    if (count > 0) add(std::move(fault));
  };
  const auto add_share = [&](Fault fault, double share) {
    fault.share = share;
    if (share > 0) add(std::move(fault));
  };
  Fault internal = MakeFault(FaultKind::kAf, "AF50000");
  const Fault edge = MakeFault(FaultKind::kHtml, "503");
  const Fault cut = MakeFault(FaultKind::kCut);
  Fault stall = MakeFault(FaultKind::kStall);
  stall.duration = faults.stall;
  stall.value = SpanText(faults.stall);
  add_count(edge, faults.edge_errors);
  add_count(internal, faults.server_errors);
  add_count(cut, faults.truncated_bodies);
  add_count(stall, faults.stalled_bodies);
  add_share(internal, faults.server_error_share);
  add_share(cut, faults.truncated_share);
  add_share(stall, faults.stalled_share);
  if (faults.bad_content_uri) add(MakeFault(FaultKind::kBadUri));
  if (faults.duplicate_entries) add(MakeFault(FaultKind::kDuplicateEntries));
}

void Cloud::SetPublishLog(PublishLog* log) {
  MutexLock lock(mu_);
  log_ = log;
}

std::unique_ptr<BodySource> Cloud::SteadyRows(absl::Time from, absl::Time to) const {
  std::vector<std::string> tenants;
  for (const Tenant& tenant : tenants_) tenants.push_back(tenant.id);
  return simulator::SteadyRows(steady_, std::move(tenants), from, to);
}

RequestCounts Cloud::Counts() const {
  MutexLock lock(mu_);
  return counts_;
}

uint64_t Cloud::blobs_published() const {
  MutexLock lock(mu_);
  return next_number_;
}

uint64_t Cloud::blobs_served() const {
  MutexLock lock(mu_);
  return blobs_served_;
}

}  // namespace picket::simulator
