// Compares the matcher with its slow twin (tests/twins/naive_matcher.h). Uses random rules and
// events, and also public rules on real records.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <zlib.h>

#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/file.h"
#include "detector/matching/matcher.h"
#include "sigma/placeholders.h"
#include "sigma/sigma_document.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/shared_data.h"
#include "tests/twins/naive_matcher.h"

namespace picket::detector {
namespace {

// Generates random rules and events. There are only a few fields and letters, so that rules often
// match.
class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  std::string Rule(int id) {
    const int identifiers = 1 + Below(3);
    std::string text = absl::StrCat("title: R\nid: r", id,
                                    "\nsigma-version: 3\nlogsource: {product: m365}\ndetection:\n");
    for (int i = 0; i < identifiers; ++i) {
      absl::StrAppend(&text, "  s", i, ":\n");
      if (Below(8) == 0) {
        absl::StrAppend(&text, "    - ", Quoted(Text()), "\n    - ", Quoted(Text()), "\n");
        continue;
      }
      if (Below(10) == 0) {
        absl::StrAppend(&text, "    '", Pick({"|all", "|contains|all"}), "': [", Quoted(Text()),
                        ", ", Quoted(Text()), "]\n");
        continue;
      }
      if (Below(10) == 0) {
        absl::StrAppend(&text, "    '", Pick({"|re", "|neq|cidr"}), "': 10.0.0.0/8\n");
        continue;
      }
      if (Below(5) == 0) {  // a list that contains two maps and one list
        std::string key;
        absl::StrAppend(&text, "    - ", Item(key), "\n    - ", Item(key), "\n    - [",
                        Quoted(Text()), ", 7]\n");
        continue;
      }
      // Two items may have the same field if their modifiers differ, but not the same key.
      std::vector<std::string> keys;
      const int items = 1 + Below(3);
      for (int k = 0; k < items; ++k) {
        std::string key;
        const std::string item = Item(key);
        if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
        keys.push_back(key);
        absl::StrAppend(&text, "    ", item, "\n");
      }
    }
    return absl::StrCat(text, "  condition: ", Condition(identifiers, 0), "\n");
  }

  // Returns a filter that applies to the rules whose index ends in the digit `id`.
  std::string Filter(int id) {
    std::string rules, key;
    for (int i = id; i < 40; i += 10) absl::StrAppend(&rules, i == id ? "r" : ", r", i);
    return absl::StrCat("title: F\nsigma-version: 3\nfilter:\n  rules: [", rules, "]\n  s0:\n    ",
                        Item(key), "\n  condition: not s0\n");
  }

  std::string Event() {
    std::vector<std::string> members;
    const int count = Below(6);
    for (int i = 0; i < count; ++i) {
      members.push_back(
          absl::StrCat("\"", Pick({"a", "b", "c", "a.b", "c.d", "d"}), "\":", Value(0)));
    }
    return absl::StrCat("{", absl::StrJoin(members, ","), "}");
  }

