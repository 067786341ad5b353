// Tests undocumented fields, which may have any name and value. No object of an event may have the
// same name twice. A field whose values have two JSON types must be counted.

#include <gtest/gtest.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

constexpr char kCounter[] = "picket_normalizer_mixed_type_fields_total";

void ExpectNoNameTwice(simdjson::dom::element value, const std::string& path) {
  if (value.is_array()) {
    const simdjson::dom::array array = value.get_array().value();
    for (const simdjson::dom::element member : array) ExpectNoNameTwice(member, path + "[]");
  }
  if (!value.is_object()) return;
  std::set<std::string> names;
  const simdjson::dom::object object = value.get_object().value();
  for (const simdjson::dom::key_value_pair member : object) {
    const std::string name(member.key);
    EXPECT_TRUE(names.insert(name).second) << path << "." << name << " occurs twice";
    ExpectNoNameTwice(member.value, absl::StrCat(path, ".", name));
  }
}

TEST(FieldNamesTest, ANameReservedForTheNormaliserOccursOnce) {
  const std::string record = RecordWith(
      "AzureActiveDirectory", "Update user.",
      R"(,"decoded":"mine","duplicate_keys":[1],"FileSizeBytes_text":"7","FileSizeBytes":"8",)"
      R"("Item_text":{"a":1},"Item":"x","Parameters_kv":5,"Parameters":[{"Name":"a","Value":"b"}],)"
      R"("ModifiedProperties_kv":"y","ModifiedProperties":[{"Name":"n","NewValue":"[1]"}],)"
      R"("Other_text":"kept","Data":"{\"a\":1}","AppId":"p","AppId":"q")");
  const Normalized result(record, {.ecs = true});
  ASSERT_EQ(result.size(), 1u);
  ExpectNoNameTwice(ParseTree(result.Json()).root, "");
  ExpectNoNameTwice(ParseTree(result.batch.Ecs(result.batch.events[0])).root, "");
  EXPECT_EQ(result.At("/unmapped/FileSizeBytes"), "8");
  EXPECT_EQ(result.At("/unmapped/FileSizeBytes_text"), "8");
  EXPECT_EQ(result.At("/unmapped/Item_text"), "x");
  EXPECT_EQ(result.At("/unmapped/Other_text"), "kept");
  EXPECT_EQ(result.At("/unmapped/decoded/0"), R"({"name":"Data.a","value":"1"})");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys"),
            R"([{"name":"decoded","value":"mine"},{"name":"duplicate_keys","value":"[1]"},)"
            R"({"name":"FileSizeBytes_text","value":"7"},)"
            R"({"name":"Item_text","value":"{\"a\":1}"},{"name":"Parameters_kv","value":"5"},)"
            R"({"name":"ModifiedProperties_kv","value":"y"},{"name":"AppId","value":"q"}])");
  EXPECT_EQ(result.At("/metadata/debug"), R"(["dup_key"])");
}

TEST(FieldNamesTest, ANameIsTheSameInAnyEscapedForm) {
  const Normalized result(
      RecordWith("SharePoint", "FileAccessed",
                 R"(,"Zzz":1,"Zz\u007a":2,"d\u0065coded":3,"\u0061":4,"a":5,"Data":"[true]")"),
      {.ecs = true});
  ASSERT_EQ(result.size(), 1u);
  ExpectNoNameTwice(ParseTree(result.Json()).root, "");
  ExpectNoNameTwice(ParseTree(result.batch.Ecs(result.batch.events[0])).root, "");
  EXPECT_EQ(result.At("/unmapped/Zzz"), "1");
  EXPECT_EQ(result.At("/unmapped/a"), "4");
  EXPECT_EQ(
      result.At("/unmapped/duplicate_keys"),
      R"([{"name":"Zzz","value":"2"},{"name":"decoded","value":"3"},{"name":"a","value":"5"}])");
}

TEST(FieldNamesTest, AnUndocumentedFieldWithTwoTypesIsCountedOnce) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  const auto see = [&](std::string_view member) {
    normalizer.Normalize({}, RecordWith("SharePoint", "FileAccessed", member), batch);
    EXPECT_EQ(batch.events.size(), 1u);
    return metrics.Sum(kCounter);
  };
  EXPECT_EQ(see(R"(,"Zzz":1)"), 0);
  EXPECT_EQ(see(R"(,"Zzz":2.5)"), 0);
  EXPECT_EQ(see(R"(,"Zzz":null)"), 0);
  EXPECT_EQ(see(R"(,"Zzz":"text")"), 1);
  EXPECT_EQ(see(R"(,"Zzz":[])"), 1);
  EXPECT_EQ(see(R"(,"Yyy":true)"), 1);
  EXPECT_EQ(see(R"(,"Yyy":false)"), 1);
  EXPECT_EQ(see(R"(,"Yyy":{})"), 2);
  // A documented field is not counted: its value always gets the documented type.
  EXPECT_EQ(see(R"(,"FileSizeBytes":1)"), 2);
  EXPECT_EQ(see(R"(,"FileSizeBytes":"1")"), 2);
  EXPECT_NE(metrics.Render().find(R"(picket_normalizer_mixed_type_fields_total{field="Zzz"} 1)"),
            std::string::npos);
}

TEST(FieldNamesTest, NamesFromOutsideTakeBoundedMemory) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  for (const char* value : {"1", "\"x\""}) {
    for (int block = 0; block < 20; ++block) {
      std::string members;
      for (int i = 0; i < 500; ++i) {
        absl::StrAppend(&members, R"(,"Unheard)", block * 500 + i, R"(":)", value);
      }
      normalizer.Normalize({}, RecordWith("SharePoint", "FileAccessed", members), batch);
    }
  }
  EXPECT_EQ(metrics.Sum(kCounter), 4096);
  const std::string text = metrics.Render();
  int families = 0;
  for (size_t at = text.find(kCounter); at != std::string::npos; at = text.find(kCounter, at + 1)) {
    ++families;
  }
  EXPECT_LE(families, 210);
}

}  // namespace
}  // namespace picket::parser
