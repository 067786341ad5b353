#include "detector/alert.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "common/version.h"
#include "detector/matching/matcher.h"
#include "json/json_members.h"
#include "sigma/attack.h"
#include "simdjson.h"

namespace picket::detector {
namespace {

constexpr size_t kMaxValueBytes = 1024;  // of a matched value
constexpr size_t kMaxMatched = 64;       // matched fields
constexpr size_t kMaxResources = 8;

struct Severity {
  int id;
  std::string_view name;
};

Severity SeverityOf(sigma::Level level) {
  switch (level) {
    case sigma::Level::kInformational:
      return {1, "Informational"};
    case sigma::Level::kLow:
      return {2, "Low"};
    case sigma::Level::kMedium:
      return {3, "Medium"};
    case sigma::Level::kHigh:
      return {4, "High"};
    case sigma::Level::kCritical:
      return {5, "Critical"};
  }
  return {0, "Unknown"};
}

void WriteNamed(JsonWriter& json, std::string_view uid, std::string_view name) {
  json.BeginObject();
  if (!name.empty()) json.Key("name").Value(name);
  if (!uid.empty()) json.Key("uid").Value(uid);
  json.EndObject();
}

// One entry a technique and tactic; a technique alone where the tags name no tactic.
void WriteAttacks(JsonWriter& json, const sigma::AttackTags& tags) {
  json.BeginArray();
  const auto write = [&json](std::string_view uid, const sigma::AttackTactic* tactic) {
    json.BeginObject();
    if (tactic != nullptr) {
      json.Key("tactic");
      WriteNamed(json, tactic->uid, tactic->name);
    }
    if (!uid.empty()) {
      const std::string_view technique = uid.substr(0, uid.find('.'));
      json.Key("technique");
      WriteNamed(json, technique, sigma::TechniqueName(technique));
      if (technique != uid) {
        json.Key("sub_technique");
        WriteNamed(json, uid, sigma::TechniqueName(uid));
      }
    }
    json.EndObject();
  };
  if (tags.techniques.empty()) {
    for (const sigma::AttackTactic* tactic : tags.tactics) write("", tactic);
  }
  for (const std::string& technique : tags.techniques) {
    if (tags.tactics.empty()) write(technique, nullptr);
    for (const sigma::AttackTactic* tactic : tags.tactics) write(technique, tactic);
  }
  json.EndArray();
}

std::string DurationText(absl::Duration duration) {
  const int64_t secs = absl::ToInt64Seconds(duration);
  for (const auto& [unit, name] :
       {std::pair<int64_t, const char*>{86400, "d"}, {3600, "h"}, {60, "m"}}) {
    if (secs >= unit && secs % unit == 0) return absl::StrCat(secs / unit, name);
  }
  return absl::StrCat(secs, "s");
}

// What stands the same in every alert of a rule.
struct Prepared {
  const sigma::RuleInfo* info = nullptr;
  const CorrelationRule* correlation = nullptr;
  std::string finding;  // analytic, attacks, desc, title: members of finding_info behind its uid
  std::string technique;
  std::string timespan;
};

std::string_view Text(const simdjson::dom::element& element, std::string_view key) {
  std::string_view text;
  return element[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

}  // namespace

std::string EventAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                         std::string_view event_uid) {
  return HexPrefix(Sha256Of({tenant, rule.id, rule.version, event_uid}), 32);
}

std::string CorrelationAlertId(std::string_view tenant, const sigma::RuleInfo& rule,
                               absl::Span<const std::string> group_values,
                               std::string_view first_event_uid) {
  std::string group;
  for (const std::string& value : group_values) {
    absl::StrAppend(&group, value.size(), ":");
    group += LowerAscii(value);
  }
  return HexPrefix(Sha256Of({tenant, rule.id, rule.version, group, first_event_uid}), 32);
}

struct AlertWriter::Impl {
  std::vector<Prepared> rules;
  std::vector<Prepared> correlations;
  std::string set_version;
  simdjson::dom::parser parser;
  std::string padded;
  std::string id;
  std::string user;
  std::string json;