 private:
  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint32_t>(bound)); }
  std::string Pick(std::vector<std::string> from) {
    return from[Below(static_cast<int>(from.size()))];
  }

  std::string Text() {
    std::string text;
    const int parts = Below(4);
    for (int i = 0; i < parts; ++i)
      text += Pick({"x", "y", "X", "xy", "é", "É", "7", "-", " ", "/", "yyxxy"});
    return text;
  }
  std::string Pattern() {
    std::string text;
    const int parts = Below(4);
    for (int i = 0; i < parts; ++i) {
      text += Pick({"x", "y", "X", "*", "?", "é", "7", "\\*", "\\\\", "-", "yx", "xyxy"});
    }
    return text;
  }
  static std::string Quoted(const std::string& text) { return "'" + text + "'"; }

  // Returns an item that tests elements of an array, and sets `key` to its key.
  std::string ElementItem(std::string& key, int depth) {
    const std::string field = Pick({"a", "b", "c", "a.b", "d"});
    const std::string quantifier =
        Pick({"[any]", "[all]", "[none]", "[all_or_empty]", "[0]", "[1]", "[-1]", "[-2]"});
    std::string inner_key;
    const std::string inner = Item(inner_key, depth + 1);
    const std::string quoted = absl::StrCat("'", inner_key, "'", inner.substr(inner_key.size()));
    switch (Below(3)) {
      case 0:
        key = field + quantifier;
        if (!inner_key.starts_with('.')) key += '.';
        key += inner_key.substr(inner_key.starts_with('.') ? 1 : 0);
        return absl::StrCat(key, inner.substr(inner_key.size()));
      case 1:
        key = field + quantifier;
        return absl::StrCat(key, ": {", quoted, "}");
      default:
        key = field + quantifier;
        return absl::StrCat(key, ": {condition: ", Pick({"p and not q", "q or not p", "p"}),
                            ", p: {", quoted, "}, q: {",
                            Pick({"'.': 7", "b: x", "'.|contains': y"}), "}}");
    }
  }

  std::string Item(std::string& key, int depth = 0) {
    if (Below(6) == 0 && depth < 2) return ElementItem(key, depth);
    const std::string field =
        depth > 0 ? Pick({".", "b", "d", "x", "."}) : Pick({"a", "b", "c", "a.b", "c.d", "e"});
    const auto item = [&](const std::string& modifiers, const std::string& value) {
      key = field + modifiers;
      return absl::StrCat(key, ": ", value);
    };
    switch (Below(19)) {
      case 0:
        return item("|exists", Pick({"true", "false"}));
      case 1:
        return item(Pick({"", "|neq"}),
                    Pick({"null", "7", "7.0", "true", "''", "0x7", "[7, x]", "[null, y]"}));
      case 2:
        return item(Pick({"|gt", "|lte", "|lt", "|gte"}),
                    Pick({"7", "1.5", "-3", "[42, 1]", "9007199254740993", "9007199254740992"}));
      case 3:
        return item(Pick({"|re", "|re|i", "|neq|re", "|re|m|s"}),
                    Quoted(Pick({"x.y", "^X", "y$", "x|7", "yyx+", "[xy]{2}", ""})));
      case 4:
        return item(Pick({"|cidr", "|neq|cidr", "|expand|cidr"}),
                    Pick({"10.0.0.0/8", "2001:db8::/32", "[10.1.0.0/16, 10.2.0.0/15]",
                          "[10.1.0.0/16, 10.1.2.0/24, 2001:db8::/64, 10.1.2.3, 2001:db8:1::/48]"}));
      case 5:
        return item(Pick({"|fieldref", "|fieldref|startswith", "|fieldref|contains",
                          "|fieldref|endswith|cased", "|neq|fieldref"}),
                    Pick({"a", "b", "c.d", "[a, b]"}));
      case 6:
        return item(
            Pick({"|contains|all", "|endswith|all", "|all", "|neq|all", "|re|all", "|all|cased"}),
            absl::StrCat("[", Quoted(Text()), ", ", Quoted(Text()), "]"));
      case 7:
        return item(Pick({"|cased", "|contains|cased", "|endswith|cased", "|startswith|cased"}),
                    Quoted(Pattern()));
      case 8:
        return item(Pick({"|neq", "|windash|contains", "|base64offset|contains", "|windash",
                          "|neq|contains", "|wide|base64offset|contains", "|base64"}),
                    Quoted(Pick({"xyx", "-x", "7yy", " /y"})));
      case 9: {
        std::vector<std::string> many;
        for (int i = Below(2) * 20; i < 32; ++i) many.push_back(Quoted(Pattern()));
        return item(Pick({"", "|contains", "|startswith", "|endswith"}),
                    absl::StrCat("[", absl::StrJoin(many, ", "), "]"));
      }
      case 15:
        return item(Pick({"", "|neq", "|endswith", "|startswith", "|re", "|cased", "|contains"}),
                    Pick({"'10.1.2.3'", "'10.1.2.3:44'", "'2001:DB8:0::1'", "'::ffff:10.1.2.3'",
                          "'.3'", "'3$'", "'10.1.x'", "'2001:db8::'"}));
      case 10:
        return item(Pick({"|hour", "|hour|gte", "|hour|lt", "|neq|hour", "|expand|contains"}),
                    Pick({"3", "22"}));
      case 11:
        return item(Pick({"|minute", "|minute|lte"}), Pick({"45", "0"}));
      case 12:
        return item(Pick({"|day|gt", "|month", "|week", "|year|neq"}), Pick({"7", "10", "1"}));
      case 13:
        return item(Pick({"|expand", "|expand|contains", "|expand|endswith", "|expand|neq"}),
                    Quoted(Pick({"%words%", "x%words%", "%words%%tails%"})));
      case 14:
        return item("|contains|all", absl::StrCat("[[", Quoted(Pattern()), ", ", Quoted(Pattern()),
                                                  "], ", Quoted(Pattern()), "]"));
      default:
        return item(Pick({"", "|contains", "|startswith", "|endswith"}), Quoted(Pattern()));
    }
  }

  std::string Condition(int identifiers, int depth) {
    switch (depth > 2 ? 0 : Below(6)) {
      case 1:
        return absl::StrCat("(", Condition(identifiers, depth + 1), " or ",
                            Condition(identifiers, depth + 1), ")");
      case 2:
        return absl::StrCat("(", Condition(identifiers, depth + 1), " and ",
                            Condition(identifiers, depth + 1), ")");
      case 3:
        return absl::StrCat("not ", Condition(identifiers, depth + 1));
      case 4:
        return Pick({"1 of them", "all of s*", "1 of *", "any of s*", "not 1 of them"});
      default:
        return absl::StrCat("s", Below(identifiers));
    }
  }

  std::string Value(int depth) {
    switch (Below(depth > 2 ? 6 : 10)) {
      case 0:
        return Pick({"null", "true", "false"});
      case 1:
        return Pick({"7", "7.0", "-3", "1.5", "70e-1", "42", "1720583110000", "1720583110",
                     "9007199254740993", "9007199254740992.5"});
      case 2:
        return Pick({"\"10.1.2.3\"", "\"10.1.2.3:44\"", "\"2001:db8::1\"",
                     "\"2024-07-10T03:45:00Z\"", "\"::FFFF:10.1.2.3\"", "\"[2001:db8:0::1]:443\"",
                     "\"fe80::1%eth0\""});
      case 6:
        return absl::StrCat("[", Value(depth + 1), ",", Value(depth + 1), "]");
      case 7:
        return Pick({"[]", "{}", "\"\"", "\"7\"", "\"True\""});
      case 8:
      case 9:
        return absl::StrCat("{\"", Pick({"b", "d", "x", "b.c"}), "\":", Value(depth + 1), ",\"",
                            Pick({"b", "d", "x"}), "\":", Value(depth + 1), "}");
      default:
        return absl::StrCat("\"", Text(),
                            Pick({"", R"(\u0078)", R"(\/)", R"(\\)", R"(\u00c9)", R"(\n)"}), Text(),
                            "\"");
    }
  }

  std::mt19937 random_;
};

