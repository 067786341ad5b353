#include "common/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <limits>

#include "common/file.h"

namespace picket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Inner {
  absl::Duration poll_interval = absl::Seconds(60);
  int64_t parallel = 4;
  bool enabled = true;
  std::string secret_file;
};
struct Outer {
  std::string name = "picket";
  std::string level = "info";
  std::vector<std::string> types = {"a", "b"};
  std::map<std::string, std::string> properties;
  std::string folder;
  Inner fetcher;
};

void Describe(ConfigVisitor& v, Outer& c) {
  v.String("name", "Name of the service.", &c.name, kOptional, [](const std::string& text) {
    return text.find(' ') == std::string::npos ? "" : "a name has no blanks";
  });
  v.Choice("level", "How much is logged.", &c.level, {"info", "debug"});
  v.StringList("types", "What is collected | stored.", &c.types,
               [](const std::string& text) { return text == "bad" ? "not a type" : ""; });
  v.StringMapping("properties", "Passed through.", &c.properties,
                  [](const std::string& key, const std::string&) {
                    return key == "transactional.id" ? "set by Picket" : "";
                  });
  v.DirectoryPath("folder", "Folder of the tenants.", &c.folder);
  v.Section("fetcher", "The collector.", [&](ConfigVisitor& s) {
    s.Duration("poll_interval_secs", "How often.", &c.fetcher.poll_interval, absl::Seconds(1),
               absl::Hours(1));
    s.Int("parallel", "Maximum concurrency.", &c.fetcher.parallel, 1,
          std::numeric_limits<int64_t>::max());
    s.Bool("enabled", "Whether it runs.", &c.fetcher.enabled);
    s.FilePath("secret_file", "Contains the secret.", &c.fetcher.secret_file, kRequired);
  });
}

class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    folder_ =
        std::filesystem::path(testing::TempDir()) / ("config_test." + std::to_string(getpid()));
    std::filesystem::create_directories(folder_ / "tenants");
    EXPECT_TRUE(WriteFile((folder_ / "secret").string(), "x").ok());
  }
  ~ConfigTest() override { std::filesystem::remove_all(folder_); }

  // Returns the errors of ReadConfig(). The folder is removed from their paths, because it differs
  // in each run.
  std::vector<std::string> Read(std::string_view text) {
    std::vector<std::string> errors = ReadConfig((folder_ / "picket.yaml").string(), text,
                                                 [&](ConfigVisitor& v) { Describe(v, config_); });
    const std::string prefix = folder_.string() + "/";
    for (std::string& error : errors) {
      for (size_t at; (at = error.find(prefix)) != std::string::npos;)
        error.erase(at, prefix.size());
    }
    return errors;
  }

  std::filesystem::path folder_;
  Outer config_;
};

TEST_F(ConfigTest, FillsInTheFieldsAndKeepsTheDefaultsOfTheOthers) {
  EXPECT_THAT(Read("name: 'contoso'\n"
                   "types: [x, y]\n"
                   "properties: {a.b: 1, c: on}\n"
                   "folder: tenants\n"
                   "fetcher:\n"
                   "  poll_interval_secs: 0.5e1\n"
                   "  enabled: false\n"
                   "  secret_file: ./secret\n"),
              IsEmpty());
  EXPECT_EQ(config_.name, "contoso");
  EXPECT_EQ(config_.level, "info");
  EXPECT_THAT(config_.types, ElementsAre("x", "y"));
  EXPECT_THAT(config_.properties, ElementsAre(std::pair("a.b", "1"), std::pair("c", "on")));
  EXPECT_EQ(config_.folder, (folder_ / "tenants").string());
  EXPECT_EQ(config_.fetcher.poll_interval, absl::Seconds(5));
  EXPECT_EQ(config_.fetcher.parallel, 4);
  EXPECT_FALSE(config_.fetcher.enabled);
  EXPECT_EQ(config_.fetcher.secret_file, (folder_ / "secret").string());
}

