// Tests the command line as a whole: help, lists of commands and wrong usage.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/command.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::StartsWith;

constexpr const char* kCommands[] = {"fetch",    "parse",   "detect",  "normalize", "replay",
                                     "rules",    "mapping", "config",  "topics",    "demo",
                                     "simulate", "help",    "version", "metrics"};

TEST(ApplicationTest, WithoutACommandTheCommandsAreListedByTheirUsers) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, {"help"}, {"--help"}, {"-h"}}) {
    const CommandResult result = RunPicket(arguments);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_THAT(result.err, IsEmpty());
    for (const char* const command : kCommands) {
      EXPECT_THAT(result.out, HasSubstr(std::string("\n  ") + command + " ")) << command;
    }
    for (const char* const heading : {"Services:", "Write and check rules:", "Operate:"}) {
      EXPECT_THAT(result.out, HasSubstr(heading));
    }
    EXPECT_THAT(result.out, Not(HasSubstr("completion")));
  }
}

TEST(ApplicationTest, HelpDescribesACommandAsItsOwnOptionDoes) {
  for (const std::vector<std::string>& path :
       {std::vector<std::string>{"replay"}, {"rules"}, {"rules", "check"}, {"topics", "create"}}) {
    std::vector<std::string> help = {"help"};
    help.insert(help.end(), path.begin(), path.end());
    std::vector<std::string> option = path;
    option.emplace_back("--help");
    const CommandResult result = RunPicket(help);
    EXPECT_EQ(result.exit_status, 0);
    EXPECT_THAT(result.out, Not(IsEmpty()));
    EXPECT_EQ(result.out, RunPicket(option).out);
  }
}

TEST(ApplicationTest, AMisspeltCommandIsNamedWithTheNearestOneAndTheList) {
  const CommandResult result = RunPicket({"relpay"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.out, IsEmpty());
  EXPECT_THAT(result.err, StartsWith("picket: unknown command 'relpay'; did you mean 'replay'?\n"));
  for (const char* const command : kCommands) EXPECT_THAT(result.err, HasSubstr(command));

  const CommandResult unlike = RunPicket({"frobnicate"});
  EXPECT_EQ(unlike.exit_status, 2);
  EXPECT_THAT(unlike.err, StartsWith("picket: unknown command 'frobnicate'\n"));
  EXPECT_THAT(unlike.err, HasSubstr("\n  rules "));

  const CommandResult nested = RunPicket({"rules", "tset", "rules"});
  EXPECT_EQ(nested.exit_status, 2);
  EXPECT_THAT(nested.err,
              StartsWith("picket rules: unknown command 'tset'; did you mean 'test'?\n"));
  EXPECT_THAT(nested.err, HasSubstr("\n  publish "));

  EXPECT_THAT(RunPicket({"publish"}).err, HasSubstr("did you mean 'rules publish'?"));
  EXPECT_THAT(RunPicket({"help", "relpay"}).err, HasSubstr("did you mean 'replay'?"));
  EXPECT_EQ(RunPicket({"help", "relpay"}).exit_status, 2);
}

TEST(ApplicationTest, ACommandThatNeedsASubcommandListsThem) {
  const std::vector<std::pair<std::string, std::vector<std::string>>> cases = {
      {"rules", {"check", "list", "test", "coverage", "explain", "match", "publish"}},
      {"topics", {"create", "check"}},
      {"mapping", {"list", "explain"}},
      {"config", {"check", "reference"}}};
  for (const auto& [command, subcommands] : cases) {
    const CommandResult result = RunPicket({command});
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("picket " + command + ": name a command\n"));
    for (const std::string& each : subcommands) {
      EXPECT_THAT(result.err, HasSubstr("\n  " + each + " "));
    }
  }
}

TEST(ApplicationTest, AMisspeltOptionIsNamedWithTheNearestOne) {
  const CommandResult check = RunPicket({"rules", "check", "--strct"});
  EXPECT_EQ(check.exit_status, 2);
  EXPECT_THAT(check.err, AllOf(StartsWith("picket rules check: unknown option '--strct'; did you "
                                          "mean '--strict'?\n"),
                               HasSubstr("'picket help rules check' describes the usage.\n")));
  // If an option is misspelt and an argument is missing, the misspelt option is reported.
  const CommandResult replay = RunPicket({"replay", "--formt=json"});
  EXPECT_EQ(replay.exit_status, 2);
  EXPECT_THAT(replay.err, HasSubstr("unknown option '--formt'; did you mean '--format'?"));
  EXPECT_THAT(RunPicket({"--verison"}).err, HasSubstr("did you mean '--version'?"));
  EXPECT_EQ(RunPicket({"--verison"}).exit_status, 2);
}

TEST(ApplicationTest, EveryKindOfWrongUsageIsExitStatusTwo) {
  const std::vector<std::vector<std::string>> wrong = {
      {"replay"},                               // missing argument
      {"version", "superfluous"},               // superfluous argument
      {"topics", "create", "--partitions"},     // option without a value
      {"topics", "create", "--partitions=0"},   // value out of range
      {"topics", "create", "--partitions=x"},   // value that is not a number
      {"rules", "list", "--format", "xml"},     // value that is not one of the choices
      {"rules", "check", "/nonexistent/rule"},  // path that does not exist
      {"rules", "--format"},                    // option in place of the sub-command
      {"rules", "--"},                          // no sub-command
  };
  for (const std::vector<std::string>& arguments : wrong) {
    const CommandResult result = RunPicket(arguments);
    EXPECT_EQ(result.exit_status, 2) << testing::PrintToString(arguments);
    EXPECT_THAT(result.out, IsEmpty());
    EXPECT_THAT(result.err, StartsWith("picket")) << testing::PrintToString(arguments);
  }
}

TEST(ApplicationTest, TheVersionIsPrintedByACommandAndByAnOption) {
  const CommandResult option = RunPicket({"--version"});
  EXPECT_EQ(option.exit_status, 0);
  EXPECT_THAT(option.out, testing::MatchesRegex("picket [0-9]+\\.[0-9]+\\.[0-9]+\n"));
  EXPECT_EQ(RunPicket({"version"}).out, option.out);
}

}  // namespace
}  // namespace picket
