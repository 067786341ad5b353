#include "cli/manual.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/file.h"
#include "tests/cli/command.h"
#include "tests/cli/shell_files.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string Page(const std::string& command) {
  return command.empty() ? RunPicket({"manual"}).out : RunPicket({"manual", command}).out;
}

TEST(ManualTest, ThePagesDescribeEveryCommandAndOptionOfTheHelp) {
  for (const HelpedCommand& command : ReadHelpOfAllCommands()) {
    const std::string page = Page(command.path.empty() ? "" : command.path.front());
    EXPECT_THAT(page, HasSubstr(absl::StrCat(".B picket", command.path.empty() ? "" : " ",
                                             absl::StrJoin(command.path, " "), "\n")));
    for (const std::string& child : command.commands) {
      EXPECT_THAT(page, HasSubstr(child));
    }
    // The page of a command with sub-commands leaves out the command's only option, --help.
    if (command.path.size() == 1 && !command.commands.empty()) continue;
    for (const std::string& option : command.options) {
      EXPECT_THAT(page, HasSubstr(absl::StrCat("\\fB", absl::StrReplaceAll(option, {{"-", "\\-"}}),
                                               "\\fR")));
    }
  }
}

TEST(ManualTest, TheFirstPageNamesTheFilesAndTheExitStatuses) {
  const std::string page = Page("");
  EXPECT_THAT(page, HasSubstr("/etc/picket/picket.yaml"));
  EXPECT_THAT(page, HasSubstr(".SH EXIT STATUS"));
  EXPECT_THAT(page, HasSubstr("\\fBpicket\\-rules\\fR(1)"));
}

TEST(ManualTest, ACommandThatDoesNotExistHasNoPage) {
  const CommandResult result = RunPicket({"manual", "relpay"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, HasSubstr("did you mean 'replay'?"));
}

TEST(ManualTest, ManFormatsEveryPageWithoutAWarning) {
  const TempFolder folder;
  ASSERT_EQ(RunPicket({"manual", "--folder", folder.Path()}).exit_status, 0);
  std::set<std::string> pages;
  for (const auto& entry : std::filesystem::directory_iterator(folder.Path())) {
    pages.insert(entry.path().string());
    const std::string text = ReadFile(entry.path().string()).value();
    EXPECT_TRUE(std::all_of(text.begin(), text.end(),
                            [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
        << entry.path() << " depends on the reader's locale";
  }
  EXPECT_EQ(pages.size(), 1 + ReadHelpOfAllCommands().front().commands.size());
  // In small containers, `man` is only a script that prints a hint, and groff is not installed.
  if (!HasProgram("groff") || !HasProgram("man")) {
    GTEST_SKIP() << "SKIPPED: man IS NOT INSTALLED (scripts/install-deps)";
  }
  for (const std::string& page : pages) {
    const CommandResult result = RunProgram({"man", "--warnings", "-E", "UTF-8", "-l", page});
    EXPECT_EQ(result.exit_status, 0) << page;
    EXPECT_THAT(result.err, IsEmpty()) << page;
    EXPECT_THAT(result.out, HasSubstr("SYNOPSIS")) << page;
  }
}

}  // namespace
}  // namespace picket
