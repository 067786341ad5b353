#include "cli/demo/expectations.h"

#include <algorithm>

#include "common/strings.h"

namespace picket {
namespace {

bool HasGroupValue(const AlertSummary& alert, const std::string& value) {
  return std::any_of(alert.group.begin(), alert.group.end(),
                     [&](const auto& field) { return field.second == value; });
}

bool Meets(const AlertSummary& alert, const simulator::ExpectedAlert& expected) {
  if (alert.rule_id != expected.rule_id || alert.tenant != expected.tenant) return false;
  if (!alert.group.empty()) {
    return (expected.user.empty() || HasGroupValue(alert, expected.user)) &&
           (expected.address.empty() || HasGroupValue(alert, expected.address));
  }
  if (!expected.user.empty() && alert.user != expected.user) return false;
  // The uid of an event ends with the Id of its record.
  return std::any_of(alert.event_uids.begin(), alert.event_uids.end(), [&](const std::string& uid) {
    return std::any_of(
        expected.record_ids.begin(), expected.record_ids.end(), [&](const std::string& id) {
          return uid.size() > id.size() &&
                 EqualsIgnoreCase(std::string_view(uid).substr(uid.size() - id.size()), id);
        });
  });
}

}  // namespace

ExpectationResult CompareAlerts(const std::vector<simulator::ExpectedAlert>& expected,
                                const std::vector<AlertSummary>& alerts) {
  ExpectationResult result;
  std::vector<bool> met(expected.size(), false);
  for (const AlertSummary& alert : alerts) {
    size_t i = 0;
    while (i < expected.size() && (met[i] || !Meets(alert, expected[i]))) ++i;
    if (i < expected.size()) {
      met[i] = true;
    } else {
      result.surplus.push_back(alert);
    }
  }
  for (size_t i = 0; i < expected.size(); ++i) {
    if (!met[i]) result.missing.push_back(expected[i]);
  }
  return result;
}

}  // namespace picket
