#include "kafka/topic_use.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

#include "common/file.h"

namespace picket::kafka {
namespace {

using ::testing::HasSubstr;

TEST(TopicUseTest, ThePageAboutTopicsContainsTheTable) {
  const auto page = ReadFile("docs/topics.md");
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_THAT(*page, HasSubstr("<!-- topic uses -->\n" + TopicUseTable() + "<!-- /topic uses -->"))
      << "replace the table in docs/topics.md";
}

TEST(TopicUseTest, EveryStageHasOneInputAndEveryTopicAUser) {
  std::set<Topic> used;
  for (const TopicUser& user : TopicUsers()) {
    int inputs = 0;
    for (const TopicUse& use : user.topics) {
      inputs += use.is_input ? 1 : 0;
      if (use.reads || use.writes) used.insert(use.topic);
    }
    EXPECT_EQ(inputs, user.stage.empty() ? 0 : 1) << user.name;
  }
  EXPECT_EQ(used.size(), static_cast<size_t>(kTopicCount));
}

}  // namespace
}  // namespace picket::kafka
