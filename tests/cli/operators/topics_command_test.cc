// Tests the parts of `picket topics` that need no broker.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "cli/exit_status.h"
#include "tests/cli/command.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(TopicsAclsTest, PrintsTheAclsOfEveryServiceAndCommandUnderItsName) {
  const CommandResult result =
      RunPicket({"topics", "acls", "--bootstrap-servers", "k:9092", "--prefix", "x."});
  EXPECT_EQ(result.exit_status, kExitOk) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("# picket fetch\n"), HasSubstr("# picket parse\n"),
                    HasSubstr("# picket detect\n"), HasSubstr("# picket rules publish\n"),
                    HasSubstr("# picket topics create --fix\n"),
                    HasSubstr("kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal "
                              "User:picket --operation Read --resource-pattern-type "
                              "prefixed --group picket-x.fetcher\n")));
}

TEST(TopicsAclsTest, PrintsOnlyTheAclsOfTheNamedServices) {
  const CommandResult result =
      RunPicket({"topics", "acls", "--bootstrap-servers", "k:9092", "--service", "detect",
                 "--service", "rules publish", "--user", "CN=picket"});
  EXPECT_EQ(result.exit_status, kExitOk) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("# picket detect\n"), HasSubstr("User:CN=picket "),
                                HasSubstr("# picket rules publish\n"), Not(HasSubstr("seen"))));
  const CommandResult unknown =
      RunPicket({"topics", "acls", "--bootstrap-servers", "k:9092", "--service", "detector"});
  EXPECT_EQ(unknown.exit_status, kExitWrongUsage);
}

TEST(TopicsAclsTest, PrintsAUserOfStrimzi) {
  const CommandResult result = RunPicket({"topics", "acls", "--bootstrap-servers", "k:9092",
                                          "--service", "parse", "--format", "strimzi"});
  EXPECT_EQ(result.exit_status, kExitOk) << result.err;
  EXPECT_THAT(result.out,
              AllOf(HasSubstr("kind: KafkaUser\n"),
                    HasSubstr("{type: group, name: 'picket-o365.parser', patternType: prefix}")));
}

}  // namespace
}  // namespace picket
