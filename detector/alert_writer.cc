#include "detector/alert_writer.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "common/version.h"
#include "json/json_members.h"
#include "model/ocsf_class.h"
#include "sigma/attack.h"
#include "simdjson.h"

namespace picket::detector {
namespace {

constexpr size_t kMaxValueBytes = 1024;  // maximum size of a value in an alert
constexpr size_t kMaxMatched = 64;       // maximum number of matched fields in an alert
constexpr size_t kMaxResources = 8;
constexpr int32_t kCreate = 1;  // OCSF's activity_id for "Create"

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

// Writes one entry for each technique with one of its tactics.
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
  for (const sigma::AttackPair& pair : sigma::PairAttackTags(tags)) {
    write(pair.technique, pair.tactic);
  }
  json.EndArray();
}

// Writes an entry of related_events.
void WriteRelatedEvent(JsonWriter& out, std::string_view uid, int64_t time_ms) {
  out.BeginObject().Key("uid").Value(uid).Key("first_seen_time").Value(time_ms).EndObject();
}

std::string DurationText(absl::Duration duration) {
  const int64_t secs = absl::ToInt64Seconds(duration);
  for (const auto& [unit, name] :
       {std::pair<int64_t, const char*>{86400, "d"}, {3600, "h"}, {60, "m"}}) {
    if (secs >= unit && secs % unit == 0) return absl::StrCat(secs / unit, name);
  }
  return absl::StrCat(secs, "s");
}

// The parts that are the same in every alert of a rule.
struct RuleParts {
  const sigma::RuleInfo* info = nullptr;
  const CorrelationRule* correlation = nullptr;
  // The JSON of the members of finding_info that follow `uid`: title, desc, analytic, attacks and
  // src_url.
  std::string finding;
  std::string technique;
  std::string timespan;
};

std::string_view Text(const simdjson::dom::element& element, std::string_view key) {
  std::string_view text;
  return element[key].get(text) == simdjson::SUCCESS ? text : std::string_view();
}

void WriteResource(JsonWriter& out, size_t& count, std::string_view name, std::string_view uid,
                   std::string_view type) {
  if ((name.empty() && uid.empty()) || count >= kMaxResources) return;
  if (count++ == 0) out.Key("resources").BeginArray();
  out.BeginObject();
  if (!name.empty()) out.Key("name").Value(TruncateUtf8(name, kMaxValueBytes));
  if (!uid.empty()) out.Key("uid").Value(TruncateUtf8(uid, kMaxValueBytes));
  if (!type.empty()) out.Key("type").Value(type);
  out.EndObject();
}

// The parts that are the same in every alert of an event. Only the members that alerts show are
// parsed, one member at a time.
// Threads: Use each instance from one thread. Lifetime: The object is reused from event to event.
class EventParts {
 public:
  // Sets the current event, which must stay valid until the next call.
  void Begin(std::optional<EventMembers> event) {
    event_ = event;
    is_written_ = false;
  }

  std::string_view json() const { return event_.has_value() ? event_->json() : ""; }
  // Returns the person who acted, or an empty string if the person is unknown.
  const std::string& user() { return Written().user_; }
  // Returns the JSON of the members `actor`, `src_endpoint` and `user` of an alert's evidence.
  // Leaves out the members that the event lacks.
  const std::string& who() { return Written().who_; }
  // Returns the JSON of an alert's member `resources`, or an empty string if there are no
  // resources.
  const std::string& resources() { return Written().resources_; }

 private:
  EventParts& Written() {
    if (is_written_) return *this;
    is_written_ = true;
    user_.clear();
    who_.clear();
    resources_.clear();
    if (!event_.has_value()) return *this;
    WriteWho();
    WriteResources();
    return *this;
  }

  // Parses a member of the event. `element` is valid until the next call.
  bool Parse(std::string_view member, simdjson::dom::element& element) {
    const std::string_view json = event_->Find(member);
    return !json.empty() &&
           parser_.parse(json.data(), json.size()).get(element) == simdjson::SUCCESS;
  }

