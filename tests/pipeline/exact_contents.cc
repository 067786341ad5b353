#include "tests/pipeline/exact_contents.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "cli/demo/expectations.h"
#include "common/strings.h"

namespace picket {

void ExpectExactEvents(const TopicContents& contents, const PublishedIds& published) {
  std::map<std::string, int> left = contents.events;
  int missing = 0;
  for (const auto& [tenant, ids] : published) {
    for (const std::string& id : ids) {
      const auto found = left.find(absl::StrCat(tenant, "|", id));
      if (found == left.end()) {
        if (++missing <= 5) ADD_FAILURE() << "record " << id << " of " << tenant << " has no event";
        continue;
      }
      if (--found->second == 0) left.erase(found);
    }
  }
  EXPECT_EQ(missing, 0) << "records lost";
  EXPECT_EQ(left.size(), 0u) << "duplicate or unexpected events, the first: "
                             << (left.empty() ? "" : left.begin()->first);

  EXPECT_EQ(contents.seen.size(), contents.events.size()) << "record Ids in seen and on events";
  for (const auto& [id, count] : contents.seen) {
    if (count != 1) ADD_FAILURE() << "a record Id is " << count << " times in seen";
  }
}

void ExpectExactAlerts(const TopicContents& contents,
                       const std::vector<simulator::ExpectedAlert>& expected) {
  std::vector<AlertSummary> alerts;
  for (const std::string& json : contents.alert_json) {
    const absl::StatusOr<AlertSummary> alert = ReadAlert(json);
    if (!alert.ok()) {
      ADD_FAILURE() << "unreadable alert " << json;
      continue;
    }
    alerts.push_back(*alert);
  }
  for (const auto& [id, count] : contents.alerts) EXPECT_EQ(count, 1) << "alert " << id;
  const ExpectationResult result = CompareAlerts(expected, alerts);
  for (const simulator::ExpectedAlert& alert : result.missing) {
    ADD_FAILURE() << "alert lost: " << alert.rule << " " << alert.tenant << " " << alert.user << " "
                  << alert.address;
  }
  for (const AlertSummary& alert : result.surplus) {
    ADD_FAILURE() << "duplicate or unexpected alert: " << alert.title << " " << alert.tenant << " "
                  << alert.user;
  }
}

TopicContents ExpectExactContents(Pipeline& pipeline, const simulator::Feed& feed) {
  return ExpectExactContents(pipeline, feed.PublishedIds(), feed.Expected());
}

TopicContents ExpectExactContents(Pipeline& pipeline, const PublishedIds& published,
                                  const std::vector<simulator::ExpectedAlert>& expected) {
  TopicContents contents = pipeline.Read();
  for (const auto& [id, count] : contents.raw) {
    if (count != 1) ADD_FAILURE() << "blob " << id << " is " << count << " times on raw";
  }
  size_t stored = 0;
  for (const auto& [key, value] : contents.ledger) {
    if (key.find("|blob|") == std::string::npos) continue;
    if (value.find("stored") != std::string::npos) {
      ++stored;
    } else {
      ADD_FAILURE() << "the ledger row " << key << " is still " << value;
    }
  }
  EXPECT_EQ(stored, contents.raw.size()) << "blobs on raw and in the ledger";

  ExpectExactEvents(contents, published);
  ExpectExactAlerts(contents, expected);
  for (const std::string& letter : contents.dead_letters) ADD_FAILURE() << "dead letter " << letter;
  std::printf("checked: %d blobs, %d events, %d alerts\n", static_cast<int>(contents.raw.size()),
              static_cast<int>(contents.events.size()),
              static_cast<int>(contents.alert_json.size()));
  return contents;
}

int CountAlertsAcross(const simulator::Feed& feed, const TopicContents& contents,
                      const std::vector<absl::Time>& moments) {
  int count = 0;
  for (const simulator::ExpectedAlert& alert : feed.Expected()) {
    absl::Time first = absl::InfiniteFuture();
    absl::Time last = absl::InfinitePast();
    for (const std::string& id : alert.record_ids) {
      const auto found = contents.event_times.find(absl::StrCat(alert.tenant, "|", id));
      if (found == contents.event_times.end()) continue;
      first = std::min(first, found->second);
      last = std::max(last, found->second);
    }
    count += std::any_of(moments.begin(), moments.end(),
                         [&](absl::Time moment) { return first < moment && moment < last; });
  }
  return count;
}

}  // namespace picket
