// Texts are copied with their escapes, and cut where the mapping wants a part of one: whatever escapes stand in a
// record, both events are JSON.

#include <gtest/gtest.h>

#include <random>

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
