// Tests which parts of an event are shown in the alert for the event.

#include "detector/alert_writer.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "detector/detector.h"
#include "simdjson.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/ocsf_schema.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

// The alert for an event. `matched` contains the matched fields that the alert shows, each as
// "name=value". `left_out` is the number of matched fields that the alert does not show. `json` is
// empty if there is no alert.
struct Shown {
  std::vector<std::string> matched;
  int64_t left_out = 0;
  std::string json;
};

Shown Show(const std::string& rule, std::string_view event) {
  const CompiledText compiled = CompileText("id: r\n" + rule);
  EXPECT_EQ(Faults(compiled.faults), "");
  Metrics metrics;
  Detector detector(compiled.rules, {}, metrics);
  Shown shown;
  detector.Process({.tenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4",
                    .topic = "o365.events",
                    .partition = 3,
                    .offset = 42},
                   event, [&shown](const Alert& alert) { shown.json = alert.json; });
  if (shown.json.empty()) return shown;
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(shown.json);
  const simdjson::dom::element data = root["evidences"].at(0)["data"];
  for (const simdjson::dom::element field : simdjson::dom::array(data["matched"])) {
    shown.matched.push_back(absl::StrCat(ToAbsl(std::string_view(field["name"])), "=",
                                         ToAbsl(std::string_view(field["value"]))));
  }
  if (data["matched_left_out"].get(shown.left_out) != simdjson::SUCCESS) shown.left_out = 0;
  EXPECT_THAT(OcsfSchemas::Get().Validate(shown.json), IsEmpty());
  return shown;
}

TEST(AlertWriterTest, OnlyBranchesThatHoldAreShown) {
  const std::string rule = RuleText(
      "  one: {a: x, b: y}\n  two: {c: z}\n  three: {a: w}\n  condition: one or two or three\n");
  EXPECT_THAT(Show(rule, R"({"a":"x","b":"other","c":"z"})").matched, ElementsAre("c=z"))
      << "a branch that holds only in part is not shown";
  EXPECT_THAT(Show(rule, R"({"a":"x","b":"y"})").matched, ElementsAre("a=x", "b=y"));
}

TEST(AlertWriterTest, NegatedPartsAreNotShown) {
  EXPECT_THAT(Show(RuleText("  s: {a: x}\n  known: {b: y}\n  condition: s and not known\n"),
                   R"({"a":"x","b":"other"})")
                  .matched,
              ElementsAre("a=x"));
}

TEST(AlertWriterTest, TheMatchingElementOfAListIsShown) {
  EXPECT_THAT(Show(ItemRule("'To|endswith': '@evil.example'"),
                   R"({"To":["a@good.example","b@evil.example"]})")
                  .matched,
              ElementsAre("To=b@evil.example"));
  EXPECT_THAT(Show(ItemRule("'r.name|contains': needle"),
                   R"({"r":[{"name":"hay"},{"name":"a needle here"}]})")
                  .matched,
              ElementsAre("r.name=a needle here"));
}

TEST(AlertWriterTest, AKeywordIsShownWithTheValueThatContainsIt) {
  EXPECT_THAT(Show(RuleText("  words: [mimikatz]\n  condition: words\n"),
                   R"({"a":{"b":"ran Mimikatz now"}})")
                  .matched,
              ElementsAre("(any field)=ran Mimikatz now"));
}

TEST(AlertWriterTest, AFieldThatTwoSelectionsTestIsShownOnce) {
  EXPECT_THAT(Show(RuleText("  one: {'a|contains': x}\n  two: {'a|endswith': xy}\n"
                            "  condition: one and two\n"),
                   R"({"a":"wxy"})")
                  .matched,
              ElementsAre("a=wxy"));
}