  static Prepared Prepare(const sigma::RuleInfo& info) {
    Prepared prepared;
    prepared.info = &info;
    const sigma::AttackTags tags = sigma::ReadAttackTags(info.tags);
    if (!tags.techniques.empty()) prepared.technique = tags.techniques.front();
    JsonWriter json(&prepared.finding);
    json.BeginObject().Key("title").Value(info.title);
    if (!info.description.empty()) json.Key("desc").Value(TrimBlanks(info.description));
    json.Key("analytic").BeginObject();
    json.Key("category").Value("Sigma").Key("name").Value(info.title).Key("type").Value("Rule");
    json.Key("type_id").Value(1).Key("uid").Value(info.id).Key("version").Value(info.version);
    json.EndObject();
    if (!tags.techniques.empty() || !tags.tactics.empty()) {
      json.Key("attacks");
      WriteAttacks(json, tags);
    }
    if (!info.references.empty()) json.Key("src_url").Value(info.references.front());
    // Goes on in the alert: without the opening brace.
    prepared.finding.erase(0, 1);
    return prepared;
  }

  // Parses the event; false when there is none.
  bool Parse(std::string_view event_json, simdjson::dom::element& event) {
    user.clear();
    if (event_json.empty()) return false;
    if (parser.parse(event_json.data(), event_json.size()).get(event) != simdjson::SUCCESS) {
      return false;
    }
    simdjson::dom::element person;
    if (event["actor"]["user"].get(person) != simdjson::SUCCESS &&
        event["user"].get(person) != simdjson::SUCCESS) {
      return true;
    }
    for (const std::string_view key : {"name", "email_addr", "uid"}) {
      user = Text(person, key);
      if (!user.empty()) break;
    }
    return true;
  }

  void WriteHead(JsonWriter& out, const Prepared& prepared, std::string_view tenant,
                 int64_t time_ms) {
    const Severity severity = SeverityOf(prepared.info->level);
    out.BeginObject();
    out.Key("time").Value(time_ms);
    out.Key("class_uid").Value(2004).Key("class_name").Value("Detection Finding");
    out.Key("category_uid").Value(2).Key("category_name").Value("Findings");
    out.Key("activity_id").Value(1).Key("activity_name").Value("Create");
    out.Key("type_uid").Value(200401).Key("type_name").Value("Detection Finding: Create");
    out.Key("severity_id").Value(severity.id).Key("severity").Value(severity.name);
    out.Key("status_id").Value(1).Key("status").Value("New");
    out.Key("is_alert").Value(true);
    out.Key("metadata").BeginObject();
    out.Key("uid").Value(id).Key("tenant_uid").Value(tenant);
    out.Key("event_code").Value(prepared.info->id).Key("version").Value("1.8.0");
    out.Key("product").BeginObject();
    out.Key("name")
        .Value("Picket")
        .Key("vendor_name")
        .Value("Picket")
        .Key("version")
        .Value(kVersion);
    out.Key("feature").BeginObject().Key("name").Value("Sigma rules");
    out.Key("version").Value(set_version).EndObject();
    out.EndObject().EndObject();
  }

  // finding_info is left open.
  void WriteFinding(JsonWriter& out, const Prepared& prepared) {
    out.Key("finding_info").BeginObject().Key("uid").Value(id);
    out.Raw(std::string_view(prepared.finding));
  }

  // The actor and where it came from, as the event says it.
  static void WriteWho(JsonWriter& out, const simdjson::dom::element& event) {
    simdjson::dom::element part;
    if (event["actor"].get(part) == simdjson::SUCCESS && part.is_object()) {
      out.Key("actor").Raw(simdjson::minify(part));
    }
    if (event["src_endpoint"].get(part) == simdjson::SUCCESS && part.is_object()) {
      out.Key("src_endpoint").Raw(simdjson::minify(part));
    }
    if (event["user"].get(part) == simdjson::SUCCESS && part.is_object()) {
      out.Key("user").Raw(simdjson::minify(part));
    }
  }

  // Each field and value once; a keyword, which stands in any field, as `(any field)`.
  static void WriteMatched(JsonWriter& out, absl::Span<const Matcher::MatchedField> matched) {
    out.Key("matched").BeginArray();
    size_t written = 0, left_out = 0;
    for (size_t i = 0; i < matched.size(); ++i) {
      const Matcher::MatchedField& field = matched[i];
      // Beyond the limit repetitions are not looked for: the work stays bounded.
      const bool is_known = std::any_of(
          matched.begin(), matched.begin() + std::min(i, kMaxMatched),
          [&field](const auto& m) { return m.name == field.name && m.value == field.value; });
      if (is_known) continue;
      if (written == kMaxMatched) {
        ++left_out;
        continue;
      }
      ++written;
      out.BeginObject().Key("name").Value(field.name.empty() ? "(any field)" : field.name);
      out.Key("value").Value(CutText(field.value, kMaxValueBytes)).EndObject();
    }
    out.EndArray();
    if (left_out > 0) out.Key("matched_left_out").Value(left_out);
  }