const sigma::ValueLists& Lists() {
  static const sigma::ValueLists lists = {{"words", {"x", "y*x", "7"}}, {"tails", {"", "y?", "-"}}};
  return lists;
}

// Returns the indexes of the rules that match the event according to the slow twin.
std::vector<uint32_t> NaiveMatches(const std::vector<sigma::SigmaDocument>& rules,
                                   const Json& event, const NaivePlaces* places = nullptr) {
  std::vector<uint32_t> matches;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    if (NaivelyMatches(*rules[i].expression, event, places)) matches.push_back(i);
  }
  return matches;
}

// Places of keywords and addresses, as a resolver and for the slow twin.
const NaivePlaces& Places() {
  static const NaivePlaces places = {.searched = {"a", "c.d", "b.b"},
                                     .unsearched = {"a.b", "c.d.x"},
                                     .placeholder_path = "c.d",
                                     .placeholder = "xy",
                                     .addresses = {"a", "c.d", "b"}};
  return places;
}

std::vector<EventPath> ResolveWithPlaces(std::string_view name) {
  std::vector<EventPath> paths;
  if (!name.empty()) {
    paths = LiteralFieldName(name);
    const std::vector<std::string>& addresses = Places().addresses;
    paths[0].is_address = std::find(addresses.begin(), addresses.end(), name) != addresses.end();
    return paths;
  }
  for (const std::string& path : Places().searched) {
    paths.push_back(LiteralFieldName(path)[0]);
    if (path == Places().placeholder_path) paths.back().placeholder = Places().placeholder;
  }
  for (const std::string& path : Places().unsearched) {
    paths.push_back(LiteralFieldName(path)[0]);
    paths.back().is_excluded = true;
  }
  return paths;
}

