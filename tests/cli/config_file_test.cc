#include "cli/config_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_format.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

class ConfigFileTest : public testing::Test {
 protected:
  void Write(const std::string& name, mode_t mode) {
    folder_.Write(name, "kafka:\n  bootstrap_servers: 127.0.0.1:1\n");
    ASSERT_EQ(chmod(folder_.Path(name).c_str(), mode), 0);
  }

  const TempFolder folder_;
};

TEST_F(ConfigFileTest, TheFirstPlaceThatExistsIsChosen) {
  Write("second.yaml", 0644);
  const std::vector<std::string> places = {folder_.Path("first.yaml"), folder_.Path("second.yaml")};
  EXPECT_EQ(FindConfigFile("", places).value(), places[1]);
  Write("first.yaml", 0600);
  EXPECT_EQ(FindConfigFile("", places).value(), places[0]);
  EXPECT_EQ(FindConfigFile("given.yaml", places).value(), "given.yaml");
}

TEST_F(ConfigFileTest, WithoutAFileTheMessageNamesAllPlacesAndSaysHowToMakeOne) {
  const absl::Status status = FindConfigFile("", {"/nowhere/a", "/nowhere/b"}).status();
  EXPECT_TRUE(absl::IsNotFound(status));
  EXPECT_THAT(std::string(status.message()),
              AllOf(HasSubstr("neither /nowhere/a nor /nowhere/b exists"), HasSubstr("--config"),
                    HasSubstr("deploy/picket.yaml"), HasSubstr("picket config reference")));
}

TEST_F(ConfigFileTest, AFileThatOthersCanChangeIsRefusedWithItsModeAndTheRemedy) {
  for (const mode_t mode : {0664, 0646, 0666}) {
    Write("a.yaml", mode);
    const absl::Status status = FindConfigFile("", {folder_.Path("a.yaml")}).status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << std::oct << mode;
    EXPECT_THAT(std::string(status.message()),
                AllOf(HasSubstr(absl::StrFormat("its mode is %04o", mode)),
                      HasSubstr("Run: chmod go-w " + folder_.Path("a.yaml"))));
  }
  Write("a.yaml", 0666);
  EXPECT_TRUE(absl::IsPermissionDenied(FindConfigFile(folder_.Path("a.yaml")).status()));
  // If a file is named with --config, its group may write to it.
  Write("a.yaml", 0664);
  EXPECT_TRUE(FindConfigFile(folder_.Path("a.yaml")).ok());
}

TEST_F(ConfigFileTest, AFoundFileMustBelongToRootOrToTheUser) {
  if (geteuid() != 0) GTEST_SKIP() << "SKIPPED: only root can give a file to another user";
  Write("a.yaml", 0644);
  ASSERT_EQ(chown(folder_.Path("a.yaml").c_str(), 12345, 12345), 0);
  const absl::Status status = FindConfigFile("", {folder_.Path("a.yaml")}).status();
  EXPECT_TRUE(absl::IsPermissionDenied(status));
  EXPECT_THAT(std::string(status.message()), HasSubstr("it belongs to user 12345"));
  EXPECT_TRUE(FindConfigFile(folder_.Path("a.yaml")).ok());
}

TEST_F(ConfigFileTest, ServiceAndOperatorCommandsReadTheFileOfTheFolderAndNameIt) {
  // Because of the error in the file, each command ends before it contacts a cluster.
  folder_.Write("picket.yaml", "kafka:\n  bootstrap_server: 127.0.0.1:1\n");
  folder_.Write("rule.yml", "title: A\n");
  const std::vector<std::vector<std::string>> commands = {{"fetch"},
                                                          {"parse"},
                                                          {"detect"},
                                                          {"config", "check"},
                                                          {"topics", "check"},
                                                          {"topics", "create"},
                                                          {"rules", "publish", "rule.yml"}};
  for (const std::vector<std::string>& command : commands) {
    const CommandResult result = RunPicket(command, "", folder_.Path());
    EXPECT_EQ(result.exit_status, 2) << result.err;
    EXPECT_THAT(result.err, AllOf(HasSubstr(": reading the configuration ./picket.yaml\n"),
                                  HasSubstr("./picket.yaml:2: kafka.bootstrap_server")))
        << testing::PrintToString(command);
  }
  Write("picket.yaml", 0666);
  for (const std::vector<std::string>& command : commands) {
    const CommandResult result = RunPicket(command, "", folder_.Path());
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.err, HasSubstr("./picket.yaml is not read: its mode is 0666"));
  }
}

TEST_F(ConfigFileTest, WithoutAnyFileServicesNameBothPlaces) {
  if (std::filesystem::exists("/etc/picket/picket.yaml")) {
    GTEST_SKIP() << "SKIPPED: this machine has an /etc/picket/picket.yaml";
  }
  const CommandResult result = RunPicket({"detect"}, "", folder_.Path());
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("neither ./picket.yaml nor /etc/picket/picket.yaml exists"));
}

TEST_F(ConfigFileTest, AFileThatIsNamedIsNotAnnounced) {
  folder_.Write("other.yaml", "kafka:\n  bootstrap_server: 127.0.0.1:1\n");
  const CommandResult result = RunPicket({"parse", "--config", "other.yaml"}, "", folder_.Path());
  EXPECT_THAT(result.err, Not(HasSubstr("reading the configuration")));
  EXPECT_THAT(result.err, HasSubstr("other.yaml:2"));
}

TEST_F(ConfigFileTest, InvestigationsNeverReadAConfiguration) {
  folder_.Write("picket.yaml", "this is: [not a configuration\n");
  ASSERT_EQ(chmod(folder_.Path("picket.yaml").c_str(), 0666), 0);
  folder_.Write("rules/a.yml",
                "title: A\nid: a\nlogsource: {product: m365}\n"
                "detection: {s: {Operation: Login}, condition: s}\n");
  const std::vector<std::vector<std::string>> commands = {
      {"normalize", "-"}, {"replay", "-"},     {"rules", "check", "rules"},
      {"rules", "list"},  {"mapping", "list"}, {"rules", "coverage", "rules"}};
  for (const std::vector<std::string>& command : commands) {
    const CommandResult result = RunPicket(command, "", folder_.Path());
    EXPECT_THAT(result.err, Not(HasSubstr("picket.yaml"))) << testing::PrintToString(command);
  }
}

}  // namespace
}  // namespace picket
