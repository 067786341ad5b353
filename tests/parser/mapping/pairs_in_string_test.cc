// Some collectors write a list of {Name, Value} as one string. Tests that the normaliser reads such
// a string as a list, and also keeps the string unchanged.

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <random>
#include <set>

#include "bench/twins/difference.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kLists[] = {"Parameters", "ModifiedProperties", "ExtendedProperties",
                                  "DeviceProperties", "OperationProperties"};

constexpr char kForwarding[] =
    R"([{"Name":"Identity","Value":"maria"},{"Name":"ForwardTo","Value":"x@evil.example"}])";

// Returns a member of a record in the form `,"Name":"text"`.
std::string WithText(std::string_view name, std::string_view text) {
  return ",\"" + std::string(name) + "\":" + Json(text).dump();
}

std::string Mailbox(std::string_view parameters) {
  return RecordWith("Exchange", "Set-Mailbox", WithText("Parameters", parameters));
}

TEST(PairsInStringTest, AForwardingInAStringIsFound) {
  const Normalized result(Mailbox(kForwarding));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/api/request/data/ForwardTo"), "x@evil.example");
  EXPECT_EQ(result.At("/api/request/data/Identity"), "maria");
  EXPECT_EQ(
      result.At("/api/request/data/parameters"),
      R"([{"name":"Identity","value":"maria"},{"name":"ForwardTo","value":"x@evil.example"}])");
  EXPECT_NE(result.At("/metadata/labels").find("\"forwarding\""), std::string::npos);
  EXPECT_EQ(result.At("/severity_id"), "3");
  EXPECT_EQ(result.At("/unmapped/Parameters_text"), kForwarding);
  EXPECT_EQ(result.At("/metadata/debug"), "<none>");
}

TEST(PairsInStringTest, ADisabledAuditInAStringIsFound) {
  const Normalized result(Mailbox(R"([ {"Value":"$false" , "Name":"AuditEnabled"} ])"));
  EXPECT_NE(result.At("/metadata/labels").find("\"security_control_change\""), std::string::npos);
  EXPECT_EQ(result.At("/api/request/data/AuditEnabled"), "$false");
}

TEST(PairsInStringTest, EcsHasTheNamesThatElasticsRulesUse) {
  const Normalized result(Mailbox(kForwarding), {.ecs = true});
  const Tree event = ParseTree(result.batch.Ecs(result.batch.events.at(0)));
  EXPECT_EQ(At(event, "/o365/audit/Parameters"),
            R"({"Identity":"maria","ForwardTo":"x@evil.example"})");
  EXPECT_EQ(At(event, "/o365/audit/Parameters_kv/1/name"), "ForwardTo");
  EXPECT_EQ(At(event, "/o365/audit/Parameters_text"), kForwarding);
  EXPECT_NE(At(event, "/tags").find("\"forwarding\""), std::string::npos);
  EXPECT_EQ(At(event, "/event/severity"), "3");
}

// Normalises each record twice: once with `json` as the value of the field `list`, and once with a
// string that contains `json`. Returns the differences between the events. Ignores members that
// exist only because of the string.
std::string DifferenceOfForms(const std::string& list, const std::string& json) {
  std::string difference;
  for (const auto& [workload, operation] :
       {std::pair<const char*, const char*>{"Exchange", "New-InboxRule"},
        {"Exchange", "MailItemsAccessed"},
        {"AzureActiveDirectory", "Update user."},
        {"AzureActiveDirectory", "UserLoggedIn"}}) {
    const std::string as_list = RecordWith(workload, operation, ",\"" + list + "\":" + json);
    const std::string as_text = RecordWith(workload, operation, WithText(list, json));
    const auto events = [&](const std::string& record) {
      const Normalized result(record, {.ecs = true});
      Json ocsf = Json::parse(result.Json());
      Json ecs = Json::parse(result.batch.Ecs(result.batch.events.at(0)));
      for (Json* unmapped : {&ocsf["unmapped"], &ecs["o365"]["audit"]}) {
        if (record == as_text) {
          EXPECT_EQ(unmapped->value(list + "_text", ""), json);
        }
        unmapped->erase(list + "_text");
        // OperationProperties is the only list whose string is also added to `decoded`.
        if (list == "OperationProperties") unmapped->erase("decoded");
      }
      return std::pair(ocsf.dump(), ecs.dump());
    };
    const auto [ocsf, ecs] = events(as_list);
    const auto [text_ocsf, text_ecs] = events(as_text);
    difference += twins::Difference(ocsf, text_ocsf) + twins::Difference(ecs, text_ecs);
  }
  return difference;
}

