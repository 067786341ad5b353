#include "simulator/fault_answers.h"

#include <algorithm>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/stable_hash.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_splitter.h"
#include "simulator/content/large_content.h"

namespace picket::simulator {
namespace {

constexpr char kHttpTime[] = "%a, %d %b %Y %H:%M:%S GMT";

FaultAnswer Html(int status) {
  FaultAnswer answer;
  answer.response = JsonAnswer(
      status, absl::StrCat("<!DOCTYPE html><html><head><title>", status,
                           "</title></head><body><h2>Our services aren't available right now</h2>"
                           "<p>We're working to restore all services as soon as possible.</p>"
                           "</body></html>"));
  answer.response.content_type = "text/html";
  answer.result = status == 200 ? "html" : absl::StrCat(status);
  return answer;
}

FaultAnswer Literal(int status, std::string body, std::string result) {
  return {JsonAnswer(status, std::move(body)), std::move(result)};
}

// Returns an answer that repeats the request, as some servers and proxies do to help developers.
FaultAnswer Echo(int status, const HttpRequest& request) {
  std::string text = "unexpected request: ";
  absl::StrAppend(&text, request.method, " ", request.target);
  if (!request.authorization.empty()) {
    absl::StrAppend(&text, "; Authorization: ", request.authorization);
  }
  for (const auto& [name, value] : request.headers) {
    if (!EqualsIgnoreCase(name, "Authorization")) {
      absl::StrAppend(&text, "; ", name, ": ", value);
    }
  }
  if (!request.body.empty()) absl::StrAppend(&text, "; body: ", request.body);
  std::string body;
  JsonWriter json(&body);
  json.BeginObject().Key("error").BeginObject().Key("code").Value("AF50000");
  json.Key("message").Value(text).EndObject().EndObject();
  return Literal(status, std::move(body), "echo");
}

std::vector<std::string_view> RecordsOf(std::string_view array) {
  std::vector<std::string_view> records;
  JsonArraySplitter splitter(array);
  while (const std::optional<std::string_view> record = splitter.Next()) records.push_back(*record);
  return records;
}

std::string ArrayOf(const std::vector<std::string_view>& records, size_t count) {
  std::string array = "[";
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) array += ",";
    array += records[i];
  }
  return array + "]";
}

// Returns the array with the members of each record in another order.
std::string Shuffled(std::string_view array, uint64_t seed) {
  std::string out = "[";
  for (const std::string_view record : RecordsOf(array)) {
    if (out.size() > 1) out += ",";
    std::vector<std::pair<uint64_t, std::string>> members;
    JsonMembers each(record);
    while (each.Next()) {
      const std::string member =
          absl::StrCat("\"", ToAbsl(each.name()), "\":", ToAbsl(each.value()));
      members.emplace_back(StableHash(member, seed), member);
    }
    if (members.empty()) {
      out += record;
      continue;
    }
    std::sort(members.begin(), members.end());
    out += "{";
    for (size_t i = 0; i < members.size(); ++i) {
      if (i > 0) out += ",";
      out += members[i].second;
    }
    out += "}";
  }
  return out + "]";
}

void SetBody(HttpResponse& response, std::string body) {
  response.source = nullptr;
  response.source_bytes.reset();
  response.body = std::make_shared<const std::string>(std::move(body));
}

}  // namespace

std::optional<FaultAnswer> AnswerInstead(const FaultHits& hits, const HttpRequest& request,
                                         const AnswerValues& values) {
  const Fault* const fault = hits.Exclusive();
  if (fault == nullptr) return std::nullopt;
  const int status = static_cast<int>(fault->number);
  switch (fault->kind) {
    case FaultKind::kHtml:
      return Html(status);
    case FaultKind::kEmpty:
      return Literal(status, "", status == 200 ? "empty" : absl::StrCat(status));
    case FaultKind::kPlain:
      return Literal(status, R"({"Message":"The request could not be processed."})",
                     status == 200 ? "plain" : absl::StrCat(status));
    case FaultKind::kNull:
      return Literal(200, "null", "null");
    case FaultKind::kErrorObject:
      return Literal(
          200,
          R"({"error":{"code":"AF50000","message":"An internal error occurred. Retry the request."}})",
          "error-object");
    case FaultKind::kAf: {
      const ErrorAnswer* const answer = FindAfAnswer(fault->value);
      return Literal(answer->status, FillAnswer(answer->body, values), std::string(answer->code));
    }
    case FaultKind::kAadsts: {
      const ErrorAnswer* const answer = FindAadstsAnswer(fault->value);
      return Literal(answer->status, FillAnswer(answer->body, values),
                     absl::StrCat("AADSTS", ToAbsl(answer->code)));
    }
    case FaultKind::kThrottle:
      return Literal(status, FillAnswer(FindAfAnswer("AF429")->body, values), "AF429");
    case FaultKind::kDenied:
      return Literal(401, R"({"Message":"Authorization has been denied for this request."})",
                     "401");
    case FaultKind::kAuditingOff:
      return Literal(
          400,
          absl::StrCat(
              R"({"error":{"code":"StartSubscription [CorrId=00000000-0000-0000-0000-000000000000] [TenantId=)",
              ToAbsl(values.tenant), R"(]","message":"DataServiceException: Tenant )",
              ToAbsl(values.tenant), R"( does not exist."}})"),
          "DataServiceException");
    case FaultKind::kEcho:
      return Echo(status, request);
    default:
      return std::nullopt;
  }
}

