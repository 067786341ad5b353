#include "simulator/content/steady_content.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/stable_hash.h"
#include "common/strings.h"
#include "simulator/content/content_id.h"

namespace picket::simulator {
namespace {

// Blobs have a sequence number from 0 to 999,999 in their ids. Published content uses the lower
// half of the range and steady content the upper half, so that the ids differ.
constexpr uint64_t kFirstSequence = 500'000;

std::string_view WorkloadOf(std::string_view type) {
  if (type == "Audit.AzureActiveDirectory") return "AzureActiveDirectory";
  if (type == "Audit.Exchange") return "Exchange";
  if (type == "Audit.SharePoint") return "SharePoint";
  return "SecurityComplianceCenter";
}

}  // namespace

SteadyContent::SteadyContent(const SteadyOptions& options, absl::Time start)
    : options_(options),
      begin_(absl::FromUnixMillis(absl::ToUnixMillis(start - options.backlog))),
      interval_ms_(std::max<int64_t>(1, absl::ToInt64Milliseconds(options.interval))) {}

int64_t SteadyContent::FirstMs(std::string_view tenant, std::string_view type) const {
  const uint64_t hash = StableHash(type, StableHash(tenant, options_.seed));
  return absl::ToUnixMillis(begin_) +
         static_cast<int64_t>(hash % static_cast<uint64_t>(interval_ms_));
}

absl::Time SteadyContent::Created(std::string_view tenant, std::string_view type,
                                  uint64_t number) const {
  return absl::FromUnixMillis(FirstMs(tenant, type) + static_cast<int64_t>(number) * interval_ms_);
}

uint64_t SteadyContent::FirstAt(std::string_view tenant, std::string_view type,
                                absl::Time time) const {
  // Rounds up, because blobs are created at the beginning of a millisecond.
  const int64_t ms = absl::ToUnixMillis(time + absl::Milliseconds(1) - absl::Nanoseconds(1));
  const int64_t since = ms - FirstMs(tenant, type);
  return since <= 0 ? 0 : static_cast<uint64_t>((since + interval_ms_ - 1) / interval_ms_);
}

std::string SteadyContent::Id(std::string_view tenant, std::string_view type,
                              uint64_t number) const {
  return ContentId(type, Created(tenant, type, number), kFirstSequence + number % kFirstSequence);
}

std::optional<uint64_t> SteadyContent::Find(std::string_view tenant, std::string_view type,
                                            std::string_view id, absl::Time now) const {
  uint64_t sequence = 0;
  const std::optional<absl::Time> created = ParseLongTime(id.substr(0, id.find('$')), sequence);
  if (!enabled() || !created.has_value() || *created > now || *created < begin_) {
    return std::nullopt;
  }
  const uint64_t number = FirstAt(tenant, type, *created);
  if (Id(tenant, type, number) != id) return std::nullopt;
  return number;
}

std::string SteadyContent::Body(std::string_view tenant, std::string_view type,
                                uint64_t number) const {
  uint64_t hash = StableHash(type, StableHash(tenant, options_.seed) + number);
  const int records =
      1 + static_cast<int>(hash % static_cast<uint64_t>(std::max(1, 2 * options_.records - 1)));
  const std::string time = absl::FormatTime(
      "%Y-%m-%dT%H:%M:%S", Created(tenant, type, number) - absl::Minutes(20), absl::UTCTimeZone());
  std::string body = "[";
  for (int i = 0; i < records; ++i) {
    hash = StableHash("record", hash + static_cast<uint64_t>(i));
    const uint64_t other = StableHash("other half", hash);
    absl::StrAppend(
        &body, i == 0 ? "" : ",", R"({"CreationTime":")", time, R"(","Id":")",
        absl::StrFormat("%08x-%04x-4%03x-8%03x-%012x", hash >> 32, (hash >> 16) & 0xffff,
                        hash & 0xfff, other & 0xfff, other >> 16),
        R"(","Operation":"FileAccessed","OrganizationId":")", ToAbsl(tenant),
        R"(","RecordType":6,"ResultStatus":"Succeeded","UserKey":"i:0h.f|membership|)",
        absl::Hex(hash >> 32, absl::kZeroPad8),
        R"(@live.com","UserType":0,"Version":1,"Workload":")", ToAbsl(WorkloadOf(type)),
        R"(","ClientIP":"192.0.2.)", other % 250 + 1, R"(","UserId":"user)", hash % 500,
        R"(@steady.example","ObjectId":"https://steady.sharepoint.example/sites/team)", other % 40,
        "/Shared Documents/report-", hash % 100000,
        R"(.docx","SiteUrl":"https://steady.sharepoint.example/sites/team)", other % 40,
        R"(/","SourceFileExtension":"docx","EventSource":"SharePoint"})");
  }
  body += "]";
  return body;
}

}  // namespace picket::simulator
