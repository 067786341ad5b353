// Tests `cmake --install`: the program, its completion scripts and its man pages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "common/file.h"
#include "tests/cli/command.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::HasSubstr;

TEST(InstallationTest, TheProgramItsCompletionsAndItsManPagesAreInstalled) {
  const TempFolder prefix;
  const CommandResult installed =
      RunProgram({PICKET_CMAKE, "--install", PICKET_BUILD_FOLDER, "--prefix", prefix.Path()});
  ASSERT_EQ(installed.exit_status, 0) << installed.err;
  const CommandResult version = RunProgram({prefix.Path("bin/picket"), "--version"});
  EXPECT_EQ(version.exit_status, 0);
  EXPECT_THAT(version.out, HasSubstr("picket "));

  const std::string bash = prefix.Path("share/bash-completion/completions/picket");
  EXPECT_EQ(RunProgram({"bash", "-c", "source " + bash + " && complete -p picket"}).out,
            "complete -F _picket picket\n");
  EXPECT_EQ(ReadFile(bash).value_or(""), RunPicket({"completion", "bash"}).out);
  EXPECT_EQ(ReadFile(prefix.Path("share/zsh/site-functions/_picket")).value_or(""),
            RunPicket({"completion", "zsh"}).out);
  EXPECT_EQ(ReadFile(prefix.Path("share/man/man1/picket.1")).value_or(""),
            RunPicket({"manual"}).out);
  EXPECT_EQ(ReadFile(prefix.Path("share/man/man1/picket-rules.1")).value_or(""),
            RunPicket({"manual", "rules"}).out);
}

}  // namespace
}  // namespace picket