  void WriteWho() {
    JsonWriter out(&who_);
    simdjson::dom::element part, person;
    bool has_person = false;
    if (Parse("actor", part)) {
      if (part.is_object()) out.Key("actor").Raw(simdjson::minify(part));
      has_person = part["user"].get(person) == simdjson::SUCCESS;
      if (has_person) SetUser(person);
    }
    if (Parse("src_endpoint", part) && part.is_object()) {
      out.Key("src_endpoint").Raw(simdjson::minify(part));
    }
    if (Parse("user", part)) {
      if (part.is_object()) out.Key("user").Raw(simdjson::minify(part));
      if (!has_person) SetUser(part);
    }
  }

  void SetUser(const simdjson::dom::element& person) {
    for (const std::string_view key : {"name", "email_addr", "uid"}) {
      user_ = Text(person, key);
      if (!user_.empty()) break;
    }
  }

  // Writes the objects that the event's action affected. Which member of the event contains the
  // objects depends on the class of the event.
  void WriteResources() {
    JsonWriter out(&resources_);
    size_t count = 0;
    simdjson::dom::element part;
    simdjson::dom::array list;
    if (Parse("resources", part) && part.get(list) == simdjson::SUCCESS) {
      for (const simdjson::dom::element resource : list) {
        WriteResource(out, count, Text(resource, "name"), Text(resource, "uid"),
                      Text(resource, "type"));
      }
    }
    if (Parse("file", part)) {
      const std::string_view path = Text(part, "path");
      WriteResource(out, count, path.empty() ? Text(part, "name") : path, Text(part, "uid"),
                    "File");
    }
    if (Parse("web_resources", part) && part.get(list) == simdjson::SUCCESS) {
      for (const simdjson::dom::element page : list) {
        const std::string_view url = Text(page, "url_string");
        WriteResource(out, count, url.empty() ? Text(page, "name") : url, Text(page, "uid"),
                      Text(page, "type"));
      }
    }
    if (Parse("entity", part)) {
      WriteResource(out, count, Text(part, "name"), Text(part, "uid"), Text(part, "type"));
    }
    if (Parse("user", part)) {
      WriteResource(out, count, Text(part, "name"), Text(part, "uid"), "User");
    }
    if (count > 0) out.EndArray();
  }

  std::optional<EventMembers> event_;
  bool is_written_ = false;
  simdjson::dom::parser parser_;
  std::string user_, who_, resources_;
};

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
  std::vector<RuleParts> rules;
  std::vector<RuleParts> correlations;
  std::string set_version;
  EventParts event;
  // The strings to which the views of the current Alert refer.
  std::string id;
  std::string user;
  std::string json;

  static RuleParts PartsOf(const sigma::RuleInfo& info) {
    RuleParts parts;
    parts.info = &info;
    const sigma::AttackTags tags = sigma::ReadAttackTags(info.tags);
    if (!tags.techniques.empty()) parts.technique = tags.techniques.front();
    JsonWriter json(&parts.finding);
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
    // Drop the opening brace, because WriteFinding opens the object.
    parts.finding.erase(0, 1);
    return parts;
  }

