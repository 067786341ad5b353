#include <gtest/gtest.h>
#include <simdjson.h>

#include "common/file.h"
#include "tests/cli/command.h"

namespace picket {
namespace {

TEST(MappingCommandTest, TheDocumentedMappingIsThatOfTheCode) {
  EXPECT_EQ(RunPicket({"mapping", "list", "--format", "markdown"}).out,
            ReadFile("docs/mapping.md").value())
      << "regenerate it: picket mapping list --format markdown > docs/mapping.md";
}

TEST(MappingCommandTest, TheListIsAvailableAsJson) {
  simdjson::dom::parser parser;
  const std::string out = RunPicket({"mapping", "list", "--format", "json"}).out;
  simdjson::dom::element root;
  ASSERT_EQ(parser.parse(out).get(root), simdjson::SUCCESS);
  EXPECT_GE(simdjson::dom::array(root["operations"]).size(), 100u);
  EXPECT_GE(simdjson::dom::array(root["fields"]).size(), 40u);
}

TEST(MappingCommandTest, ExplainPrintsTheRowOrTheVerbAndThePlacesOfFields) {
  const std::string row = RunPicket({"mapping", "explain", "add member to role."}).out;
  EXPECT_NE(row.find("3005 User Access Management"), std::string::npos) << row;
  EXPECT_NE(row.find("Role.TemplateId"), std::string::npos) << row;
  EXPECT_NE(row.find("UserId → actor.user.name, user.id"), std::string::npos) << row;
  const std::string both = RunPicket({"mapping", "explain", "MemberRoleChanged"}).out;
  EXPECT_NE(both.find("3006"), std::string::npos) << both;
  EXPECT_NE(both.find("6003"), std::string::npos) << both;
  const std::string teams =
      RunPicket({"mapping", "explain", "MemberRoleChanged", "--workload", "MicrosoftTeams"}).out;
  EXPECT_EQ(teams.find("6003"), std::string::npos) << teams;
  const std::string verb = RunPicket({"mapping", "explain", "FlowTokenPurged"}).out;
  EXPECT_NE(verb.find("its verb alone"), std::string::npos) << verb;
  EXPECT_NE(verb.find("without a resource"), std::string::npos) << verb;
}

TEST(MappingCommandTest, AnUnknownFormatIsAnError) {
  EXPECT_NE(RunPicket({"mapping", "list", "--format", "xml"}).exit_status, 0);
}

}  // namespace
}  // namespace picket