TEST(PairsInStringTest, AStringGivesTheSameEventAsTheListInIt) {
  for (const char* list : kLists) {
    for (const char* json :
         {kForwarding, R"([{"Name":"OS","Value":"Windows10"},{"Name":"SessionId","Value":"s"}])",
          R"([{"Name":"UserPrincipalName","NewValue":"[\"a@b.example\"]","OldValue":"[\"c\"]"}])",
          R"([{"Name":"additionalDetails","Value":"{\"User-Agent\":\"a\\\"b\"}"}])",
          R"([{"Name":"RuleName","Value":"r \" \\ \u00e4 \n"},{"Name":"RuleActions","Value":)"
          R"("[{\"ActionType\":\"Forward\",\"Recipients\":[\"x@evil.example\"]}]"}])",
          R"([{"Name":"Name","Value":5},{"Name":"ForwardTo","Value":null},{"Name":"Role"},)"
          R"({"Name":"From","Value":{"a":["b",1]}},{"Name":"Name","Value":"second"}])",
          "[\r\n  { \"Name\" : \"DeleteMessage\",\t\"Value\" : \"True\" }\n]"}) {
      EXPECT_EQ(DifferenceOfForms(list, json), "") << list << ": " << json;
    }
  }
}

TEST(PairsInStringTest, AStringWithAnythingElseIsNotReadAsAList) {
  for (const std::string& text :
       {std::string(""),
        std::string(" "),
        std::string("["),
        std::string("[]"),
        std::string("[{}]"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"})"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"}]])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"}] [])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"},])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"},5])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example"},{"Value":"y"}])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example","Odd":"z"}])"),
        std::string(R"([{"Name":"ForwardTo","Name":"Identity","Value":"x@evil.example"}])"),
        std::string(R"([{"Name":"ForwardTo","Value":"x@evil.example","Value":"y"}])"),
        std::string(R"([{"Name":5,"Value":"x@evil.example"}])"),
        std::string(R"([{"Name":"ForwardTo","Value":"\ud800"}])"),
        std::string(R"([{"Name":"ForwardTo","Value":"\x"}])"),
        std::string(R"([{"Name":"ForwardTo","Value":01}])"),
        std::string("[{\"Name\":\"ForwardTo\",\"Value\":\"tab\there\"}]"),
        std::string("[{\"Name\":\"ForwardTo\",\"Value\":\"\0\"}]", 34),
        std::string(R"(["ForwardTo","x@evil.example"])"),
        std::string(R"({"Name":"ForwardTo","Value":"x@evil.example"})"),
        std::string(R"("[{\"Name\":\"ForwardTo\",\"Value\":\"x\"}]")"),
        std::string(R"(-ForwardTo "x@evil.example" -AuditEnabled "False")"),
        std::string(5000, '['),
        "[{\"Name\":\"ForwardTo\",\"Value\":" + std::string(5000, '[')}) {
    const Normalized result(Mailbox(text));
    ASSERT_EQ(result.size(), 1u) << text;
    EXPECT_EQ(result.At("/unmapped/Parameters_text"), text);
    EXPECT_EQ(result.At("/api/request"), "<none>") << text;
    EXPECT_EQ(result.At("/metadata/labels"),
              Normalized(RecordWith("Exchange", "Set-Mailbox", "")).At("/metadata/labels"));
    EXPECT_EQ(result.At("/metadata/debug"), "<none>") << text;
  }
}

TEST(PairsInStringTest, NoPairsAreLeftOverForTheNextRecord) {
  const std::string bad = R"([{"Name":"ForwardTo","Value":"x@evil.example"})";
  const std::string list =
      RecordWith("Exchange", "Set-Mailbox", R"(,"Parameters":[{"Name":"Identity","Value":"b"}])");
  const Normalized result("[" + Mailbox(kForwarding) + "," + Mailbox(bad) + "," + list + "," +
                          RecordWith("Exchange", "Set-Mailbox", "") + "]");
  ASSERT_EQ(result.size(), 4u);
  EXPECT_EQ(result.At("/api/request/data/ForwardTo", 0), "x@evil.example");
  EXPECT_EQ(result.At("/api/request", 1), "<none>");
  EXPECT_EQ(result.At("/api/request/data", 2),
            R"({"parameters":[{"name":"Identity","value":"b"}],"Identity":"b"})");
  EXPECT_EQ(result.At("/api/request", 3), "<none>");
}