std::string_view ChangeContent(const FaultHits& hits, absl::Duration age, uint64_t attempt,
                               HttpResponse& response) {
  std::string_view wrong;
  if (const Fault* const partial = hits.Find(FaultKind::kPartial);
      partial != nullptr && age < partial->duration) {
    const std::string body = WholeBody(response);
    const std::vector<std::string_view> records = RecordsOf(body);
    SetBody(response, ArrayOf(records, records.size() / 2));
    wrong = "partial";
  }
  if (hits.Find(FaultKind::kShuffle) != nullptr) {
    SetBody(response, Shuffled(WholeBody(response), attempt + 1));
  }
  if (const Fault* const drip = hits.Find(FaultKind::kDrip)) {
    response.bytes_per_second = drip->number;
  }
  const Fault* const fault = hits.Exclusive();
  if (fault == nullptr) return wrong;
  switch (fault->kind) {
    case FaultKind::kSingleObject: {
      const std::string body = WholeBody(response);
      const std::vector<std::string_view> records = RecordsOf(body);
      SetBody(response, records.empty() ? "{}" : std::string(records.front()));
      return "single-object";
    }
    case FaultKind::kShortBody: {
      std::string body = WholeBody(response);
      body.resize(body.size() / 2);
      SetBody(response, std::move(body));
      return "short-body";
    }
    case FaultKind::kCut:
      response.fault = BodyFault::kTruncated;
      return "truncated";
    case FaultKind::kStall:
      response.fault = BodyFault::kStalled;
      response.stall = fault->duration;
      return "stalled";
    case FaultKind::kEndless: {
      LargeContent endless;
      endless.tenant = "00000000-0000-0000-0000-000000000000";
      endless.seed = fault->seed;
      response.body = nullptr;
      response.source = [endless] { return MakeLargeSource(endless); };
      response.source_bytes.reset();
      response.bytes_per_second = fault->number;
      return "endless";
    }
    case FaultKind::kGzipBomb: {
      const auto bytes = static_cast<uint64_t>(fault->number);
      response.body = nullptr;
      response.source = [bytes] { return MakeBombSource(bytes); };
      response.source_bytes.reset();
      SetHeader(response, "Content-Encoding", "gzip");
      return "gzip-bomb";
    }
    default:
      return wrong;
  }
}

void ChangeDelivery(const FaultHits& hits, const HttpRequest& request, HttpResponse& response) {
  if (const Fault* const date = hits.Find(FaultKind::kDate)) {
    if (date->value == "none") {
      RemoveHeader(response, "Date");
    } else if (date->value == "2038") {
      SetHeader(response, "Date", "Tue, 19 Jan 2038 03:14:07 GMT");
    } else if (date->value == "0001") {
      SetHeader(response, "Date", "Mon, 01 Jan 0001 00:00:00 GMT");
    } else if (date->value == "garbage") {
      SetHeader(response, "Date", "yesterday");
    } else {
      absl::Time time;
      std::string error;
      absl::ParseTime(absl::RFC3339_full, date->value, &time, &error);
      SetHeader(response, "Date", absl::FormatTime(kHttpTime, time, absl::UTCTimeZone()));
    }
  }
  if (const Fault* const retry = hits.Find(FaultKind::kRetryAfter);
      retry != nullptr && response.status >= 400) {
    SetHeader(response, "Retry-After", absl::StrCat(absl::ToInt64Seconds(retry->duration)));
  }
  if (const Fault* const delay = hits.Find(FaultKind::kDelay)) response.delay = delay->duration;
  if (hits.Find(FaultKind::kGzip) != nullptr && response.source == nullptr &&
      response.body != nullptr && !response.body->empty() &&
      FindHeader(request, "Accept-Encoding").find("gzip") != std::string_view::npos) {
    SetBody(response, Gzip(*response.body));
    SetHeader(response, "Content-Encoding", "gzip");
  }
}

std::optional<std::string> ExpirationText(const Fault* fault, absl::Time created,
                                          std::string normal) {
  if (fault == nullptr) return normal;
  if (fault->value == "none") return std::nullopt;
  if (fault->value == "0001") return "0001-01-01T00:00:00";
  if (fault->value == "garbage") return "soon";
  if (fault->duration == absl::ZeroDuration()) return fault->value;
  return absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", created + fault->duration, absl::UTCTimeZone());
}

std::string ContentUri(const Fault* fault, std::string_view origin, std::string_view tenant,
                       std::string_view content_id) {
  const auto uri = [&](std::string_view host, std::string_view version,
                       std::string_view tenant_in_path) {
    return absl::StrCat(ToAbsl(host), ToAbsl(version), ToAbsl(tenant_in_path),
                        "/activity/feed/audit/", ToAbsl(content_id));
  };
  constexpr std::string_view kVersion = "/api/v1.0/";
  if (fault == nullptr) return uri(origin, kVersion, tenant);
  if (fault->value == "http") return uri("http://manage.office.com", kVersion, tenant);
  if (fault->value == "no-version") return uri(origin, "/", tenant);
  if (fault->value == "foreign-tenant") {
    return uri(origin, kVersion, "00000000-0000-4000-8000-00000000f0e1");
  }
  if (fault->value == "foreign-host") return uri("https://content.example", kVersion, tenant);
  return uri("http://localhost", "/", tenant);
}

}  // namespace picket::simulator