  static void WriteEvent(JsonWriter& out, std::string_view event_json, std::string_view event_uid,
                         const EventSource& source) {
    if (event_json.size() <= kMaxEmbeddedEventBytes) {
      out.Key("event").Raw(event_json);
      return;
    }
    out.Key("event_ref").BeginObject().Key("uid").Value(event_uid);
    if (!source.topic.empty()) {
      out.Key("topic").Value(source.topic).Key("partition").Value(source.partition);
      out.Key("offset").Value(source.offset);
    }
    out.EndObject();
  }

  static void WriteResource(JsonWriter& out, size_t& count, std::string_view name,
                            std::string_view uid, std::string_view type) {
    if ((name.empty() && uid.empty()) || count >= kMaxResources) return;
    if (count++ == 0) out.Key("resources").BeginArray();
    out.BeginObject();
    if (!name.empty()) out.Key("name").Value(CutText(name, kMaxValueBytes));
    if (!uid.empty()) out.Key("uid").Value(CutText(uid, kMaxValueBytes));
    if (!type.empty()) out.Key("type").Value(type);
    out.EndObject();
  }

  // What it was done to: resources, file, page, entity or account, whichever the event's class has.
  static void WriteResources(JsonWriter& out, const simdjson::dom::element& event) {
    size_t count = 0;
    simdjson::dom::element part;
    simdjson::dom::array list;
    if (event["resources"].get(list) == simdjson::SUCCESS) {
      for (const simdjson::dom::element resource : list) {
        WriteResource(out, count, Text(resource, "name"), Text(resource, "uid"),
                      Text(resource, "type"));
      }
    }
    if (event["file"].get(part) == simdjson::SUCCESS) {
      const std::string_view path = Text(part, "path");
      WriteResource(out, count, path.empty() ? Text(part, "name") : path, Text(part, "uid"),
                    "File");
    }
    if (event["web_resources"].get(list) == simdjson::SUCCESS) {
      for (const simdjson::dom::element page : list) {
        const std::string_view url = Text(page, "url_string");
        WriteResource(out, count, url.empty() ? Text(page, "name") : url, Text(page, "uid"),
                      Text(page, "type"));
      }
    }
    if (event["entity"].get(part) == simdjson::SUCCESS) {
      WriteResource(out, count, Text(part, "name"), Text(part, "uid"), Text(part, "type"));
    }
    if (event["user"].get(part) == simdjson::SUCCESS) {
      WriteResource(out, count, Text(part, "name"), Text(part, "uid"), "User");
    }
    if (count > 0) out.EndArray();
  }

