// Tests that all values at a path of the events have one JSON type, whatever a documented field of
// a record contains. A value of another type must not be lost.

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/documented_fields.h"
#include "tests/parser/mapping/path_types.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

TEST(TypedWalkerTest, AMemberOfAnotherTypeIsWrittenAsAStringAndByItsMeaning) {
  const Normalized result(RecordWith(
      "Exchange", "Create",
      R"(,"Item":{"SizeInBytes":"4096","Subject":7,"IsRecord":"True","ParentFolder":[1],"Id":"i"},)"
      R"("Members":[{"UPN":"a@b.example","Role":"Owner"},{"Role":"1"},{"Role":2}])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/Item"),
            R"({"SizeInBytes":4096,"SizeInBytes_text":"4096","Subject":"7","Subject_text":"7",)"
            R"("IsRecord":true,"IsRecord_text":"True","ParentFolder_text":"[1]","Id":"i"})");
  EXPECT_EQ(result.At("/unmapped/Members"),
            R"([{"UPN":"a@b.example","Role_text":"Owner"},{"Role":1,"Role_text":"1"},{"Role":2}])");
}

TEST(TypedWalkerTest, AnElementOfAnotherTypeIsOmittedAndTheWholeListIsWrittenAsAString) {
  const Normalized result(RecordWith(
      "ThreatIntelligence", "TIMailData",
      R"(,"Recipients":["a@b.example",5,{"x":1}],"Actor":[{"ID":"u","Type":5},"plain",[]],"ClientIPs":[null])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/Recipients"), R"(["a@b.example"])");
  EXPECT_EQ(result.At("/unmapped/Recipients_text"), R"(["a@b.example",5,{"x":1}])");
  EXPECT_EQ(result.At("/unmapped/Actor"), R"([{"ID":"u","Type":5}])");
  EXPECT_EQ(result.At("/unmapped/Actor_text"), R"([{"ID":"u","Type":5},"plain",[]])");
  EXPECT_EQ(result.At("/unmapped/ClientIPs"), "[null]");
  EXPECT_EQ(result.At("/unmapped/ClientIPs_text"), "<none>");
}

TEST(TypedWalkerTest, ValuesWithTheDocumentedTypesAreCopied) {
  for (
      const std::string member :
      {R"("Item":{"SizeInBytes":1,"Odd":{"a":[1,"b"]},"ParentFolder":null})",
       R"("PolicyDetails":[{"Rules":[{"Actions":["a"],"ConditionsMatched":{"SensitiveInformation":[]}}]}])",
       R"("Folders":[{"Path":"p","FolderItems":[{"SizeInBytes":3,"Id":"\u0069"}]},{}])",
       R"("Item":{})", R"("Actor":[])", R"("AffectedItems":[{}])"}) {
    const Normalized result(RecordWith("Exchange", "Create", "," + member));
    ASSERT_EQ(result.size(), 1u) << member;
    EXPECT_NE(result.Json().find(member), std::string::npos) << member << " in " << result.Json();
  }
}

TEST(TypedWalkerTest, RepeatedAndReservedNamesBecomeDuplicates) {
  const Normalized result(RecordWith(
      "Exchange", "Create",
      R"(,"Item":{"Subject":1,"Subject_text":2,"Subject":"c","Si\u007aeInBytes":"3","SizeInBytes_tex\u0074":[],)"
      R"("ParentFolder":{"Path":"p","Path":"q"}},"Folders":[{"Id":"i","Id":"j"}])"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/Item"),
            R"({"Subject":"1","Subject_text":"1","SizeInBytes":3,"SizeInBytes_text":"3",)"
            R"("ParentFolder":{"Path":"p"}})");
  EXPECT_EQ(result.At("/unmapped/Folders"), R"([{"Id":"i"}])");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys"),
            R"([{"name":"Item.Subject_text","value":"2"},{"name":"Item.Subject","value":"c"},)"
            R"({"name":"Item.SizeInBytes_text","value":"[]"},)"
            R"({"name":"Item.ParentFolder.Path","value":"q"},{"name":"Folders.Id","value":"j"}])");
  EXPECT_EQ(result.At("/metadata/debug"), R"(["dup_key"])");
}

