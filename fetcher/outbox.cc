#include "fetcher/outbox.h"

#include "common/json_writer.h"
#include "common/strings.h"
#include "m365/api_time.h"

namespace picket::fetcher {
namespace {

std::string Key(const std::string& tenant, const std::string& content_type, const char* kind,
                absl::Time start) {
  return absl::StrCat(tenant, "|", content_type, "|", kind, "|", m365::FormatApiTime(start));
}

JsonWriter& Head(JsonWriter& json, const std::string& tenant, const std::string& content_type,
                 const char* kind) {
  json.BeginObject().Key("tenant").Value(tenant).Key("content_type").Value(content_type);
  return json.Key("kind").Value(kind);
}

}  // namespace

CoverageRow GapRow(const std::string& tenant, const std::string& content_type, const Gap& gap,
                   const std::optional<LostContent>& lost) {
  CoverageRow row;
  row.key = Key(tenant, content_type, "gap", gap.from);
  if (lost.has_value()) absl::StrAppend(&row.key, "|", lost->id);
  JsonWriter json(&row.value);
  Head(json, tenant, content_type, "gap").Key("from").Value(m365::FormatApiTime(gap.from));
  json.Key("to").Value(m365::FormatApiTime(gap.to)).Key("reason").Value(gap.reason);
  if (lost.has_value()) {
    json.Key("content_id").Value(lost->id).Key("ended_by").Value(lost->ended_by);
  }
  json.EndObject();
  return row;
}

CoverageRow SubscriptionRow(const std::string& tenant, const std::string& content_type,
                            absl::Time at, const std::string& state) {
  CoverageRow row;
  row.key = Key(tenant, content_type, "subscription", at);
  JsonWriter json(&row.value);
  Head(json, tenant, content_type, "subscription").Key("from").Value(m365::FormatApiTime(at));
  json.Key("state").Value(state).EndObject();
  return row;
}

CoverageRow HealthRow(const std::string& tenant, const std::string& content_type, absl::Time at,
                      const std::string& state, const std::string& reason) {
  CoverageRow row;
  row.key = Key(tenant, content_type, "health", at);
  JsonWriter json(&row.value);
  Head(json, tenant, content_type, "health").Key("from").Value(m365::FormatApiTime(at));
  json.Key("state").Value(state);
  if (!reason.empty()) json.Key("reason").Value(reason);
  json.EndObject();
  return row;
}

CoverageRow CompletenessRow(const std::string& tenant, const std::string& content_type,
                            absl::Time from, absl::Time to, int64_t listed, int64_t missed) {
  CoverageRow row;
  row.key = Key(tenant, content_type, "window", from);
  JsonWriter json(&row.value);
  Head(json, tenant, content_type, "window").Key("from").Value(m365::FormatApiTime(from));
  json.Key("to").Value(m365::FormatApiTime(to)).Key("listed").Value(listed);
  json.Key("missed_before").Value(missed).EndObject();
  return row;
}

}  // namespace picket::fetcher