TEST(AlertWriterTest, LongValuesAreCutBetweenCodePointsAndExcessFieldsAreCounted) {
  std::string value;
  for (int i = 0; i < 2000; ++i) value += "é";
  const Shown cut = Show(ItemRule("'a|contains': é"), absl::StrCat(R"({"a":")", value, "\"}"));
  ASSERT_THAT(cut.matched, SizeIs(1));
  EXPECT_EQ(cut.matched[0].size(), 2u + 1024u);
  EXPECT_EQ(cut.left_out, 0);

  std::string detection = "  s:\n", event = "{";
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&detection, "    f", i, ": x\n");
    absl::StrAppend(&event, i == 0 ? "" : ",", "\"f", i, "\":\"x\"");
  }
  const Shown many = Show(RuleText(detection + "  condition: s\n"), event + "}");
  EXPECT_THAT(many.matched, SizeIs(64));
  EXPECT_EQ(many.left_out, 36);
}

TEST(AlertWriterTest, AHugeEventIsReferencedByItsOffset) {
  const std::string event = absl::StrCat(R"({"time":1,"metadata":{"uid":"u1"},"a":"x","b":")",
                                         std::string(kMaxEmbeddedEventBytes, 'y'), "\"}");
  const Shown shown = Show(ItemRule("a: x"), event);
  EXPECT_LT(shown.json.size(), 4096u);
  EXPECT_NE(shown.json.find(R"("event_ref":{"uid":"u1","topic":"o365.events","partition":3,)"
                            R"("offset":42})"),
            std::string::npos)
      << shown.json;
}

// Returns the members `evidences` and `resources` of the alert for an event.
std::string EvidenceOf(std::string_view event) {
  const std::string json = Show(ItemRule("a: x"), event).json;
  simdjson::dom::parser parser;
  const simdjson::dom::element root = parser.parse(json);
  std::string text;
  for (const std::string_view key : {"actor", "src_endpoint", "user"}) {
    simdjson::dom::element part;
    if (root["evidences"].at(0)[key].get(part) == simdjson::SUCCESS) {
      absl::StrAppend(&text, ToAbsl(key), "=", simdjson::minify(part), " ");
    }
  }
  simdjson::dom::element resources;
  if (root["resources"].get(resources) == simdjson::SUCCESS) {
    absl::StrAppend(&text, "resources=", simdjson::minify(resources));
  }
  return text;
}

TEST(AlertWriterTest, TheEvidenceNamesActorSourceUserAndResources) {
  EXPECT_EQ(EvidenceOf(R"({"a":"x"})"), "");
  EXPECT_EQ(
      EvidenceOf(
          R"({"actor":{"user":{"name":"\u00e9va\/b"}},"a":"x",)"
          R"("src_endpoint":{ "ip" : "10.0.0.1","location":{"country":"DE","lat":1.50,"long":2e1}},)"
          R"("user":{"uid":"u"},"file":{"path":"/p","name":"n"}})"),
      R"(actor={"user":{"name":"éva/b"}} )"
      R"(src_endpoint={"ip":"10.0.0.1","location":{"country":"DE","lat":1.5,"long":20.0}} )"
      R"(user={"uid":"u"} )"
      R"(resources=[{"name":"/p","type":"File"},{"uid":"u","type":"User"}])");
}

TEST(AlertWriterTest, MembersThatAreNotObjectsAreLeftOut) {
  EXPECT_EQ(EvidenceOf(R"({"actor":"x","src_endpoint":[1],"user":null,"a":"x","resources":{}})"),
            "");
}

TEST(AlertWriterTest, AllAlertsOfAnEventNameTheSameUser) {
  const CompiledText compiled =
      CompileText("id: r1\n" + ItemRule("a: x") + "---\nid: r2\n" + ItemRule("a: x"));
  ASSERT_EQ(Faults(compiled.faults), "");
  Metrics metrics;
  Detector detector(compiled.rules, {}, metrics);
  std::vector<std::string> users;
  const auto process = [&](std::string_view event) {
    detector.Process({.tenant = "ce58a858-12c6-4de5-9620-2a6b24a71ad4"}, event,
                     [&users](const Alert& alert) { users.emplace_back(alert.user); });
  };
  process(R"({"a":"x","actor":{"user":{"name":"eva"}}})");
  process(R"({"a":"x","user":{"uid":"u-1"}})");
  process(R"({"a":"x"})");
  EXPECT_THAT(users, ElementsAre("eva", "eva", "u-1", "u-1", "", ""));
}

}  // namespace
}  // namespace picket::detector