  void WriteHead(JsonWriter& out, const RuleParts& parts, std::string_view tenant,
                 int64_t time_ms) {
    const Severity severity = SeverityOf(parts.info->level);
    out.BeginObject();
    out.Key("time").Value(time_ms);
    out.Key("class_uid")
        .Value(ocsf::kDetectionFinding)
        .Key("class_name")
        .Value("Detection Finding");
    out.Key("category_uid").Value(2).Key("category_name").Value("Findings");
    out.Key("activity_id").Value(kCreate).Key("activity_name").Value("Create");
    out.Key("type_uid")
        .Value(ocsf::kDetectionFinding * 100 + kCreate)
        .Key("type_name")
        .Value("Detection Finding: Create");
    out.Key("severity_id").Value(severity.id).Key("severity").Value(severity.name);
    out.Key("status_id").Value(1).Key("status").Value("New");
    out.Key("is_alert").Value(true);
    out.Key("metadata").BeginObject();
    out.Key("uid").Value(id).Key("tenant_uid").Value(tenant);
    out.Key("event_code").Value(parts.info->id).Key("version").Value("1.8.0");
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

  // Opens finding_info. The caller adds further members and closes finding_info.
  void WriteFinding(JsonWriter& out, const RuleParts& parts) {
    out.Key("finding_info").BeginObject().Key("uid").Value(id);
    out.Raw(std::string_view(parts.finding));
  }

  // Writes each pair of field and value once. A keyword can match in any field, so the field of a
  // keyword is shown as "(any field)".
  static void WriteMatched(JsonWriter& out, absl::Span<const Matcher::MatchedField> matched) {
    out.Key("matched").BeginArray();
    size_t written = 0, left_out = 0;
    for (size_t i = 0; i < matched.size(); ++i) {
      const Matcher::MatchedField& field = matched[i];
      // Search for duplicates only among the first kMaxMatched fields, so that the work is bounded.
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
      out.Key("value").Value(TruncateUtf8(field.value, kMaxValueBytes)).EndObject();
    }
    out.EndArray();
    if (left_out > 0) out.Key("matched_left_out").Value(left_out);
  }

  // Writes the members that lead to the record on the topic `raw`, if they are known.
  static void WritePlace(JsonWriter& out, int32_t partition, const EventPlace& place) {
    if (!place.is_known()) return;
    out.Key("partition").Value(partition).Key("offset").Value(place.offset);
    out.Key("raw_offset").Value(place.raw_offset).Key("raw_index").Value(place.raw_index);
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

  // Writes the members `actor`, `src_endpoint` and `user` into the open evidence object.
  void WriteWho(JsonWriter& out) {
    if (!event.who().empty()) out.Raw(event.who());
  }

  Alert Finish(JsonWriter& out, const RuleParts& parts, std::string_view tenant, int64_t time_ms,
               bool has_event) {
    if (has_event && !event.resources().empty()) out.Raw(event.resources());
    out.EndObject();
    Alert alert;
    alert.id = id;
    alert.tenant = tenant;
    alert.rule_id = parts.info->id;
    alert.title = parts.info->title;
    alert.user = user;
    alert.technique = parts.technique;
    alert.level = parts.info->level;
    alert.time_ms = time_ms;
    alert.json = json;
    return alert;
  }
};

AlertWriter::AlertWriter(const RuleSet& rules, std::string_view version)
    : impl_(std::make_unique<Impl>()) {
  impl_->set_version = version;
  for (const DetectionRule& rule : rules.rules()) impl_->rules.push_back(Impl::PartsOf(rule.info));
  for (const CorrelationRule& rule : rules.correlations()) {
    RuleParts parts = Impl::PartsOf(rule.info);
    parts.correlation = &rule;
    parts.timespan = DurationText(rule.timespan);
    impl_->correlations.push_back(std::move(parts));
  }
}

AlertWriter::~AlertWriter() = default;

void AlertWriter::BeginEvent(std::optional<EventMembers> event) { impl_->event.Begin(event); }

Alert AlertWriter::ForEvent(uint32_t rule, const EventSource& source, const CorrelatedEvent& event,
                            absl::Span<const Matcher::MatchedField> matched,
                            std::string_view settings) {
  Impl& impl = *impl_;
  const RuleParts& parts = impl.rules[rule];
  impl.id = EventAlertId(source.tenant, *parts.info, event.uid);
  impl.user = impl.event.user();
  impl.json.clear();
  JsonWriter out(&impl.json);
  impl.WriteHead(out, parts, source.tenant, event.time_ms);
  std::string message = parts.info->title;
  if (!impl.user.empty()) absl::StrAppend(&message, ": ", impl.user);
  out.Key("message").Value(message);
  impl.WriteFinding(out, parts);
  out.Key("first_seen_time").Value(event.time_ms).Key("last_seen_time").Value(event.time_ms);
  out.Key("related_events").BeginArray();
  WriteRelatedEvent(out, event.uid, event.time_ms);
  out.EndArray().Key("related_events_count").Value(1).EndObject();

  out.Key("evidences").BeginArray().BeginObject();
  impl.WriteWho(out);
  out.Key("data").BeginObject();
  Impl::WriteMatched(out, matched);
  Impl::WritePlace(out, event.partition, event.place);
  if (!settings.empty()) out.Key("tenant_settings").Value(settings);
  Impl::WriteEvent(out, impl.event.json(), event.uid, source);
  out.EndObject().EndObject().EndArray();
  return impl.Finish(out, parts, source.tenant, event.time_ms, true);
}

Alert AlertWriter::ForCorrelation(const CorrelationHit& hit, const EventSource& source,
                                  std::string_view settings) {
  Impl& impl = *impl_;
  const RuleParts& parts = impl.correlations[hit.correlation];
  const CorrelationRule& rule = *parts.correlation;
  impl.id = CorrelationAlertId(hit.tenant, *parts.info, hit.group_values, hit.uid);
  impl.user = hit.has_event ? impl.event.user() : "";
  impl.json.clear();
  JsonWriter out(&impl.json);
  impl.WriteHead(out, parts, hit.tenant, hit.time_ms);
  std::string message = absl::StrCat(
      ToAbsl(parts.info->title), ": ", hit.count,
      rule.type == sigma::CorrelationType::kValueCount ? " different values" : " events",
      " within ", parts.timespan);
  for (size_t i = 0; i < hit.group_values.size() && i < rule.group_by_names.size(); ++i) {
    absl::StrAppend(&message, i == 0 ? ", " : " ", rule.group_by_names[i], "=",
                    hit.group_values[i]);
  }
  out.Key("message").Value(message);
  out.Key("count").Value(hit.count);
  out.Key("start_time").Value(hit.window_start_ms).Key("end_time").Value(hit.window_end_ms);
  impl.WriteFinding(out, parts);
  out.Key("first_seen_time").Value(hit.window_start_ms);
  out.Key("last_seen_time").Value(hit.window_end_ms);
  out.Key("related_events").BeginArray();
  for (const RelatedEvent& event : hit.events) WriteRelatedEvent(out, event.uid, event.time_ms);
  out.EndArray().Key("related_events_count").Value(hit.count).EndObject();

  out.Key("evidences").BeginArray().BeginObject();
  if (hit.has_event) impl.WriteWho(out);
  out.Key("data").BeginObject().Key("group").BeginObject();
  for (size_t i = 0; i < hit.group_values.size() && i < rule.group_by_names.size(); ++i) {
    out.Key(rule.group_by_names[i]).Value(hit.group_values[i]);
  }
  out.EndObject().Key("count").Value(hit.count);
  out.Key("window_start").Value(hit.window_start_ms).Key("window_end").Value(hit.window_end_ms);
  out.Key("fired_by").Value(hit.uid);
  out.Key("events").BeginArray();
  for (const RelatedEvent& event : hit.events) {
    out.BeginObject().Key("uid").Value(event.uid).Key("time").Value(event.time_ms);
    Impl::WritePlace(out, hit.partition, event.place);
    out.EndObject();
  }
  out.EndArray();
  if (!hit.values.empty()) {
    std::vector<std::string_view> values(hit.values.begin(), hit.values.end());
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
    out.Key("values").BeginArray();
    for (const std::string_view value : values) out.Value(value);
    out.EndArray();
  }
  if (!settings.empty()) out.Key("tenant_settings").Value(settings);
  if (hit.has_event) Impl::WriteEvent(out, impl.event.json(), hit.uid, source);
  out.EndObject().EndObject().EndArray();
  return impl.Finish(out, parts, hit.tenant, hit.time_ms, hit.has_event);
}

}  // namespace picket::detector
