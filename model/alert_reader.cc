#include "model/alert_reader.h"

#include <simdjson.h>

#include "model/ocsf_class.h"

namespace picket {
namespace {

using simdjson::dom::element;

std::string Text(simdjson::simdjson_result<element> value) {
  std::string_view text;
  return value.get(text) == simdjson::SUCCESS ? std::string(text) : std::string();
}

}  // namespace

absl::StatusOr<AlertSummary> ReadAlert(std::string_view json) {
  simdjson::dom::parser parser;
  element finding;
  int64_t class_uid = 0;
  if (parser.parse(json.data(), json.size()).get(finding) != simdjson::SUCCESS ||
      finding["class_uid"].get(class_uid) != simdjson::SUCCESS ||
      class_uid != ocsf::kDetectionFinding) {
    return absl::InvalidArgumentError("not an OCSF Detection Finding");
  }
  AlertSummary alert;
  alert.id = Text(finding["metadata"]["uid"]);
  alert.rule_id = Text(finding["finding_info"]["analytic"]["uid"]);
  alert.title = Text(finding["finding_info"]["title"]);
  alert.level = Text(finding["severity"]);
  alert.tenant = Text(finding["metadata"]["tenant_uid"]);
  if (finding["time"].get(alert.time_ms) != simdjson::SUCCESS) alert.time_ms = 0;

  const auto attack = finding["finding_info"]["attacks"].at(0);
  alert.technique = Text(attack["sub_technique"]["uid"]);
  if (alert.technique.empty()) alert.technique = Text(attack["technique"]["uid"]);

  const auto evidence = finding["evidences"].at(0);
  alert.user = Text(evidence["actor"]["user"]["name"]);
  if (alert.user.empty()) alert.user = Text(evidence["user"]["name"]);
  simdjson::dom::object group;
  if (evidence["data"]["group"].get(group) == simdjson::SUCCESS) {
    for (const auto& field : group) {
      std::string_view value;
      if (field.value.get(value) == simdjson::SUCCESS) alert.group.emplace(field.key, value);
    }
  }
  simdjson::dom::array events;
  if (finding["finding_info"]["related_events"].get(events) == simdjson::SUCCESS) {
    for (const element event : events) alert.event_uids.push_back(Text(event["uid"]));
  }
  return alert;
}

}  // namespace picket
