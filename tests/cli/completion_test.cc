#include "cli/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "tests/cli/command.h"
#include "tests/cli/shell_files.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::UnorderedElementsAre;

class CompletionTest : public testing::Test {
 protected:
  CompletionTest() {
    folder_.Write("picket.bash", RunPicket({"completion", "bash"}).out);
    folder_.Write("_picket", RunPicket({"completion", "zsh"}).out);
  }

  // Returns the completions that bash offers for the last element of `words`, which is an
  // incomplete word and may be empty.
  std::set<std::string> Complete(std::vector<std::string> words) {
    words.insert(words.begin(), "picket");
    for (std::string& word : words) word = absl::StrCat("'", word, "'");
    const std::string script = absl::StrCat(
        "source picket.bash; COMP_WORDS=(", absl::StrJoin(words, " "),
        "); COMP_CWORD=", words.size() - 1, "; _picket; printf '%s\\n' \"${COMPREPLY[@]}\"");
    const CommandResult result = RunProgram({"bash", "-c", script}, "", folder_.Path());
    EXPECT_THAT(result.err, IsEmpty());
    return absl::StrSplit(result.out, '\n', absl::SkipEmpty());
  }

  const TempFolder folder_;
};

TEST_F(CompletionTest, BashLoadsTheScriptAndRegistersIt) {
  const CommandResult result =
      RunProgram({"bash", "-c", "source picket.bash && complete -p picket"}, "", folder_.Path());
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.out, "complete -F _picket picket\n");
}

TEST_F(CompletionTest, BashOffersEveryCommandAndOptionOfTheHelp) {
  const std::vector<HelpedCommand> all = ReadHelpOfAllCommands();
  EXPECT_GE(all.size(), 27u);
  for (const HelpedCommand& command : all) {
    std::vector<std::string> words = command.path;
    words.emplace_back("-");
    std::set<std::string> options = Complete(words);
    options.erase("-h");
    EXPECT_EQ(options, command.options) << absl::StrJoin(command.path, " ");
    if (command.commands.empty()) continue;
    words.back() = "";
    EXPECT_EQ(Complete(words), command.commands) << absl::StrJoin(command.path, " ");
  }
}

TEST_F(CompletionTest, BashCompletesWhatHasBeenBegun) {
  EXPECT_THAT(Complete({"rep"}), ElementsAre("replay"));
  EXPECT_THAT(Complete({"rules", "co"}), ElementsAre("coverage"));
  EXPECT_THAT(Complete({"rules", "check", "--st"}), ElementsAre("--strict"));
  EXPECT_THAT(Complete({"frobnicate", "x"}), IsEmpty());
}

TEST_F(CompletionTest, BashCompletesTheValuesOfOptions) {
  EXPECT_THAT(Complete({"replay", "--format", ""}), UnorderedElementsAre("text", "json"));
  EXPECT_THAT(Complete({"replay", "--format", "=", "j"}), ElementsAre("json"));
  EXPECT_THAT(Complete({"replay", "--format", "="}), UnorderedElementsAre("text", "json"));
  EXPECT_THAT(Complete({"topics", "create", "--partitions", ""}), IsEmpty());
}

TEST_F(CompletionTest, BashCompletesFileNames) {
  folder_.Write("records one.json", "");
  folder_.Write("rules/a.yml", "");
  EXPECT_THAT(Complete({"replay", "rec"}), ElementsAre("records one.json"));
  EXPECT_THAT(Complete({"fetch", "--config", "picket"}), ElementsAre("picket.bash"));
  EXPECT_THAT(Complete({"rules", "check", "ru"}), ElementsAre("rules"));
  // --write-config takes a folder, so bash offers `rules` but not `records one.json`.
  EXPECT_THAT(Complete({"simulate", "--write-config", "r"}), ElementsAre("rules"));
  EXPECT_THAT(Complete({"normalize", "-", "--geo", "rec"}), ElementsAre("records one.json"));
}

TEST_F(CompletionTest, BashCompletesTheCommandsOfHelp) {
  EXPECT_THAT(Complete({"help", "rep"}), ElementsAre("replay"));
  EXPECT_THAT(Complete({"help", "topics", ""}), UnorderedElementsAre("acls", "check", "create"));
  EXPECT_THAT(Complete({"help", ""}), IsSupersetOf({"rules", "fetch"}));
}

TEST_F(CompletionTest, ZshReadsTheScriptAndFindsEveryCommandAndOption) {
  if (!HasProgram("zsh")) GTEST_SKIP() << "SKIPPED: zsh IS NOT INSTALLED (scripts/install-deps)";
  const CommandResult syntax = RunProgram({"zsh", "-n", folder_.Path("_picket")});
  EXPECT_EQ(syntax.exit_status, 0) << syntax.err;
  const CommandResult loaded =
      RunProgram({"zsh", "-f", "-c",
                  "autoload -Uz compinit; compinit -u -D; source ./_picket; print $_comps[picket]; "
                  "whence -w _picket_rules_check"},
                 "", folder_.Path());
  EXPECT_EQ(loaded.out, "_picket\n_picket_rules_check: function\n") << loaded.err;

  const std::string script = RunPicket({"completion", "zsh"}).out;
  for (const HelpedCommand& command : ReadHelpOfAllCommands()) {
    const std::string name =
        absl::StrCat("_picket", command.path.empty() ? "" : "_", absl::StrJoin(command.path, "_"));
    const size_t begin = script.find("\n" + name + "() {");
    ASSERT_NE(begin, std::string::npos) << name;
    const std::string body = script.substr(begin, script.find("\n}\n", begin) - begin);
    for (const std::string& option : command.options) {
      if (command.path == std::vector<std::string>{"help"}) continue;  // zsh offers none here
      EXPECT_TRUE(body.find("'" + option + "[") != std::string::npos ||
                  body.find("'" + option + "=[") != std::string::npos ||
                  body.find("*" + option + "=[") != std::string::npos)
          << name << " " << option;
    }
    for (const std::string& child : command.commands) {
      EXPECT_THAT(body, HasSubstr("\n        '" + child + ":")) << name;
    }
  }
}

// zsh completes only in a terminal, so this test runs zsh in a pseudo-terminal.
TEST_F(CompletionTest, ZshCompletesInATerminal) {
  if (!HasProgram("zsh")) GTEST_SKIP() << "SKIPPED: zsh IS NOT INSTALLED (scripts/install-deps)";
  folder_.Write("try.zsh",
                "zmodload zsh/zpty\n"
                "zpty shell zsh -f -i\n"
                "zpty -w shell 'PS1=; autoload -Uz compinit; compinit -u -D; source ./_picket; "
                "picket() { print -r \"RAN:$*\"; }; bindkey \"^I\" complete-word; print READY'\n"
                "zpty -r -m shell output '*READY*READY*'\n"
                "zpty -w -n shell $'picket repl\\t--form\\tjs\\t\\n'\n"
                "zpty -r -m shell output '*RAN:*'$'\\n'\n"
                "print -r -- $output\n"
                "zpty -d shell\n");
  const CommandResult result =
      RunProgram({"timeout", "60", "zsh", "-f", "try.zsh"}, "", folder_.Path());
  EXPECT_THAT(result.out, HasSubstr("RAN:replay --format=json")) << result.err;
}

}  // namespace
}  // namespace picket