  Alert Finish(const Prepared& prepared, std::string_view tenant, int64_t time_ms) const {
    Alert alert;
    alert.id = id;
    alert.tenant = tenant;
    alert.rule_id = prepared.info->id;
    alert.title = prepared.info->title;
    alert.user = user;
    alert.technique = prepared.technique;
    alert.level = prepared.info->level;
    alert.time_ms = time_ms;
    alert.json = json;
    return alert;
  }
};

AlertWriter::AlertWriter(const RuleSet& rules, std::string_view version)
    : impl_(std::make_unique<Impl>()) {
  impl_->set_version = version;
  for (const DetectionRule& rule : rules.rules()) impl_->rules.push_back(Impl::Prepare(rule.info));
  for (const CorrelationRule& rule : rules.correlations()) {
    Prepared prepared = Impl::Prepare(rule.info);
    prepared.correlation = &rule;
    prepared.timespan = DurationText(rule.timespan);
    impl_->correlations.push_back(std::move(prepared));
  }
}

AlertWriter::~AlertWriter() = default;

Alert AlertWriter::ForEvent(uint32_t rule, const EventSource& source, std::string_view event_json,
                            std::string_view event_uid, int64_t time_ms,
                            absl::Span<const Matcher::MatchedField> matched,
                            std::string_view settings) {
  Impl& impl = *impl_;
  const Prepared& prepared = impl.rules[rule];
  impl.id = EventAlertId(source.tenant, *prepared.info, event_uid);
  simdjson::dom::element event;
  const bool parsed = impl.Parse(event_json, event);
  impl.json.clear();
  JsonWriter out(&impl.json);
  impl.WriteHead(out, prepared, source.tenant, time_ms);
  std::string message = prepared.info->title;
  if (!impl.user.empty()) absl::StrAppend(&message, ": ", ToAbsl(impl.user));
  out.Key("message").Value(message);
  impl.WriteFinding(out, prepared);
  out.Key("first_seen_time").Value(time_ms).Key("last_seen_time").Value(time_ms);
  out.Key("related_events").BeginArray().BeginObject().Key("uid").Value(event_uid);
  out.EndObject().EndArray().Key("related_events_count").Value(1).EndObject();

  out.Key("evidences").BeginArray().BeginObject();
  if (parsed) Impl::WriteWho(out, event);
  out.Key("data").BeginObject();
  Impl::WriteMatched(out, matched);
  if (!settings.empty()) out.Key("tenant_settings").Value(settings);
  Impl::WriteEvent(out, event_json, event_uid, source);
  out.EndObject().EndObject().EndArray();
  if (parsed) Impl::WriteResources(out, event);
  out.EndObject();
  return impl.Finish(prepared, source.tenant, time_ms);
}

Alert AlertWriter::ForCorrelation(const CorrelationHit& hit, const EventSource& source,
                                  std::string_view event_json, std::string_view settings) {
  Impl& impl = *impl_;
  const Prepared& prepared = impl.correlations[hit.correlation];
  const CorrelationRule& rule = *prepared.correlation;
  impl.id = CorrelationAlertId(hit.tenant, *prepared.info, hit.group_values, hit.uid);
  simdjson::dom::element event;
  const bool parsed = impl.Parse(event_json, event);
  impl.json.clear();
  JsonWriter out(&impl.json);
  impl.WriteHead(out, prepared, hit.tenant, hit.time_ms);
  std::string message = absl::StrCat(
      ToAbsl(prepared.info->title), ": ", hit.count,
      rule.type == sigma::CorrelationType::kValueCount ? " different values" : " events",
      " within ", prepared.timespan);
  for (size_t i = 0; i < hit.group_values.size() && i < rule.group_by_names.size(); ++i) {
    absl::StrAppend(&message, i == 0 ? ", " : " ", rule.group_by_names[i], "=",
                    hit.group_values[i]);
  }
  out.Key("message").Value(message);
  out.Key("count").Value(hit.count);
  out.Key("start_time").Value(hit.window_start_ms).Key("end_time").Value(hit.window_end_ms);
  impl.WriteFinding(out, prepared);
  out.Key("first_seen_time").Value(hit.window_start_ms);
  out.Key("last_seen_time").Value(hit.window_end_ms);
  out.Key("related_events").BeginArray();
  for (const std::string_view uid : hit.event_uids) {
    out.BeginObject().Key("uid").Value(uid).EndObject();
  }
  out.EndArray().Key("related_events_count").Value(hit.count).EndObject();

  out.Key("evidences").BeginArray().BeginObject();
  if (parsed) Impl::WriteWho(out, event);
  out.Key("data").BeginObject().Key("group").BeginObject();
  for (size_t i = 0; i < hit.group_values.size() && i < rule.group_by_names.size(); ++i) {
    out.Key(rule.group_by_names[i]).Value(hit.group_values[i]);
  }
  out.EndObject().Key("count").Value(hit.count);
  out.Key("window_start").Value(hit.window_start_ms).Key("window_end").Value(hit.window_end_ms);
  out.Key("fired_by").Value(hit.uid);
  if (!hit.values.empty()) {
    std::vector<std::string_view> values(hit.values.begin(), hit.values.end());
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    out.Key("values").BeginArray();
    for (const std::string_view value : values) out.Value(value);
    out.EndArray();
  }
  if (!settings.empty()) out.Key("tenant_settings").Value(settings);
  if (!event_json.empty()) Impl::WriteEvent(out, event_json, hit.uid, source);
  out.EndObject().EndObject().EndArray();
  if (parsed) Impl::WriteResources(out, event);
  out.EndObject();
  return impl.Finish(prepared, hit.tenant, hit.time_ms);
}

}  // namespace picket::detector
