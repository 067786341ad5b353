#include "kafka/acls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

namespace picket::kafka {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

// Returns each operation with the name of its resource, such as "Read o365.raw".
std::multiset<std::string> Operations(const std::vector<Acl>& acls) {
  std::multiset<std::string> operations;
  for (const Acl& acl : acls) {
    for (const std::string& operation : acl.operations) {
      operations.insert(operation + " " + acl.name);
    }
  }
  return operations;
}

std::vector<Acl> AclsOf(std::string_view name) { return AclsOf(*FindTopicUser(name), "o365."); }

TEST(AclsTest, ADetectorMayDoWhatItsUsesNeedAndNothingElse) {
  EXPECT_EQ(
      Operations(AclsOf("detect")),
      (std::multiset<std::string>{
          "Read o365.events", "DescribeConfigs o365.events", "Read o365.state", "Write o365.state",
          "DescribeConfigs o365.state", "Write o365.alerts", "DescribeConfigs o365.alerts",
          "Write o365.coverage", "DescribeConfigs o365.coverage", "Write o365.dead-letters",
          "DescribeConfigs o365.dead-letters", "Read o365.rules", "DescribeConfigs o365.rules",
          "Read picket-o365.detector", "Write picket-o365.detector-"}));
}

TEST(AclsTest, OnlyTheCommandThatFixesSettingsMayAlterThem) {
  EXPECT_THAT(Operations(AclsOf("topics create --fix")), Contains("AlterConfigs o365.raw"));
  EXPECT_THAT(Operations(AclsOf("topics create")), Contains("Create o365.raw"));
  EXPECT_THAT(Operations(AclsOf("topics create")), Not(Contains("AlterConfigs o365.raw")));
  EXPECT_THAT(Operations(AclsOf("topics check")), Not(Contains("Create o365.raw")));
  EXPECT_THAT(Operations(AclsOf("topics check")), Contains("Describe o365.raw"));
}

TEST(AclsTest, KafkasCommandsQuoteTheUserAndCollectResourcesWithTheSameOperations) {
  const std::string commands =
      KafkaAclCommands(AclsOf("detect"), "CN=it's, picket", "--bootstrap-server k:9092");
  EXPECT_THAT(commands,
              HasSubstr("kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal "
                        "'User:CN=it'\\''s, picket' --operation Write --operation DescribeConfigs "
                        "--topic o365.alerts --topic o365.coverage --topic o365.dead-letters\n"));
  EXPECT_THAT(commands, HasSubstr(" --operation Read --resource-pattern-type prefixed "
                                  "--group picket-o365.detector\n"));
  EXPECT_THAT(commands, HasSubstr(" --operation Write --resource-pattern-type prefixed "
                                  "--transactional-id picket-o365.detector-\n"));
}

TEST(AclsTest, AUserOfStrimziHasTheMergedAclsOfSeveralServices) {
  std::vector<Acl> acls = AclsOf("parse");
  const std::vector<Acl> more = AclsOf("detect");
  acls.insert(acls.end(), more.begin(), more.end());
  const std::string yaml = StrimziUser(acls, "picket");
  EXPECT_THAT(yaml, HasSubstr("kind: KafkaUser\nmetadata:\n  name: 'picket'\n"));
  EXPECT_THAT(yaml,
              HasSubstr("- resource: {type: topic, name: 'o365.events', patternType: literal}\n"
                        "        operations: [Read, Write, DescribeConfigs]\n"));
  EXPECT_THAT(yaml, HasSubstr("{type: transactionalId, name: 'picket-o365.parser-', "
                              "patternType: prefix}\n        operations: [Write]\n"));
}

}  // namespace
}  // namespace picket::kafka