TEST_F(ConfigTest, ReportsAllFaultsOfAFileWithTheirLines) {
  EXPECT_THAT(
      Read("nmae: x\n"                     // line 1
           "level: loud\n"                 // line 2
           "name: a b\n"                   // line 3
           "types:\n"                      // line 4
           "  - good\n"                    // line 5
           "  - bad\n"                     // line 6
           "properties:\n"                 // line 7
           "  transactional.id: mine\n"    // line 8
           "fetcher:\n"                    // line 9
           "  enabled: yes\n"              // line 10
           "  poll_interval_secs: abc\n"   // line 11
           "  parallel: 0\n"               // line 12
           "  poll_interval_secs: 7200\n"  // line 13
           "  colour: red\n"               // line 14
           "  secret_file: nowhere\n"      // line 15
           "folder: secret\n"              // line 16
           "level: info\n"),               // line 17
      ElementsAre(
          "picket.yaml:1: nmae: unknown key; did you mean 'name'?",
          "picket.yaml:2: level: 'loud' is not one of info, debug",
          "picket.yaml:3: name: 'a b': a name has no blanks",
          "picket.yaml:6: types: 'bad': not a type",
          "picket.yaml:8: properties.transactional.id: set by Picket",
          "picket.yaml:10: fetcher.enabled: 'yes' is neither true nor false",
          "picket.yaml:11: fetcher.poll_interval_secs: 'abc' is not a number of seconds",
          "picket.yaml:12: fetcher.parallel: '0' is not at least 1",
          "picket.yaml:13: fetcher.poll_interval_secs: repeated; already given on line 11",
          "picket.yaml:14: fetcher.colour: unknown key; known keys: enabled, parallel, "
          "poll_interval_secs, secret_file",
          "picket.yaml:15: fetcher.secret_file: cannot read nowhere: No such file or directory",
          "picket.yaml:16: folder: secret is not a folder",
          "picket.yaml:17: level: repeated; already given on line 2"));
  EXPECT_EQ(config_.fetcher.poll_interval, absl::Seconds(60)) << "an invalid value changes nothing";
}

TEST_F(ConfigTest, AValueOfTheWrongTypeIsReported) {
  EXPECT_THAT(
      Read("name: [a]\n"
           "types: a\n"
           "properties: [a]\n"
           "fetcher: 5\n"
           "level:\n"),
      ElementsAre("picket.yaml:1: name: expected a single value, found a list",
                  "picket.yaml:2: types: expected a list ('- value' lines or [a, b]), found a "
                  "single value",
                  "picket.yaml:3: properties: expected 'name: value' lines, found a list",
                  "picket.yaml:4: fetcher: expected a section of 'key: value' lines, found a "
                  "single value",
                  "picket.yaml:5: level: expected a single value, found nothing"));
}

TEST_F(ConfigTest, AMissingRequiredKeyIsReportedWithAndWithoutItsSection) {
  EXPECT_THAT(Read("name: x\nfetcher:\n  parallel: 2\n"),
              ElementsAre("picket.yaml:2: fetcher.secret_file: missing; this key is required"));
  EXPECT_THAT(Read(""),
              ElementsAre("picket.yaml:1: fetcher.secret_file: missing; this key is required"));
}

TEST_F(ConfigTest, NumbersOutsideTheirBoundsAreRejected) {
  for (const char* text : {"0.99", "3600.5", "-1", "1e300", "1e999", "nan", "inf"}) {
    const std::string file =
        std::string("fetcher: {secret_file: secret, poll_interval_secs: ") + text + "}";
    EXPECT_THAT(Read(file), ElementsAre(HasSubstr("fetcher.poll_interval_secs"))) << text;
  }
  EXPECT_THAT(
      Read("fetcher: {secret_file: secret, parallel: 99999999999999999999}"),
      ElementsAre("picket.yaml:1: fetcher.parallel: '99999999999999999999' is not at least 1"));
  EXPECT_THAT(Read("fetcher: {secret_file: secret, parallel: 1.5}"),
              ElementsAre("picket.yaml:1: fetcher.parallel: '1.5' is not a whole number"));
}