TEST(TypedWalkerTest, TheFirstOfRepeatedMembersOfAPairIsUsed) {
  const Normalized result(
      RecordWith(
          "Exchange", "New-InboxRule",
          R"(,"Parameters":[{"Name":"ForwardTo","Value":"a@b.example","Value":{"x":1}}],)"
          R"("ModifiedProperties":[{"Name":"n","Name":"m","NewValue":"v","OldValue":"","OldValue":"w"}])"),
      {.ecs = true});
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/api/request/data/parameters"),
            R"([{"name":"ForwardTo","value":"a@b.example"}])");
  EXPECT_EQ(result.At("/api/request/data/ForwardTo"), "a@b.example");
  EXPECT_EQ(result.At("/unmapped/ModifiedProperties"),
            R"([{"Name":"n","NewValue":"v","OldValue":""}])");
  EXPECT_EQ(result.At("/unmapped/duplicate_keys"),
            R"([{"name":"Parameters.Value","value":"{\"x\":1}"},)"
            R"({"name":"ModifiedProperties.Name","value":"m"},)"
            R"({"name":"ModifiedProperties.OldValue","value":"w"}])");
  EXPECT_EQ(At(ParseTree(result.batch.Ecs(result.batch.events[0])), "/o365/audit/Parameters_kv"),
            R"([{"name":"ForwardTo","value":"a@b.example"}])");
}

