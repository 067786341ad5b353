// Tests what each modifier means for each kind of value, and which modifiers can be combined. The
// cases are in tables, so that a diff shows each change of a meaning as a changed line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "sigma/sigma_document.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/twins/naive_matcher.h"

namespace picket::detector {
namespace {

// The events of the table kMeanings, one for each column.
constexpr const char* kEvents[] = {
    R"({"f":"abc","g":"abc"})",                    // T  text
    R"({"f":"","g":"abc"})",                       // E  empty text
    R"({"f":42,"g":"abc"})",                       // N  number
    R"({"f":true,"g":"abc"})",                     // B  boolean
    R"({"f":null,"g":"abc"})",                     // 0  null
    R"({"g":"abc"})",                              // M  missing
    R"({"f":["abc",42],"g":"abc"})",               // A  array
    R"({"f":{"k":"abc"},"g":"abc"})",              // O  object
    R"({"f":[],"g":"abc"})",                       // V  empty array
    R"({"f":[{"k":"x"},{"k":"abc"}],"g":"abc"})",  // L  array of objects
};

struct Meaning {
  const char* item;
  const char* matches;  // `+` for each event that matches, otherwise `-`
};
std::ostream& operator<<(std::ostream& out, const Meaning& row) { return out << row.item; }

constexpr Meaning kMeanings[] = {
    //                              TENB0MAOVL
    {"f: abc", "+-----+---"},
    {"f: ABC", "+-----+---"},
    {"f: ''", "-+--------"},
    {"f: 42", "--+---+---"},
    {"f: '42'", "--+---+---"},
    {"f: 42.0", "--+---+---"},
    {"f: true", "---+------"},
    {"f: 'true'", "---+------"},
    {"f: null", "----++----"},
    {"f: [null, abc]", "+---+++---"},
    {"f: [abc, [42, true]]", "+-++--+---"},
    {"f: a*", "+-----+---"},
    {"f: '*'", "++++--+---"},
    {"f: '?'", "----------"},
    {"f: 4?", "--+---+---"},
    {"f: ???", "+-----+---"},
    {"f.k: abc", "-------+-+"},
    {"f|contains: b", "+-----+---"},
    {"f|contains: ''", "++++--+---"},
    {"f|contains: '*'", "++++--+---"},
    {"f|contains: a?c", "+-----+---"},
    {"f|contains: 4", "--+---+---"},
    {"f|contains: true", "---+------"},
    {"f|startswith: ab", "+-----+---"},
    {"f|startswith: 4", "--+---+---"},
    {"f|startswith: ''", "++++--+---"},
    {"f|startswith: '*c'", "+-----+---"},
    {"f|endswith: bc", "+-----+---"},
    {"f|endswith: ue", "---+------"},
    {"f|endswith: ''", "++++--+---"},
    {"f|all: [a*, '*c']", "+-----+---"},
    {"f|all: [abc, 42]", "------+---"},
    {"f|all: [abc, '']", "----------"},
    {"f|all: [null, abc]", "----------"},
    {"f|contains|all: [a, c]", "+-----+---"},
    {"f|contains|all: [[x, a], c]", "+-----+---"},
    {"f|contains|all: [[x, y], c]", "----------"},
    {"f|cased: abc", "+-----+---"},
    {"f|cased: ABC", "----------"},
    {"f|cased: 42", "--+---+---"},
    {"f|cased: true", "---+------"},
    {"f|cased: ''", "-+--------"},
    {"f|contains|cased: B", "----------"},
    {"f|neq: abc", "-+++++-+++"},
    {"f|neq: ''", "+-++++++++"},
    {"f|neq: 42", "++-+++-+++"},
    {"f|neq: true", "+++-++++++"},
    {"f|neq: null", "++++--++++"},
    {"f|neq: [abc, 42]", "-+-+++-+++"},
    {"f|neq: a*", "-+++++-+++"},
    {"f|neq|all: [abc, 42]", "++++++-+++"},
    {"f|neq|contains: b", "-+++++-+++"},
    {"f|neq|re: b", "-+++++-+++"},
    {"f|neq|cased: ABC", "++++++++++"},
    {"f|neq|fieldref: g", "-+++++-+++"},
    {"f|neq|cidr: 10.0.0.0/8", "++++++++++"},
    {"f|neq|hour: 3", "++++++++++"},
    {"f|minute: 45", "----------"},
    {"f|neq|minute: 45", "++++++++++"},
    {"f|day: 10", "----------"},
    {"f|neq|day: 10", "++++++++++"},
    {"f|week: 1", "----------"},
    {"f|neq|week: 1", "++++++++++"},
    {"f|month: 1", "----------"},
    {"f|neq|month: 1", "++++++++++"},
    {"f|year: 1970", "----------"},
    {"f|neq|year: 1970", "++++++++++"},
    {"f|base64: abc", "----------"},
    {"f|neq|base64: abc", "++++++++++"},
    {"f|base64offset|contains: abc", "----------"},
    {"f|neq|base64offset|contains: abc", "++++++++++"},
    {"f|wide: abc", "----------"},
    {"f|neq|wide: abc", "++++++++++"},
    {"f|utf16le: abc", "----------"},
    {"f|neq|utf16le: abc", "++++++++++"},
    {"f|utf16be: abc", "----------"},
    {"f|neq|utf16be: abc", "++++++++++"},
    {"f|utf16|base64: abc", "----------"},
    {"f|neq|utf16|base64: abc", "++++++++++"},
    {"f|wide|base64: abc", "----------"},
    {"f|neq|wide|base64: abc", "++++++++++"},
    {"f|exists: true", "+++++-++++"},
    {"f|exists: false", "-----+----"},
    {"f|re: '^a'", "+-----+---"},
    {"f|re: B", "----------"},
    {"f|re: '^\\d+$'", "--+---+---"},
    {"f|re: '^$'", "-+--------"},
    {"f|re: ''", "++++--+---"},
    {"f|re: tru", "---+------"},
    {"f|re: 42", "--+---+---"},
    {"f|re|i: ^AB", "+-----+---"},
    {"f|re|ignorecase: ^AB", "+-----+---"},
    {"f|re|m|s: 'a.c$'", "+-----+---"},
    {"f|re|all: [a, c]", "+-----+---"},
    {"f|lt: 43", "--+---+---"},
    {"f|lt: 42", "----------"},
    {"f|lte: 42", "--+---+---"},
    {"f|gt: 41", "--+---+---"},
    {"f|gt: '41'", "--+---+---"},
    {"f|gt: -1", "--+---+---"},
    {"f|gte: 42.5", "----------"},
    {"f|gte: 0x2A", "--+---+---"},
    {"f|gt|all: [1, 100]", "----------"},
    {"f|cidr: 10.0.0.0/8", "----------"},
    {"f|hour: 3", "----------"},
    {"f|fieldref: g", "+-----+---"},
    {"f|fieldref|contains: g", "+-----+---"},
    {"f|fieldref|startswith: g", "+-----+---"},
    {"f|fieldref|endswith: g", "+-----+---"},
    {"f|fieldref|cased: g", "+-----+---"},
    {"f|fieldref: f", "++++--+---"},
    {"f|fieldref: x", "----------"},
    {"f|base64: abc", "----------"},
    {"f|windash: abc", "+-----+---"},
    {"f|windash: ''", "-+--------"},
    {"f|windash: 42", "--+---+---"},
};

class MeaningTest : public ::testing::TestWithParam<Meaning> {};

TEST_P(MeaningTest, AnItemMatchesTheListedKindsOfValues) {
  const std::string rule = ItemRule(GetParam().item);
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::SigmaDocument> documents =
      sigma::ReadSigma({"rules/x.yml", rule}, faults);
  ASSERT_EQ(Faults(faults), "");
  std::string compiled, naive;
  for (const char* const event : kEvents) {
    compiled += Matches(rule, event) ? '+' : '-';
    naive += NaivelyMatches(*documents[0].expression, *ParseJson(event)) ? '+' : '-';
  }
  EXPECT_EQ(compiled, GetParam().matches);
  EXPECT_EQ(naive, GetParam().matches);
}

INSTANTIATE_TEST_SUITE_P(All, MeaningTest, ::testing::ValuesIn(kMeanings));

// Cases for modifiers that need values in a special form: addresses, times and encoded text.
struct FormMeaning {
  const char* item;
  const char* value;  // value of the field, as JSON
  bool matches;
};
constexpr FormMeaning kForms[] = {
    {"f|cidr: 10.0.0.0/8", R"("10.1.2.3")", true},
    {"f|cidr: 10.0.0.0/8", R"("10.1.2.3:443")", true},
    {"f|cidr: 10.0.0.0/8", R"(["1.1.1.1","10.1.2.3"])", true},
    {"f|cidr: 10.0.0.0/8", "10.1", false},
    {"f|cidr: 10.0.0.0/8", R"("::ffff:10.1.2.3")", true},
    {"f|cidr: 10.1.2.3", R"("10.1.2.3")", true},
    {"f|cidr: 2001:db8::/32", R"("[2001:db8::1]:443")", true},
    {"f|cidr: 0.0.0.0/0", R"("2001:db8::1")", false},
    {"f|cidr|all: [10.0.0.0/8, 10.1.0.0/16]", R"("10.1.2.3")", true},
    {"f|minute: 45", R"("2024-07-10T03:45:10Z")", true},
    {"f|hour: 3", R"("2024-07-10T03:45:10Z")", true},
    {"f|hour|gte: 3", R"("2024-07-10T05:00:00+02:00")", true},
    {"f|hour|lt: 3", R"("2024-07-10T03:00:00Z")", false},
    {"f|day: 10", R"("2024-07-10")", true},
    {"f|week: 53", R"("2021-01-03T00:00:00Z")", true},
    {"f|week: 1", R"("2021-01-04T00:00:00Z")", true},
    {"f|month: 7", R"("2024-07-10T03:45:10Z")", true},
    {"f|year|lte: 2024", R"("2024-07-10T03:45:10Z")", true},
    {"f|hour: 3", "1720583110000", true},
    {"f|hour: 3", "1720583110", true},
    {"f|minute: 45", R"("1720583110")", true},
    {"f|year: 1970", "2024", false},
    {"f|year: 2024", R"("x")", false},
    {"f|month|neq: 7", R"("2024-07-10T03:45:10Z")", false},
    {"f|base64: abc", R"("YWJj")", true},
    {"f|base64: 42", R"("NDI=")", true},
    {"f|base64|base64: abc", R"("WVdKag==")", false},  // rejected: a modifier may occur only once
    {"f|base64|contains: abc", R"("xYWJj")", true},
    {"f|base64offset|contains: foobar", R"("eGZvb2Jhcg==")", true},
    {"f|base64|base64offset|contains: foobar", R"("Wm05dlltRnk=")", true},
    {"f|utf16le|base64: abc", R"("YQBiAGMA")", true},
    {"f|wide|base64: abc", R"("YQBiAGMA")", true},
    {"f|utf16be|base64: abc", R"("AGEAYgBj")", true},
    {"f|utf16|base64: abc", R"("//5hAGIAYwA=")", true},
    {"f|wide: a", R"("a\u0000")", true},
    {"f|wide|base64offset|contains: ab", R"("eGEAYgA=")", true},
    {"f|windash: -a", R"("/a")", true},
    {"f|windash|contains: ' -a'", "\"x \u2013a\"", true},
    {"f|windash|all|contains: [' -a', ' -b']", R"("x /b /a")", true},
    {"f|windash|base64offset|contains: ' -abc'", R"("eCAvYWJj")", true},
};

TEST(ModifierTableTest, ModifiersWithSpecialValuesMatchThem) {
  for (const FormMeaning& row : kForms) {
    const std::string event = absl::StrCat("{\"f\":", row.value, "}");
    EXPECT_EQ(ItemMatches(row.item, event), row.matches) << row.item << " on " << event;
  }
}

// Items that a rule must not have, because they could never match or cannot mean what the author
// wants. `message` is a part of the error.
struct NoMeaning {
  const char* item;
  const char* message;
};
constexpr NoMeaning kNoMeanings[] = {
    {"f: []", "an empty list matches nothing"},
    {"f: [[]]", "an empty list matches nothing"},
    {"f: {k: v}", "is a map: write 'f.k'"},
    {"f: [{k: v}]", "is a map: write 'f.k'"},
    {"f: [[[x]]]", "must be a string, a number"},
    {"f|all: x", "needs a list of at least two values"},
    {"f|all: [x]", "needs a list of at least two values"},
    {"f|all: null", "needs a list of at least two values"},
    {"f|exists: 'true'", "takes true or false"},
    {"f|exists: yes", "takes true or false"},
    {"f|exists: 1", "takes true or false"},
    {"f|exists: null", "takes true or false"},
    {"f|exists: [true, false]", "takes one value"},
    {"f|contains: null", "null has no meaning with 'f|contains'"},
    {"f|startswith: null", "null has no meaning"},
    {"f|endswith: [x, null]", "null has no meaning"},
    {"f|cased: null", "null has no meaning"},
    {"f|re: null", "null has no meaning"},
    {"f|cidr: null", "null has no meaning"},
    {"f|fieldref: null", "null has no meaning"},
    {"f|gt: null", "null has no meaning"},
    {"f|hour: null", "null has no meaning"},
    {"f|windash: null", "null has no meaning"},
    {"f|base64: null", "null has no meaning"},
    {"f|expand: null", "null has no meaning"},
    {"f|gt: many", "takes a number, not 'many'"},
    {"f|lt: true", "takes a number, not 'true'"},
    {"f|lte: ''", "takes a number, not ''"},
    {"f|gte: .inf", "takes a number"},
    {"f|gte: nan", "takes a number"},
    {"f|gt: 4*", "takes a number"},
    {"f|hour: 24", "'hour' takes a whole number from 0 to 23"},
    {"f|minute: 60", "from 0 to 59"},
    {"f|day: 0", "from 1 to 31"},
    {"f|week: 54", "from 1 to 53"},
    {"f|month: 13", "from 1 to 12"},
    {"f|month: July", "takes a number"},
    {"f|hour: 3.5", "takes a whole number"},
    {"f|cidr: 10.0.0.0/33", "is not a network"},
    {"f|cidr: 10.0.*", "is not a network"},
    {"f|cidr: ''", "is not a network"},
    {"f|cidr: 10", "is not a network"},
    {"f|cidr: true", "is not a network"},
    {"f|fieldref: ''", "takes the name of a field"},
    {"f|fieldref: g*", "takes the name of a field"},
    {"f|fieldref: true", "takes the name of a field"},
    {"f|re: '('", "invalid regular expression"},
    {"f|re: '(?=x)y'", "invalid regular expression"},
    {"f|re: 'x(?<!y)'", "invalid regular expression"},
    {"f|re: '(x)\\1'", "invalid regular expression"},
    {"f|base64: ''", "nothing to encode"},
    {"f|base64: a*", "has a wildcard"},
    {"f|utf16|base64: a?", "has a wildcard"},
    {"f|base64offset: a", "too short for base64offset"},
    {"f|utf16: a", "in UTF-16 is not text"},
    {"f|wide: é", "in UTF-16 is not text"},
    {"f|windash: ' -a -b -c -d -e -f'", "more than five switches"},
    {"f|expand: '%l%'", "there is no list of that name"},
    {"f|contain: x", "did you mean 'contains'?"},
    {"f|sounds: x", "unknown modifier 'sounds'; known are contains"},
    {"f|equals: x", "unknown modifier 'equals': remove it"},
    {"f|: x", "unknown modifier ''"},
    {"f|contains|contains: x", "is given twice"},
    {"f|re|i|ignorecase: x", "is given twice"},
    {"f|i|re: x", "must follow 're'"},
    {"'|exists': true", "keywords have no 'exists'"},
    {"'|startswith': x", "keywords have no 'startswith'"},
    {"'|endswith': x", "keywords have no 'endswith'"},
    {"'|fieldref': x", "keywords have no 'fieldref'"},
    {"'|gt': 1", "keywords have no 'gt'"},
    {"'|hour': 1", "keywords have no 'hour'"},
    {"'': null", "null has no meaning as a keyword"},
};

TEST(ModifierTableTest, AnItemWithoutMeaningIsALoadErrorAndNotSilentlyFalse) {
  for (const NoMeaning& row : kNoMeanings) {
    const CompiledText compiled = CompileText(ItemRule(row.item));
    EXPECT_THAT(Faults(compiled.faults), ::testing::HasSubstr(row.message)) << row.item;
    EXPECT_TRUE(compiled.rules->rules().empty()) << row.item;
  }
}

// The modifiers of the rows and of the columns of kPairs. The characters in kPairs mean:
// +  The pair is valid if the row's modifier comes first.
// <  The pair is valid only if the column's modifier comes first.
// .  The pair is invalid.
constexpr const char* kNames[] = {
    "contains", "startswith", "endswith", "re",    "cidr",   "exists", "fieldref",
    "lt",       "lte",        "gt",       "gte",   "minute", "hour",   "day",
    "week",     "month",      "year",     "all",   "cased",  "neq",    "expand",
    "windash",  "utf16le",    "utf16be",  "utf16", "wide",   "base64", "base64offset",
    "i",        "m",          "s",
};
constexpr const char* kPairs[] = {
    "......+..........+++++++++++...",  // contains
    "......+..........+++++++++++...",  // startswith
    "......+..........+++++++++++...",  // endswith
    ".................+.+........+++",  // re
    ".................+.++..........",  // cidr
    "...............................",  // exists
    "+++..............+++...........",  // fieldref
    "...........+++++++.............",  // lt
    "...........+++++++.............",  // lte
    "...........+++++++.............",  // gt
    "...........+++++++.............",  // gte
    ".......++++......+.+...........",  // minute
    ".......++++......+.+...........",  // hour
    ".......++++......+.+...........",  // day
    ".......++++......+.+...........",  // week
    ".......++++......+.+...........",  // month
    ".......++++......+.+...........",  // year
    "+++++.+++++++++++.+++++++++++++",  // all
    "+++...+..........+.+++++++++...",  // cased
    "+++++.+....++++++++.+++++++++++",  // neq
    "+++.+............+++.+++++++...",  // expand
    "+++..............+++<.++++++...",  // windash
    "+++..............+++<<....++...",  // utf16le
    "+++..............+++<<....++...",  // utf16be
    "+++..............+++<<....++...",  // utf16
    "+++..............+++<<....++...",  // wide
    "+++..............+++<<++<+.+...",  // base64
    "+++..............+++<<++<++....",  // base64offset
    "...<.............+.+.........++",  // i
    "...<.............+.+........+.+",  // m
    "...<.............+.+........++.",  // s
};

// Returns an item with both modifiers and a value that suits both.
std::string PairItem(const std::string& first, const std::string& second) {
  const auto has = [&](std::string_view name) { return first == name || second == name; };
  const auto any_of = [&](std::initializer_list<std::string_view> names) {
    return std::any_of(names.begin(), names.end(), has);
  };
  std::string value = "'longer text'";
  if (any_of({"lt", "lte", "gt", "gte", "minute", "hour", "day", "week", "month", "year"})) {
    value = "7";
  }
  if (has("exists")) value = "true";
  if (has("cidr")) value = "10.0.0.0/8";
  if (has("expand")) value = has("cidr") ? "'%networks%'" : "'%words%'";
  if (has("all")) value = absl::StrCat("[", value, ", ", value, "]");
  // Some pairs need a third modifier, which is added here. The flags i, m and s need `re` before
  // them. `utf16` needs `base64` after it: its byte order mark is not valid UTF-8, so no event
  // could contain the value itself.
  const bool is_flag = any_of({"i", "m", "s"}) && !has("re");
  const bool is_bytes = has("utf16") && !any_of({"base64", "base64offset"});
  return absl::StrCat("f|", is_flag ? "re|" : "", first, "|", second, is_bytes ? "|base64" : "",
                      ": ", value);
}

TEST(ModifierTableTest, OnlyTheListedPairsOfModifiersCanBeCombined) {
  const sigma::ValueLists lists = {{"words", {"longer text", "other text"}},
                                   {"networks", {"10.0.0.0/8"}}};
  const auto loads = [&](const char* first, const char* second) {
    std::vector<sigma::RuleFault> faults;
    RuleSet::Compile({{"x.yml", ItemRule(PairItem(first, second))}}, LiteralFieldName, faults,
                     lists);
    return faults.empty();
  };
  ASSERT_EQ(std::size(kPairs), std::size(kNames));
  for (size_t row = 0; row < std::size(kNames); ++row) {
    std::string pairs;
    for (size_t column = 0; column < std::size(kNames); ++column) {
      const bool is_right = row != column && loads(kNames[row], kNames[column]);
      const bool is_other = row != column && loads(kNames[column], kNames[row]);
      pairs += is_right ? '+' : is_other ? '<' : '.';
    }
    EXPECT_EQ(pairs, kPairs[row]) << kNames[row];
  }
}

}  // namespace
}  // namespace picket::detector