TEST_F(ConfigTest, SyntaxErrorsContainTheLineAndWhatWasExpected) {
  EXPECT_THAT(Read("name: x\nfetcher:\n\tenabled: true\n"),
              ElementsAre("picket.yaml:3: expected blanks as indentation, found a tab"));
  EXPECT_THAT(Read("types: [a, b\nname: x\n"), ElementsAre(HasSubstr("expected ',' or ']'")));
  EXPECT_THAT(Read("name: a: b\n"),
              ElementsAre(HasSubstr("picket.yaml:1: expected a value without")));
  EXPECT_THAT(Read("name: 'x\n"), ElementsAre(HasSubstr(":1: expected a closing quote")));
  EXPECT_THAT(Read("name: x\nlevel: \"in\\\"fo\nfolder: tenants\n"),
              ElementsAre(HasSubstr(":2: expected a closing quote")));
  EXPECT_THAT(Read("- a\n- b\n"),
              ElementsAre("picket.yaml:1: expected 'key: value' lines, found a list"));
}

TEST_F(ConfigTest, DocumentsTheSameOptions) {
  EXPECT_EQ(
      DocumentConfig(
          "Configuration", [&](ConfigVisitor& v) { Describe(v, config_); },
          [](std::string_view key) { return key == "fetcher.parallel" ? "soon" : "later"; }),
      "# Configuration\n"
      "\n"
      "| key | meaning | default | allowed | a change |\n"
      "|---|---|---|---|---|\n"
      "| `name` | Name of the service. | `picket` | text | later |\n"
      "| `level` | How much is logged. | `info` | `info`, `debug` | later |\n"
      "| `types` | What is collected \\| stored. | `[a, b]` | list | later |\n"
      "| `properties` | Passed through. | – | `name: value` lines | later |\n"
      "| `folder` | Folder of the tenants. | – | a folder that can be read | later |\n"
      "\n"
      "## `fetcher`\n"
      "\n"
      "The collector.\n"
      "\n"
      "| key | meaning | default | allowed | a change |\n"
      "|---|---|---|---|---|\n"
      "| `poll_interval_secs` | How often. | `60` | 1 to 3600 seconds | later |\n"
      "| `parallel` | Maximum concurrency. | `4` | at least 1 | soon |\n"
      "| `enabled` | Whether it runs. | `true` | `true`, `false` | later |\n"
      "| `secret_file` | Contains the secret. | required | a file that can be read | later |\n");
}

struct Simple {
  std::string name = "picket";
  std::map<std::string, std::string> properties = {{"a", "1"}};
  int64_t parallel = 4;
};
void Describe(ConfigVisitor& v, Simple& c) {
  v.String("name", "Name.", &c.name, kOptional, [](const std::string& text) {
    return text.find(' ') == std::string::npos ? "" : "a name has no blanks";
  });
  v.StringMapping("properties", "Passed through.", &c.properties);
  v.Section("fetcher", "The collector.", [&](ConfigVisitor& s) {
    s.Section("limits", "The limits.",
              [&](ConfigVisitor& t) { t.Int("parallel", "Maximum.", &c.parallel, 1, 9); });
  });
}

TEST(OverrideConfigTest, ItSetsOneOptionAndChecksItsValue) {
  Simple config;
  const auto describe = [&](ConfigVisitor& v) { Describe(v, config); };
  EXPECT_EQ(OverrideConfig("fetcher.limits.parallel", "7", describe), "");
  EXPECT_EQ(config.parallel, 7);
  EXPECT_EQ(config.name, "picket");
  EXPECT_EQ(config.properties.size(), 1u);
  EXPECT_EQ(OverrideConfig("name", "x: [y] # z", describe), "'x: [y] # z': a name has no blanks");
  EXPECT_EQ(OverrideConfig("name", "'quoted'", describe), "");
  EXPECT_EQ(config.name, "'quoted'") << "the value is not YAML";
  EXPECT_EQ(OverrideConfig("fetcher.limits.parallel", "10", describe), "'10' is not 1 to 9");
  EXPECT_EQ(config.parallel, 7);
}

TEST(FlattenConfigTest, EachOptionHasItsWholeName) {
  Simple config;
  const auto values = FlattenConfig([&](ConfigVisitor& v) { Describe(v, config); });
  EXPECT_EQ(values,
            (std::map<std::string, std::string>{
                {"name", "picket"}, {"properties.a", "1"}, {"fetcher.limits.parallel", "4"}}));
}

}  // namespace
}  // namespace picket