TEST(TypedWalkerTest, JsonInPlaceOfAStringIsWrittenAsAStringAndDecoded) {
  const Normalized result(RecordWith(
      "Project", "ProjectCreated",
      R"(,"AdditionalInfo":[{"EnvironmentName":"e"}],"Details":{"a":1},"Item":{"Attachments":["x"]})"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/AdditionalInfo"), R"([{"EnvironmentName":"e"}])");
  EXPECT_EQ(result.At("/unmapped/AdditionalInfo_text"), R"([{"EnvironmentName":"e"}])");
  EXPECT_EQ(result.At("/unmapped/decoded"),
            R"([{"name":"AdditionalInfo.EnvironmentName","value":"e"}])");
  EXPECT_EQ(result.At("/unmapped/Details"), R"({"a":1})");
  EXPECT_EQ(result.At("/unmapped/Item"),
            R"({"Attachments":"[\"x\"]","Attachments_text":"[\"x\"]"})");
}

TEST(TypedWalkerTest, AnIntegerHasSixtyFourBits) {
  const Normalized result(RecordWith(
      "Yammer", "FileCreated",
      R"(,"FileId":9223372036854775807,"VersionId":9223372036854775808,"ThreadId":"-1")"));
  ASSERT_EQ(result.size(), 1u);
  EXPECT_EQ(result.At("/unmapped/FileId"), "9223372036854775807");
  EXPECT_EQ(result.At("/unmapped/FileId_text"), "<none>");
  EXPECT_EQ(result.At("/unmapped/VersionId"), "<none>");
  EXPECT_EQ(result.At("/unmapped/VersionId_text"), "9223372036854775808");
  EXPECT_EQ(result.At("/unmapped/ThreadId"), "-1");
}

TEST(TypedWalkerTest, BlanksBetweenTokensChangeNothing) {
  const std::string tight = RecordWith(
      "Exchange", "Create",
      R"(,"Item":{"SizeInBytes":"1","Id":"i","ParentFolder":{"Path":"p"}},"Actor":[{"ID":"u","Type":"5"},7])");
  std::string spaced;
  bool in_text = false;
  for (const char c : tight) {
    in_text ^= c == '"';
    const bool is_token = !in_text && std::string_view("{}[]:,").find(c) != std::string_view::npos;
    absl::StrAppend(&spaced, is_token ? " " : "", std::string(1, c), is_token ? "\n" : "");
  }
  EXPECT_EQ(WithoutHash(Normalized(tight).Json()), WithoutHash(Normalized(spaced).Json()));
}

// Returns JSON values of all kinds. For any field, some of them have the wrong type.
const std::vector<std::string>& AnyValues() {
  static const auto* const values = new std::vector<std::string>{R"("text")",
                                                                 "\"\"",
                                                                 "7",
                                                                 "1.5",
                                                                 "-1e3",
                                                                 "12345678901234567890",
                                                                 R"("8")",
                                                                 "true",
                                                                 "false",
                                                                 R"("True")",
                                                                 "null",
                                                                 "{}",
                                                                 "[]",
                                                                 R"(["a",1,true,null,{"b":[]}])",
                                                                 R"([[1]])",
                                                                 R"({"a":1})",
                                                                 R"([{"Odd":2},{"Odd":3}])",
                                                                 R"("{\"a\":1}")"};
  return *values;
}

// Returns objects and lists of objects. Each object has one documented member of the complex type,
// with a value of any kind.
std::vector<std::string> ValuesOfMembers(std::string_view complex_type, int depth) {
  std::vector<std::string> values;
  for (const DocumentedFields& fields : AllDocumentedFields()) {
    if (fields.owner != complex_type) continue;
    const std::string_view below = fields.type.substr(0, fields.type.find('['));
    for (const absl::string_view name : absl::StrSplit(ToAbsl(fields.names), ' ')) {
      std::vector<std::string> contents = AnyValues();
      if (depth < 5) {
        for (std::string& value : ValuesOfMembers(below, depth + 1))
          contents.push_back(std::move(value));
      }
      for (const std::string& value : contents) {
        values.push_back(absl::StrCat("{\"", name, "\":", value, "}"));
        values.push_back(absl::StrCat("[{\"", name, "\":", value, "},5]"));
        values.push_back(absl::StrCat("{\"", name, "_text\":", value, ",\"", name, "\":[1,{}],\"",
                                      name, "\":", value, "}"));
      }
    }
  }
  return values;
}

TEST(TypedWalkerTest, EveryPathHasOneTypeWhateverDocumentedFieldsContain) {
  PathTypes ocsf;
  PathTypes ecs;
  BothWays ways;
  size_t events = 0;
  const std::string record = RecordWith("Exchange", "Create", "").substr(1);
  const auto add = [&](std::string_view name, std::string_view value) {
    // If a record has a field twice, the normaliser uses the first one. Therefore, the new member
    // is put at the front.
    const std::string member = absl::StrCat("{\"", ToAbsl(name), "\":", ToAbsl(value), ",");
    ways.Normalize({.ecs = true}, member + record);
    if (ways.a.events.size() != 1) return;
    const std::string_view event = ways.a.Json(ways.a.events[0]);
    ASSERT_EQ(event, ways.b.Json(ways.b.events[0])) << member;
    ocsf.Add(ParseTree(event).root);
    ecs.Add(ParseTree(ways.a.Ecs(ways.a.events[0])).root);
    ++events;
  };
  for (const DocumentedFields& fields : AllDocumentedFields()) {
    if (!fields.owner.empty()) continue;
    const std::vector<std::string> nested =
        ValuesOfMembers(fields.type.substr(0, fields.type.find('[')), 0);
    for (const absl::string_view name : absl::StrSplit(ToAbsl(fields.names), ' ')) {
      for (const std::string& value : AnyValues()) add({name.data(), name.size()}, value);
      for (const std::string& value : nested) add({name.data(), name.size()}, value);
    }
  }
  std::printf("%zu events\n", events);
  EXPECT_GE(events, 20'000u);
  ocsf.Expect();
  ecs.Expect();
}

}  // namespace
}  // namespace picket::parser
