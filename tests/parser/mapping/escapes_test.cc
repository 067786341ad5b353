// Tests records with unusual escapes. The normaliser copies strings with their escapes. If the
// mapping needs only a part of a string, the normaliser must not cut through an escape. Otherwise,
// the event would be invalid JSON.

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_format.h"
#include "bench/twins/difference.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

TEST(EscapesTest, AFileNameBeginsBehindASeparator) {
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

TEST(EscapesTest, AnInboxRuleWhoseNameBeginsWithAQuoteHasAMailbox) {
  const Normalized result(
      RecordWith("Exchange", "New-InboxRule", R"(,"ObjectId":"maria\\\"rule\"","Parameters":[])"));
  EXPECT_EQ(result.At("/resources/0/name"), R"(maria\"rule")");
  EXPECT_EQ(result.At("/resources/1/name"), "maria");
}

TEST(EscapesTest, TagsAndListsAreFoundInAnyEscapedForm) {
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

TEST(EscapesTest, AnAddressIsReadInAnyEscapedForm) {
  const auto read = [](std::string_view address) {
    const Normalized result(
        RecordWith("SharePoint", "FileAccessed",
                   R"(,"ActorIpAddress":")" + std::string(address) + R"(","ClientIP":null)"));
    return result.At("/src_endpoint") + " " + result.At("/metadata/debug");
  };
  EXPECT_EQ(read(R"(\u003cnull\u003e)"), R"({"svc_name":"SharePoint"} <none>)");
  EXPECT_EQ(read(R"(\r\n)"), R"({"svc_name":"SharePoint"} <none>)");
  EXPECT_EQ(read(R"(\u005b2001:db8::7\u005d:50)"), R"({"ip":"2001:db8::7","port":50} <none>)");
  EXPECT_EQ(read(R"(HOST1 \u0028192.0.2.1\u0029)"),
            R"({"ip":"192.0.2.1","hostname":"HOST1"} <none>)");
  EXPECT_EQ(read(R"(15.20.41.032)"), R"({"svc_name":"SharePoint"} ["ip_unparsed"])");
}

// Returns the code point that begins at `at`, and advances `at` past it. The text must be valid
// UTF-8.
uint32_t TakeCodePoint(std::string_view text, size_t& at) {
  const auto byte = static_cast<uint8_t>(text[at++]);
  if (byte < 0x80) return byte;
  const int more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
  uint32_t code = byte & (0x3f >> more);
  for (int i = 0; i < more; ++i) code = code << 6 | (static_cast<uint8_t>(text[at++]) & 0x3f);
  return code;
}

// Returns the same record with the escapes that some JSON writers use: \u escapes for < > & ' + and
// for all characters outside ASCII, and \/ for slashes.
std::string Overescaped(std::string_view json) {
  std::string out;
  bool in_text = false;
  const auto put = [&](uint32_t unit) { absl::StrAppendFormat(&out, "\\u%04x", unit); };
  for (size_t i = 0; i < json.size();) {
    const char c = json[i];
    if (in_text && c == '\\') {
      if (json[i + 1] == '"') {
        put('"');
      } else {
        out.append(json.substr(i, 2));
      }
      i += 2;
      continue;
    }
    const uint32_t code = TakeCodePoint(json, i);
    if (c == '"') in_text = !in_text;
    if (!in_text) {
      out += c;
    } else if (c == '/') {
      out += "\\/";
    } else if (c == '<' || c == '>' || c == '&' || c == '\'' || c == '+') {
      put(code);
    } else if (code >= 0x10000) {
      put(0xd800 + ((code - 0x10000) >> 10));
      put(0xdc00 + ((code - 0x10000) & 0x3ff));
    } else if (code >= 0x80) {
      put(code);
    } else {
      out += c;
    }
  }
  return out;
}

TEST(EscapesTest, EventsDoNotDependOnHowStringsAreEscaped) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch plain;
  NormalizedBatch escaped;
  int changed = 0;
  for (const std::string& record : AllRecords().records) {
    const std::string other = Overescaped(record);
    if (other == record) continue;
    ++changed;
    normalizer.Normalize({.ecs = true}, record, plain);
    normalizer.Normalize({.ecs = true}, other, escaped);
    ASSERT_EQ(plain.events.size(), escaped.events.size());
    for (size_t i = 0; i < plain.events.size(); ++i) {
      ASSERT_EQ(twins::Difference(plain.Json(plain.events[i]), escaped.Json(escaped.events[i])), "")
          << other;
      ASSERT_EQ(twins::Difference(plain.Ecs(plain.events[i]), escaped.Ecs(escaped.events[i])), "")
          << other;
    }
  }
  EXPECT_GT(changed, 150);
}

// Returns the first position from `at` that is inside a string and not inside an escape. Returns
// npos if there is no such position.
size_t PlaceInText(std::string_view json, size_t at) {
  bool in_text = false;
  for (size_t i = 0; i < json.size(); ++i) {
    if (in_text && i >= at) return i;
    if (json[i] == '"') in_text = !in_text;
    if (json[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

TEST(EscapesTest, EventsAreJsonWhateverEscapesARecordHas) {
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
