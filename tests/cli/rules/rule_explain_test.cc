// Tests `picket rules explain` by running it as a program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>

#include "tests/cli/command.h"

namespace picket {
namespace {

using ::testing::HasSubstr;

constexpr char kRecord[] =
    R"({"CreationTime": "2026-03-02T08:00:00", "Id": "1a2b0001-5a11-4c0d-8e00-0000000900aa",)"
    R"( "Operation": "Set-Mailbox", "RecordType": 1, "Workload": "Exchange", "UserId": "a@b.example",)"
    R"( "Parameters": [{"Name": "ForwardingSmtpAddress", "Value": "smtp:x@y.example"}]})";

class RulesExplainTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = testing::TempDir() + "/" + name;
    std::ofstream(path) << text;
    return path;
  }
};

TEST_F(RulesExplainTest, AnAuditRecordIsNormalisedAndTheRuleIsFoundByItsTitle) {
  const std::string rule = Write("forwards.yml",
                                 "title: Forwards\nid: 1\nlogsource: {product: m365}\ndetection:\n"
                                 "  s: {Parameters.ForwardingSmtpAddress|contains: '@'}\n"
                                 "  condition: s\n");
  const CommandResult result =
      RunPicket({"rules", "explain", "--rules", rule, "--line", "1", "Forwards", "-"},
                std::string("{}\n") + kRecord + "\n");
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out,
              HasSubstr("Forwards matches\n  yes  s: Parameters.ForwardingSmtpAddress"));
  EXPECT_THAT(result.out, HasSubstr("the event has 'smtp:x@y.example'"));
}

TEST_F(RulesExplainTest, ARuleThatDoesNotMatchExitsWithOneAndAMissingRuleWithTwo) {
  const std::string event = Write("event.json", kRecord);
  const std::string rule = Write("never.yml",
                                 "title: Never\nid: 2\nlogsource: {product: m365}\ndetection:\n"
                                 "  s: {Operation: Other}\n  condition: s\n");
  const CommandResult no = RunPicket({"rules", "explain", rule, event});
  EXPECT_EQ(no.exit_status, 1);
  EXPECT_THAT(no.out, HasSubstr("the event has 'Set-Mailbox'"));
  const CommandResult missing = RunPicket({"rules", "explain", "no such rule", event});
  EXPECT_EQ(missing.exit_status, 2);
  EXPECT_THAT(missing.err, HasSubstr("no rule is called 'no such rule'"));
  const CommandResult past = RunPicket({"rules", "explain", rule, event, "--line", "7"});
  EXPECT_EQ(past.exit_status, 2);
  EXPECT_THAT(past.err, HasSubstr("no event in line 7"));
}

}  // namespace
}  // namespace picket