void CompareRandomRulesWithTwin(const FieldResolver& resolve, const NaivePlaces* places) {
  size_t matches = 0, comparisons = 0;
  for (uint32_t seed = 0; seed < 20; ++seed) {
    Generator generator(seed);
    std::string text;
    for (int i = 0; i < 40; ++i) text += generator.Rule(i) + "---\n";
    std::vector<sigma::RuleFault> faults;
    for (int i = 0; i < 3; ++i) text += generator.Filter(i) + "---\n";
    const std::vector<sigma::RuleFile> files = {{"r.yml", text}};
    std::vector<sigma::SigmaDocument> documents;
    std::vector<sigma::ExpressionPtr> filters;
    for (sigma::SigmaDocument& document : sigma::ReadSigma(files[0], faults)) {
      ASSERT_TRUE(sigma::ResolvePlaceholders(Lists(), document, faults)) << Faults(faults);
      if (document.kind == sigma::SigmaDocument::Kind::kFilter) {
        filters.push_back(document.expression);
      } else {
        documents.push_back(std::move(document));
      }
    }
    ASSERT_EQ(Faults(faults), "") << text;
    // The slow twin does not support filters. Therefore, each filter is added to the conditions of
    // its rules. Filter i applies to the rules whose index ends in the digit i.
    for (size_t i = 0; i < documents.size(); ++i) {
      if (i % 10 >= filters.size()) continue;
      auto both = std::make_shared<sigma::Expression>();
      both->kind = sigma::Expression::Kind::kAnd;
      both->children = {documents[i].expression, filters[i % 10]};
      documents[i].expression = std::move(both);
    }
    const auto rules = RuleSet::Compile(files, resolve, faults, Lists());
    ASSERT_EQ(Faults(faults), "");
    ASSERT_EQ(rules->rules().size(), documents.size());
    Matcher matcher(rules), without_index(rules, {.use_index = false}),
        without_cache(rules, {.cache_values = false});
    std::vector<std::string> events;
    std::vector<ParsedEvent> parsed(120);
    for (size_t i = 0; i < parsed.size(); ++i) events.push_back(generator.Event());
    for (size_t i = 0; i < parsed.size(); ++i) matcher.Parse(events[i], parsed[i]);
    for (size_t i = 0; i < parsed.size(); ++i) {
      const std::string& event = events[i];
      const std::optional<Json> json = ParseJson(event);
      ASSERT_TRUE(json.has_value()) << event;
      const auto found = matcher.Match(event);
      ASSERT_TRUE(matcher.ok()) << event;
      const std::vector<uint32_t> expected = NaiveMatches(documents, *json, places);
      ASSERT_THAT(std::vector<uint32_t>(found.begin(), found.end()),
                  ::testing::ElementsAreArray(expected))
          << "seed " << seed << " " << event << "\n"
          << text;
      ASSERT_THAT(without_index.Match(event), ::testing::ElementsAreArray(expected)) << event;
      ASSERT_THAT(without_cache.Match(event), ::testing::ElementsAreArray(expected)) << event;
      ASSERT_THAT(matcher.MatchParsed(parsed[i]), ::testing::ElementsAreArray(expected)) << event;
      ASSERT_THAT(matcher.MatchParsed(parsed[i]), ::testing::ElementsAreArray(expected)) << event;
      matches += expected.size();
      comparisons += documents.size();
    }
  }
  // The test proves something only if many rules match and many do not.
  EXPECT_GT(matches, comparisons / 20);
  EXPECT_LT(matches, comparisons / 2);
}

TEST(MatcherPropertyTest, RandomRulesOnRandomEventsEqualTheSlowTwin) {
  CompareRandomRulesWithTwin(LiteralFieldName, nullptr);
}

TEST(MatcherPropertyTest, RandomRulesWithPlacesOfKeywordsAndAddressesEqualTheSlowTwin) {
  CompareRandomRulesWithTwin(ResolveWithPlaces, &Places());
}

std::string ReadGzip(const std::string& path) {
  std::string text;
  const gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int size; file != nullptr && (size = gzread(file, buffer, sizeof(buffer))) > 0;)
    text.append(buffer, size);
  if (file != nullptr) gzclose(file);
  return text;
}

TEST(MatcherPropertyTest, PublicRulesOnRealRecordsEqualTheSlowTwin) {
  const auto rules_path = SharedData("sigma/rules-m365-azure");
  const auto records_path = SharedData("o365/real-audit-records.ndjson.gz");
  if (!rules_path.has_value() || !records_path.has_value()) {
    GTEST_SKIP()
        << "SHARED DATA MISSING: sigma/rules-m365-azure, o365/real-audit-records.ndjson.gz";
  }
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = sigma::ReadRuleFiles(*rules_path, faults);
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  std::vector<sigma::SigmaDocument> documents;
  for (const sigma::RuleFile& file : files) {
    for (sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      if (sigma::PlaceholdersOf(document).empty()) documents.push_back(std::move(document));
    }
  }
  ASSERT_EQ(documents.size(), rules->rules().size());
  Matcher matcher(rules);
  std::istringstream lines(ReadGzip(*records_path));
  int events = 0;
  for (std::string line; std::getline(lines, line);) {
    if (++events % 50 != 0) continue;  // the twin is too slow for all events
    const std::optional<Json> json = ParseJson(line);
    ASSERT_TRUE(json.has_value());
    const auto found = matcher.Match(line);
    ASSERT_TRUE(matcher.ok());
    ASSERT_THAT(std::vector<uint32_t>(found.begin(), found.end()),
                ::testing::ElementsAreArray(NaiveMatches(documents, *json)))
        << line;
  }
  EXPECT_EQ(events, 9608);
}

}  // namespace
}  // namespace picket::detector
