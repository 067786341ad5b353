#include "tests/pipeline/exact_contents.h"

#include <gtest/gtest.h>

#include "cli/expectations.h"
#include "common/strings.h"

namespace picket {

void ExpectExactContents(Pipeline& pipeline, const simulator::Feed& feed) {
  const TopicContents contents = pipeline.Read();
  int blobs_repeated = 0;
  for (const auto& [id, count] : contents.raw) {
    if (count == 1) continue;
    ++blobs_repeated;
    ADD_FAILURE() << "blob " << id << " lies " << count << " times on raw";
  }

  std::map<std::string, int> left = contents.events;
  int missing = 0;
  for (const auto& [tenant, ids] : feed.PublishedIds()) {
    for (const std::string& id : ids) {
      const auto found = left.find(absl::StrCat(tenant, "|", id));
      if (found == left.end()) {
        if (++missing <= 5) ADD_FAILURE() << "record " << id << " of " << tenant << " is no event";
        continue;
      }
      if (--found->second == 0) left.erase(found);
    }
  }
  EXPECT_EQ(missing, 0) << "records lost";
  EXPECT_EQ(left.size(), 0u) << "events doubled or invented, the first: "
                             << (left.empty() ? "" : left.begin()->first);

  std::vector<AlertSummary> alerts;
  for (const std::string& json : contents.alert_json) {
    const absl::StatusOr<AlertSummary> alert = ReadAlert(json);
    ASSERT_TRUE(alert.ok()) << json;
    alerts.push_back(*alert);
  }
  for (const auto& [id, count] : contents.alerts) EXPECT_EQ(count, 1) << "alert " << id;
  const ExpectationResult result = CompareAlerts(feed.Expected(), alerts);
  for (const simulator::ExpectedAlert& expected : result.missing) {
    ADD_FAILURE() << "alert lost: " << expected.rule << " " << expected.tenant << " "
                  << expected.user << " " << expected.address;
  }
  for (const AlertSummary& alert : result.surplus) {
    ADD_FAILURE() << "alert doubled or undeserved: " << alert.title << " " << alert.tenant << " "
                  << alert.user;
  }
  for (const std::string& letter : contents.dead_letters) ADD_FAILURE() << "dead letter " << letter;
  std::printf("checked: %d blobs, %d events, %d alerts\n", static_cast<int>(contents.raw.size()),
              static_cast<int>(contents.events.size()), static_cast<int>(alerts.size()));
}

}  // namespace picket
