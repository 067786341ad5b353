// Tests which mistakes in a rule are errors and which are warnings, and the hints in the messages.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "sigma/condition.h"
#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/temp_folder.h"

namespace picket::detector {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

// What reading a file reports: the number of valid documents, the errors and the warnings.
struct Reading {
  size_t documents = 0;
  std::string errors, warnings;
};

Reading Read(std::string text) {
  Reading reading;
  const sigma::RuleFile file = {"x.yml", std::move(text)};
  std::vector<sigma::RuleFault> errors;
  reading.documents = sigma::ReadSigma(file, errors).size();
  reading.errors = Faults(errors);
  reading.warnings = Faults(sigma::LintSigma(file));
  return reading;
}

constexpr char kBody[] = "logsource: {product: m365}\ndetection:\n  s: {A: x}\n  condition: s\n";

std::string WithKeys(std::string_view keys) {
  return absl::StrCat("title: T\n", std::string(keys), kBody);
}

void ExpectLoadsWithWarning(const std::string& text, const std::string& warning) {
  const Reading reading = Read(text);
  EXPECT_EQ(reading.documents, 1u) << text;
  EXPECT_EQ(reading.errors, "") << text;
  if (warning.empty()) {
    EXPECT_EQ(reading.warnings, "") << text;
  } else {
    EXPECT_THAT(reading.warnings, HasSubstr(warning)) << text;
  }
}

void ExpectError(const std::string& text, const std::string& error) {
  const Reading reading = Read(text);
  EXPECT_EQ(reading.documents, 0u) << text;
  EXPECT_THAT(reading.errors, HasSubstr(error)) << text;
}

TEST(RuleFaultsTest, AByteOrderMarkMayPrecedeEachDocument) {
  const std::string mark = "\xEF\xBB\xBF", rule = WithKeys("");
  ExpectLoadsWithWarning(mark + rule, "");
  ExpectLoadsWithWarning(mark + "---\n" + rule, "");
  ExpectLoadsWithWarning(mark + "# comment\n" + rule, "");
  EXPECT_EQ(Read(mark + rule + "---\n" + mark + rule).documents, 2u);
  EXPECT_EQ(Read(mark + rule + mark + "---\n" + rule).documents, 2u);
  EXPECT_EQ(Read(mark + "title: [\n").errors.substr(0, 8), "x.yml:2:") << "positions stay right";
}

TEST(RuleFaultsTest, Utf16WithAByteOrderMarkIsRead) {
  const std::string rule = "title: \u00e9\U0001F600\n" + std::string(kBody);
  for (const bool big_endian : {false, true}) {
    std::string text = big_endian ? "\xFE\xFF" : "\xFF\xFE";
    const auto put = [&](uint32_t unit) {
      const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
      text += big_endian ? high : low;
      text += big_endian ? low : high;
    };
    for (const char32_t c : std::u32string(U"title: \u00e9\U0001F600\n")) {
      if (c < 0x10000) {
        put(c);
      } else {
        put(0xD800 + ((c - 0x10000) >> 10));
        put(0xDC00 + ((c - 0x10000) & 0x3FF));
      }
    }
    for (const char c : std::string(kBody)) put(static_cast<unsigned char>(c));
    std::vector<sigma::RuleFault> faults;
    const auto documents = sigma::ReadSigma({"x.yml", text}, faults);
    EXPECT_EQ(Faults(faults), "");
    ASSERT_THAT(documents, SizeIs(1));
    EXPECT_EQ(documents[0].info.title, "\u00e9\U0001F600");
  }
}

TEST(RuleFaultsTest, AFileWithoutRulesIsAWarning) {
  for (const char* const text : {"", "\n \n", "# only a comment\n", "---\n", "\xEF\xBB\xBF"}) {
    const Reading reading = Read(text);
    EXPECT_EQ(reading.documents, 0u);
    EXPECT_EQ(reading.errors, "");
    EXPECT_THAT(reading.warnings, HasSubstr("the file contains no rule")) << text;
  }
  EXPECT_EQ(Read(WithKeys("")).warnings, "");
}

TEST(RuleFaultsTest, FilesAreFoundWhateverTheCaseOfTheirExtension) {
  const TempFolder folder;
  for (const char* const name : {"a.yml", "b.YML", "c.Yaml", "d.test.YML", "e.txt"}) {
    folder.Write(name, WithKeys(""));
  }
  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> names;
  for (const sigma::RuleFile& file : sigma::ReadRuleFiles(folder.Path(), faults)) {
    names.push_back(file.path.substr(file.path.rfind('/') + 1));
  }
  EXPECT_THAT(names, ElementsAre("a.yml", "b.YML", "c.Yaml"));
}

TEST(RuleFaultsTest, AGlobalPartThatNoRuleFollowsIsAnError) {
  const std::string global = "action: global\nlevel: high\n";
  EXPECT_EQ(Read(global + "---\n" + WithKeys("")).errors, "");
  for (const std::string& text : {WithKeys("") + "---\n" + global, global,
                                  global + "---\naction: reset\n---\n" + WithKeys("")}) {
    EXPECT_THAT(Read(text).errors, HasSubstr("no rule follows this 'action: global'")) << text;
  }
  EXPECT_EQ(Read(global + "---\n" + WithKeys("") + "---\naction: reset\n").errors, "");
}

TEST(RuleFaultsTest, OtherKeysOfALogSourceAreAWarningUnlessTheyAreMisspelt) {
  const auto rule = [](std::string_view key) {
    return absl::StrCat("title: T\nlogsource: {product: m365, ", std::string(key),
                        ": x}\ndetection:\n  s: {A: x}\n  condition: s\n");
  };
  for (const char* const key : {"description", "subservice", "vendor", "note"}) {
    ExpectLoadsWithWarning(rule(key), absl::StrCat("'", key, "' of 'logsource' has no effect"));
  }
  ExpectLoadsWithWarning(rule("definition"), "");
  for (const char* const key : {"servce", "services", "Service", "catgeory", "prodcut"}) {
    ExpectError(rule(key), "of 'logsource'; did you mean '");
  }
}

TEST(RuleFaultsTest, MistakesInMetadataAreWarnings) {
  const struct {
    const char *keys, *warning;
  } cases[] = {
      {"level: High\n", "write the level 'high' in lower case"},
      {"falsepositives:\n  - 'a: b'\n", ""},
      {"falsepositives:\n  - Backups: nightly\n",
       "x.yml:3:5: warning: 'falsepositives' contains a "
       "string with a colon"},
      {"references:\n  - see: {a: b}\n", "'references' must contain only strings"},
      {"description: {a: b}\n", "'description' contains a string with a colon"},
      {"author: {a: b, c: d}\n", "'author' must contain only strings"},
      {"status: stable\n", ""},
      {"status: stabel\n", "did you mean 'stable'?"},
      {"status: deprecated\n", "marked as deprecated"},
      {"date: 2026-02-28\nmodified: 2026/03/01\n", ""},
      {"date: 2026-13-45\n", "'date' must be a day"},
      {"modified: 2026-02-29\n", "'modified' must be a day"},
      {"date: yesterday\n", "'date' must be a day"},
      {"tags: attack.collection\n", "'tags' must be a list"},
      {"tags: [attack.collection, attack.t1114.003, attack.g0016, attack.s0002, cve.2024-1]\n", ""},
      {"tags: [attack.credential_access, mine.own, tlp.red]\n", ""},
      {"tags: [atack.t1078]\n", "unknown namespace 'atack' of a tag; did you mean 'attack'?"},
      {"tags: [attack.t9999]\n", "ATT&CK has no technique T9999"},
      {"tags: [attack.colection]\n", "did you mean 'collection'?"},
      {"tags: [t1078]\n", "has no namespace"},
  };
  for (const auto& each : cases) ExpectLoadsWithWarning(WithKeys(each.keys), each.warning);
  ExpectError(WithKeys("level: severe\n"), "unknown level 'severe'");
}

TEST(RuleFaultsTest, ValuesThatYamlReadsDifferentlyGetAHint) {
  const auto item = [](std::string_view line) {
    return absl::StrCat("title: T\nlogsource: {product: m365}\ndetection:\n  s:\n    ",
                        std::string(line), "\n  condition: s\n");
  };
  for (const char* const line :
       {"A: *cmd*", "- *cmd*", "- *cmd", "A: %TEMP%", "- @x", "- `x`", "A: *", "- !x y"}) {
    ExpectError(item(line), "must be in quotes");
  }
  ExpectError("title: a: b\n" + std::string(kBody), "a colon and a blank must be in quotes");
  ExpectError(item("A: \"\\Windows\""), "write the value in single quotes");
  ExpectError(item("A: \"\\users\""), "write the value in single quotes");
  ExpectError(item("A: 'it's'"), "write '' for a quote");
  ExpectError(item("<<: {B: x}"), "merge keys (<<) are not part of YAML 1.2");
  ExpectError(item("A: {b: c}"), "in quotes for a string");
}

TEST(RuleFaultsTest, CommonNamesForModifiersGetAHint) {
  for (const auto& [name, hint] : {std::pair<const char*, const char*>{"any", "remove it"},
                                   {"in", "remove it"},
                                   {"equals", "remove it"},
                                   {"regex", "write 're'"},
                                   {"containss", "did you mean 'contains'?"},
                                   {"not", "write 'neq'"}}) {
    EXPECT_THAT(Faults(CompileText(ItemRule(absl::StrCat("a|", name, ": [x, y]"))).faults),
                HasSubstr(hint));
  }
}

TEST(RuleFaultsTest, PartsOutsideTheirBlockAreNamed) {
  ExpectError("title: T\nlogsource: {product: m365}\ndetection:\n  s: {A: x}\ncondition: s\n",
              "'detection' has no 'condition': the one in line 5 is outside 'detection'");
  ExpectError("title: T\nlogsource: {product: m365}\ns: {A: x}\ndetection:\n  condition: s\n",
              "the one in line 3 is outside 'detection'; indent it");
  ExpectError("title: T\ncorrelation:\n  type: event_count\n  rules: a\ntimespan: 1h\n",
              "the correlation has no 'timespan': the one in line 5 is outside 'correlation'");
}

TEST(RuleFaultsTest, DoubtfulTimespansAndCountsAreWarnings) {
  const auto rule = [](std::string_view timespan, std::string_view condition) {
    return absl::StrCat("title: T\ncorrelation:\n  type: event_count\n  rules: a\n  ",
                        std::string(timespan), "\n  condition: ", std::string(condition), "\n");
  };
  ExpectLoadsWithWarning(rule("timespan: 5m", "{gte: 1}"), "");
  ExpectLoadsWithWarning(rule("timespan: 5M", "{gte: 5}"), "write '5m' for minutes");
  ExpectLoadsWithWarning(rule("timespan: 10 m", "{gte: 5}"), "contains a blank");
  ExpectLoadsWithWarning(rule("timeframe: 10m", "{gte: 5}"), "the older name of 'timespan'");
  for (const char* const never :
       {"{gt: 5, lt: 3}", "{lt: 1}", "{eq: 0}", "{gte: 5, eq: 4}", "{gt: 4, lt: 6, neq: 5}"}) {
    ExpectLoadsWithWarning(rule("timespan: 5m", never), "never raises an alert");
  }
  for (const char* const always : {"{gte: 0}", "{gte: 0, lte: 9223372036854775807}"}) {
    ExpectLoadsWithWarning(rule("timespan: 5m", always), "every count fulfils the condition");
  }
  ExpectLoadsWithWarning(rule("timespan: 5m", "{gt: 4, lt: 6}"), "");
}

TEST(RuleFaultsTest, ConditionsThatNeverOrAlwaysHoldAreWarnings) {
  const auto rule = [](std::string_view condition) {
    return absl::StrCat(
        "title: T\nlogsource: {product: m365}\ndetection:\n  a: {A: x, B: y}\n  b: {A: x}\n"
        "  c: {C: z}\n  condition: ",
        std::string(condition), "\n");
  };
  for (const char* const never : {"a and not a and c", "a and not b and c",
                                  "not (b or not b) and c and a", "(a or b) and not 1 of them"}) {
    EXPECT_THAT(Read(rule(never)).warnings, HasSubstr("contradicts itself")) << never;
  }
  EXPECT_THAT(Read(rule("a or not b or b or c")).warnings, HasSubstr("holds for every event"));
  for (const char* const fine : {"b and not a and c", "a and not c and b", "not a or not b or c"}) {
    EXPECT_EQ(Read(rule(fine)).warnings, "") << fine;
  }
}

TEST(RuleFaultsTest, ValuesWithDoubtfulEscapesAreWarnings) {
  const auto rule = [](std::string_view value) {
    return ItemRule(absl::StrCat("A|endswith: ", std::string(value)));
  };
  for (const char* const value :
       {R"("\temp.exe")", R"("\foo.exe")", R"("x\bin")", R"("C:\new")", R"("\x1b[0m")"}) {
    ExpectLoadsWithWarning(rule(value), "control character");
  }
  for (const char* const value :
       {R"('C:\Temp\*.exe')", R"('\Temp\?.exe')", R"('\*.exe')", R"("C:\\Temp\\*.exe")"}) {
    ExpectLoadsWithWarning(rule(value), "is an ordinary character");
  }
  for (const char* const value :
       {R"('C:\Temp\\*.exe')", R"('\*')", R"('x\*y')", R"('what\?')", R"('\\\*\IPC$')", R"("a\nb")",
        R"('\temp.exe')", R"("C:\\Temp")"}) {
    ExpectLoadsWithWarning(rule(value), "");
  }
}

TEST(RuleFaultsTest, WindashReplacesEachOfTheFiveDashes) {
  const char* const dashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
  for (const char* const written : dashes) {
    const std::string item = absl::StrCat("A|windash|contains: ' ", written, "enc '");
    for (const char* const used : dashes) {
      EXPECT_TRUE(ItemMatches(item, absl::StrCat(R"({"A":"x )", used, R"(enc y"})")))
          << written << " " << used;
    }
    EXPECT_FALSE(ItemMatches(item, R"({"A":"x +enc y"})"));
    // A dash inside a word is not a switch.
    const std::string inside = absl::StrCat("A|windash: 'a", written, "b'");
    EXPECT_TRUE(ItemMatches(inside, absl::StrCat(R"({"A":"a)", written, R"(b"})")));
    EXPECT_FALSE(ItemMatches(inside, R"({"A":"a+b"})"));
  }
  EXPECT_FALSE(ItemMatches("A|windash: 'a-b'", R"({"A":"a/b"})"));
}

TEST(RuleFaultsTest, LargeNumbersAreComparedExactly) {
  const auto holds = [](const std::string& item, const std::string& value) {
    return ItemMatches("B|" + item, absl::StrCat(R"({"B":)", value, "}"));
  };
  EXPECT_TRUE(holds("gt: 9007199254740992", "9007199254740993"));
  EXPECT_FALSE(holds("gt: 9007199254740993", "9007199254740993"));
  EXPECT_TRUE(holds("gte: 9007199254740993", "9007199254740993"));
  EXPECT_FALSE(holds("gte: 9007199254740993", "9007199254740992"));
  EXPECT_TRUE(holds("lt: -9007199254740992", "-9007199254740993"));
  EXPECT_TRUE(holds("lt: 18446744073709551616", "18446744073709551615"));
  EXPECT_FALSE(holds("gt: 18446744073709551615", "\"18446744073709551615\""));
  EXPECT_TRUE(holds("gt: 123456789012345678901234567890", "123456789012345678901234567891"));
  EXPECT_TRUE(holds("gt: 0.1", "0.10000000000000000001"));
  EXPECT_FALSE(holds("gt: 1.5", "1.50"));
  EXPECT_TRUE(holds("lte: 0xFFFFFFFFFFFFFFFF", "18446744073709551615"));
  EXPECT_FALSE(holds("lt: 1e20", "100000000000000000000"));
  EXPECT_TRUE(holds("gte: 0", "-0.0"));
}

}  // namespace
}  // namespace picket::detector
