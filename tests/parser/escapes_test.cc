// Texts are copied with their escapes, and cut where the mapping wants a part of one: whatever escapes stand in a
// record, both events are JSON.

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_format.h"
#include "bench/twins/difference.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

TEST(EscapesTest, AFileNameIsCutBehindASeparatorOnly) {
  const auto name_of = [](std::string_view path) {
    return Normalized(RecordWith("SharePoint", "FileAccessed",
                                 R"(,"ObjectId":")" + std::string(path) + R"(")"))
        .At("/file/name");
  };
  EXPECT_EQ(name_of(R"(C:\\Users\\a\\plan.docx)"), "plan.docx");
  EXPECT_EQ(name_of(R"(https://fabrikam.example/plan.docx)"), "plan.docx");
  EXPECT_EQ(name_of(R"(/home/a/the \"plan\")"), "the \"plan\"");
  EXPECT_EQ(name_of(R"(C:\\a\\tab\there)"), "tab\there");
  EXPECT_EQ(name_of(R"(C:\\a\\\"quoted\")"), "\"quoted\"");
  EXPECT_EQ(name_of(R"(\"plan\")"), "\"plan\"");
  EXPECT_EQ(name_of(R"(C:\\a\\)"), "C:\\a\\");
}

TEST(EscapesTest, TheMailboxOfAnInboxRuleWhoseNameBeginsWithAQuote) {
  const Normalized result(
      RecordWith("Exchange", "New-InboxRule", R"(,"ObjectId":"maria\\\"rule\"","Parameters":[])"));
  EXPECT_EQ(result.At("/resources/0/name"), R"(maria\"rule")");
  EXPECT_EQ(result.At("/resources/1/name"), "maria");
}

TEST(EscapesTest, TagsAndListsAreFoundHoweverTheyAreEscaped) {
  const auto group_of = [](std::string_view data) {
    return Normalized(
               RecordWith("SharePoint", "AddedToGroup",
                          R"(,"ObjectId":"site","EventData":")" + std::string(data) + R"(")"))
        .At("/group/name");
  };
  EXPECT_EQ(group_of("<Group>Owners</Group>"), "Owners");
  EXPECT_EQ(group_of(R"(\u003cGroup\u003eSite Owners\u003c/Group\u003e)"), "Site Owners");
  EXPECT_EQ(group_of(R"(\u003CGroup\u003EOwners\u003C/Group\u003E)"), "Owners");
  EXPECT_EQ(group_of(R"(<Group>Site Owners<\/Group>)"), "Site Owners");
  EXPECT_EQ(group_of(R"(\u003cGroup\u003e)"), "site");
  EXPECT_EQ(group_of("</Group><Group>"), "site");
  EXPECT_EQ(Normalized(RecordWith("SharePoint", "SharingSet",
                                  R"(,"ObjectId":"o","ItemType":"File","EventData":)"
                                  R"("\u003cPermissions granted\u003eEdit)"
                                  R"(\u003c/Permissions granted\u003e")"))
                .At("/access_list"),
            R"(["Edit"])");
  EXPECT_EQ(Normalized(RecordWith("AzureActiveDirectory", "Add member to role.",
                                  R"(,"ModifiedProperties":[{"Name":"Role.DisplayName",)"
                                  R"("NewValue":"[\u0022Global Administrator\u0022]"}])"))
                .At("/privileges"),
            R"(["Global Administrator"])");
}

// The same text as .NET escapes it: brackets, quotes, what is no ASCII.
std::string AsDotNetEscapes(std::string_view json) {
  std::string out;
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (!in_text || json[i] != '\\') {
      const bool bracket = json[i] == '<' || json[i] == '>' || json[i] == '&' || json[i] == '\'';
      if (in_text && bracket) {
        absl::StrAppendFormat(&out, "\\u%04x", static_cast<unsigned>(json[i]));
      } else {
        out += json[i];
      }
      if (json[i] == '"') in_text = !in_text;
      continue;
    }
    ++i;
    if (json[i] == '"') {
      out += "\\u0022";
    } else {
      out += '\\';
      out += json[i];
    }
  }
  return out;
}

TEST(EscapesTest, EventsAreTheSameAsDotNetEscapes) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch plain;
  NormalizedBatch escaped;
  int changed = 0;
  for (const std::string& record : AllRecords().records) {
    const std::string other = AsDotNetEscapes(record);
    // Told apart by its brackets: an address that is none, without a remark.
    if (other == record || record.find("\"<null>\"") != std::string::npos) continue;
    ++changed;
    normalizer.Normalize({}, record, plain);
    normalizer.Normalize({}, other, escaped);
    ASSERT_EQ(plain.events.size(), escaped.events.size());
    for (size_t i = 0; i < plain.events.size(); ++i) {
      ASSERT_EQ(twins::Difference(plain.Json(plain.events[i]), escaped.Json(escaped.events[i])), "")
          << other;
    }
  }
  EXPECT_GT(changed, 50);
}

// The place of a character inside of a text that is no half of an escape; npos when `at` lies in none.
size_t PlaceInText(std::string_view json, size_t at) {
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (in_text && i >= at) return i;
    if (json[i] == '"') in_text = !in_text;
    if (json[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

TEST(EscapesTest, EventsAreJsonWhateverEscapesStandInARecord) {
  static constexpr std::string_view kEscapes[] = {R"(\")",     R"(\\)",   R"(\/)",   R"(\n)",
                                                  R"(\u00e4)", R"(\\\")", R"(\"\")", "/",
                                                  R"(/\"x\")", R"(\\\\)"};
  std::vector<std::string> records = ReadRecords("tests/data/records/rows.ndjson");
  for (std::string& record : ReadRecords("tests/data/records/samples.ndjson")) {
    records.push_back(std::move(record));
  }
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  std::mt19937_64 random(20260418);
  for (const std::string& record : records) {
    for (int round = 0; round < 40; ++round) {
      std::string changed = record;
      for (uint64_t more = random() % 6 + 1; more > 0; --more) {
        const size_t place = PlaceInText(changed, random() % changed.size());
        if (place == std::string::npos) continue;
        changed.insert(place, kEscapes[random() % std::size(kEscapes)]);
      }
      normalizer.Normalize({.ecs = true}, changed, batch);
      for (const NormalizedBatch::Event& event : batch.events) {
        simdjson::dom::parser parser;
        for (const std::string_view json : {batch.Json(event), batch.Ecs(event)}) {
          ASSERT_EQ(parser.parse(json.data(), json.size()).error(), simdjson::SUCCESS)
              << changed << "\n"
              << json;
        }
      }
    }
  }
}

}  // namespace
}  // namespace picket::parser