TEST(PairsInStringTest, TheFirstOccurrenceOfARepeatedListIsRead) {
  const Normalized result(RecordWith(
      "Exchange", "Set-Mailbox",
      WithText("Parameters", R"([{"Name":"Identity","Value":"a"}])") +
          WithText("Parameters", kForwarding) + WithText("ModifiedProperties", kForwarding)));
  EXPECT_EQ(result.At("/api/request/data/Identity"), "a");
  EXPECT_EQ(result.At("/api/request/data/ForwardTo"), "<none>");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys/0/value"), kForwarding);
  EXPECT_EQ(result.At("/unmapped/ModifiedProperties/1/Name"), "ForwardTo");
  EXPECT_EQ(result.At("/unmapped/ModifiedProperties_text"), kForwarding);
}

// Expects that the value at the pointer, if there is one, is a list of objects. In each object,
// each name must occur once, and each value must be a string or null.
void ExpectPairs(const Tree& event, const std::string& pointer) {
  simdjson::dom::element list;
  if (event.root.at_pointer(pointer).get(list) != simdjson::SUCCESS) return;
  ASSERT_TRUE(list.is_array()) << event.text;
  for (const simdjson::dom::element pair : simdjson::dom::array(list)) {
    ASSERT_TRUE(pair.is_object()) << event.text;
    std::set<std::string_view> keys;
    for (const simdjson::dom::key_value_pair member : simdjson::dom::object(pair)) {
      EXPECT_TRUE(member.value.is_string() || member.value.is_null()) << event.text;
      EXPECT_TRUE(keys.insert(member.key).second) << event.text;
    }
  }
}

TEST(PairsInStringTest, RandomStringsGiveTheSameEventsOnBothPathsAndAreKept) {
  BothWays ways;
  const NormalizedBatch &a = ways.a, &b = ways.b;
  std::mt19937_64 random(20260611);
  static constexpr std::string_view kPieces[] = {"{",
                                                 "}",
                                                 "[",
                                                 "]",
                                                 ",",
                                                 ":",
                                                 "\"",
                                                 "\\",
                                                 "\\\\",
                                                 "\\\"",
                                                 "\\u0022",
                                                 "\\ud83d",
                                                 " ",
                                                 "\r\n",
                                                 "\t",
                                                 "0",
                                                 "-1.5",
                                                 "e",
                                                 "null",
                                                 "true",
                                                 "\"Name\":",
                                                 "\"Value\":\"v\"",
                                                 "\"NewValue\":{}",
                                                 "\"OldValue\":[1]",
                                                 "{\"Name\":\"ForwardTo\"},",
                                                 "\xc3\xa4",
                                                 "ForwardTo",
                                                 ""};
  size_t read = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<std::string> texts;
    std::string blob = "[";
    for (int i = 0; i < 3; ++i) {
      std::string text =
          R"([{"Name":"ForwardTo","Value":"x"},{"Name":"Name","NewValue":"{\"a\":1}",)"
          R"("OldValue":5},{"Name":"OS","Value":null}])";
      for (int change = static_cast<int>(random() % 4); change > 0; --change) {
        const size_t at = random() % text.size();
        // Skip the second and later bytes of a UTF-8 character, so that the text stays valid UTF-8.
        if ((static_cast<uint8_t>(text[at]) & 0xc0) == 0x80) continue;
        if (random() % 2 == 0) {
          text.insert(at, kPieces[random() % std::size(kPieces)]);
        } else if (static_cast<uint8_t>(text[at]) < 0x80) {
          text.replace(at, 1, kPieces[random() % std::size(kPieces)]);
        }
      }
      const std::string list = kLists[random() % std::size(kLists)];
      texts.push_back("/unmapped/" + list + "_text");
      texts.push_back(text);
      if (i > 0) blob += ',';
      blob += RecordWith("Exchange", random() % 2 == 0 ? "New-InboxRule" : "Set-Mailbox",
                         WithText(list, text));
    }
    blob += ']';
    ways.Normalize({.ecs = true}, blob);
    ASSERT_EQ(a.text.view(), b.text.view()) << blob;
    ASSERT_EQ(a.events.size(), 3u) << blob;
    for (size_t i = 0; i < 3; ++i) {
      const Tree event = ParseTree(a.Json(a.events[i]));
      const Tree ecs = ParseTree(a.Ecs(a.events[i]));
      ASSERT_EQ(At(event, texts[2 * i]), texts[2 * i + 1]) << blob;
      for (const char* list : kLists) {
        ExpectPairs(event, "/unmapped/" + std::string(list));
        ExpectPairs(ecs, "/o365/audit/" + std::string(list) + "_kv");
      }
      ExpectPairs(event, "/api/request/data/parameters");
      read += std::string_view(event.text).find("arameters\":[{") != std::string_view::npos;
    }
  }
  EXPECT_GT(read, 400u);
}

}  // namespace
}  // namespace picket::parser
