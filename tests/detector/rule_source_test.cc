#include "detector/rule_source.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tests/support/temp_folder.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;

// Polls the source once. Returns the contents of the files, or "nothing" if they have not changed.
std::vector<std::string> Texts(RuleSource& source) {
  const auto polled = source.Poll();
  if (!polled.ok()) return {std::string(polled.status().message())};
  if (!polled->has_value()) return {"nothing"};
  std::vector<std::string> texts;
  for (const sigma::RuleFile& file : (*polled)->files) texts.push_back(file.text);
  for (const sigma::RuleFault& fault : (*polled)->faults) texts.push_back(fault.message);
  return texts;
}

TEST(RuleSourceTest, FixedRulesAreReadOnce) {
  const auto source = MakeFixedRules("the pack", {{"a.yml", "a"}});
  EXPECT_EQ(source->Name(), "the pack");
  EXPECT_THAT(Texts(*source), ElementsAre("a"));
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
}

TEST(RuleFolderTest, TheFirstPollReadsAndAnUnchangedFolderIsNotReadAgain) {
  TempFolder folder;
  folder.Write("a.yml", "a");
  folder.Write("exchange/b.yml", "b");
  const auto source = MakeRuleFolder(folder.Path());
  EXPECT_THAT(Texts(*source), ElementsAre("a", "b"));
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
}

TEST(RuleFolderTest, AChangeIsReadOnceItIsComplete) {
  TempFolder folder;
  folder.Write("a.yml", "a");
  const auto source = MakeRuleFolder(folder.Path());
  Texts(*source);
  std::ofstream(folder.Path("a.yml"), std::ios::app) << " half";
  EXPECT_THAT(Texts(*source), ElementsAre("nothing")) << "it may still be written";
  std::ofstream(folder.Path("a.yml"), std::ios::app) << " whole";
  EXPECT_THAT(Texts(*source), ElementsAre("nothing")) << "it was still being written";
  EXPECT_THAT(Texts(*source), ElementsAre("a half whole"));
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
}

TEST(RuleFolderTest, NewRemovedAndRenamedFilesAreChanges) {
  TempFolder folder;
  folder.Write("a.yml", "a");
  const auto source = MakeRuleFolder(folder.Path());
  Texts(*source);
  folder.Write("b.yml", "b");
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre("a", "b"));
  folder.Remove("a.yml");
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre("b"));
  // Many editors replace a file: they write a new file and rename it to the name of the old file.
  folder.Write(".b.yml.new", "c");
  std::filesystem::rename(folder.Path(".b.yml.new"), folder.Path("b.yml"));
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre("c"));
}

TEST(RuleFolderTest, AFileThatIsRewrittenWithTheSameBytesIsNotAChange) {
  TempFolder folder;
  folder.Write("a.yml", "a");
  const auto source = MakeRuleFolder(folder.Path());
  Texts(*source);
  folder.Write("a.yml", "a");
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
  EXPECT_THAT(Texts(*source), ElementsAre("nothing"));
}

TEST(RuleFolderTest, SwitchingAVolumeByALinkIsAChange) {
  TempFolder folder;
  folder.Write("volume/..1/a.yml", "old");
  folder.Write("volume/..2/a.yml", "new");
  std::filesystem::create_symlink("..1", folder.Path("volume/..data"));
  std::filesystem::create_symlink("..data/a.yml", folder.Path("volume/a.yml"));
  const auto source = MakeRuleFolder(folder.Path("volume"));
  EXPECT_THAT(Texts(*source), ElementsAre("old"));
  std::filesystem::create_symlink("..2", folder.Path("volume/..new"));
  std::filesystem::rename(folder.Path("volume/..new"), folder.Path("volume/..data"));
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre("new"));
}

TEST(RuleFolderTest, AMissingFolderIsAFaultUntilItIsBack) {
  TempFolder folder;
  folder.Write("rules/a.yml", "a");
  const auto source = MakeRuleFolder(folder.Path("rules"));
  Texts(*source);
  folder.Remove("rules");
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre(testing::HasSubstr("No such file")));
  folder.Write("rules/a.yml", "a");
  Texts(*source);
  EXPECT_THAT(Texts(*source), ElementsAre("a"));
}

}  // namespace
}  // namespace picket::detector
