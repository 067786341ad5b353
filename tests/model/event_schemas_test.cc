#include "model/event_schemas.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/strings.h"
#include "model/operation_rows.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::string_view kUserAccess =
    R"({"class_uid":3005,"category_uid":3,"activity_id":1,"type_uid":300501,"severity_id":1,"time":1,
        "metadata":{"version":"1.8.0","product":{"name":"Microsoft 365"}},"user":{"name":"a"},
        "privileges":["p"]})";

std::vector<std::string> ValidateEvent(std::string event, std::string_view from,
                                       std::string_view to) {
  const size_t at = event.find(from);
  EXPECT_NE(at, std::string::npos);
  return OcsfSchemas::Get().Validate(event.replace(at, from.size(), to));
}

// Each changed event has one error. OcsfSchemas finds each of these errors even if the complete
// schemas are not available.
TEST(EventSchemasTest, FindsTheFaultsOfAnEvent) {
  const std::string event(kUserAccess);
  EXPECT_THAT(OcsfSchemas::Get().Validate(event), IsEmpty());
  EXPECT_THAT(ValidateEvent(event, R"("user":{"name":"a"})", R"("user":{"type_id":1})"),
              testing::Contains(HasSubstr("user: matches no alternative")));
  EXPECT_THAT(ValidateEvent(event, R"("privileges")", R"("privilege")"),
              testing::Contains(HasSubstr("privileges is missing")));
  EXPECT_THAT(ValidateEvent(event, "\"activity_id\":1", "\"activity_id\":3"),
              testing::Contains(HasSubstr("activity_id: 3 is not one of")));
  EXPECT_THAT(ValidateEvent(event, "300501", "300502"), ElementsAre(HasSubstr("type_uid")));
  EXPECT_THAT(ValidateEvent(event, "\"severity_id\":1", "\"severity_id\":7"),
              testing::Contains(HasSubstr("severity_id: 7")));
  EXPECT_THAT(ValidateEvent(event, "\"time\":1", "\"time\":\"1\""),
              testing::Contains(HasSubstr("time: \"1\" is not of type integer")));
  EXPECT_THAT(ValidateEvent(event, "3005", "3999"),
              ElementsAre(HasSubstr("class_uid: 3999 is of no known class")));
}

// Writes a schema for each class of the mapping into a folder. Each schema requires `attribute`.
void WriteSchemas(const TempFolder& folder, std::string_view attribute) {
  for (const MappingRow& row : MappingRows()) {
    const std::string uid = absl::StrCat(row.class_uid);
    folder.Write(uid + ".json", absl::StrCat(R"({"properties":{"class_uid":{"const":)", uid,
                                             R"(}},"required":[")", ToAbsl(attribute), R"("]})"));
  }
}

std::string LoadError(const std::string& dir) {
  return std::string(EventSchemas::Load(dir).status().message());
}

TEST(EventSchemasTest, AreReadFromAFolderByTheirClass) {
  const TempFolder folder;
  WriteSchemas(folder, "device");
  // The class of a schema is the "const" of `class_uid`, or an "enum" with one value.
  folder.Write("3005.json", R"({"properties":{"class_uid":{"enum":[3005]}},"required":["actor"]})");
  folder.Write("compiled.json", R"({"classes":{}})");
  folder.Write("notes.txt", "{");
  const auto schemas = EventSchemas::Load(folder.Path());
  ASSERT_TRUE(schemas.ok()) << schemas.status().ToString();
  const std::vector<SchemaFault> faults = schemas->Validate(kUserAccess);
  ASSERT_EQ(faults.size(), 1);
  EXPECT_EQ(faults[0].Text(), "(root): the attribute actor is missing");
}

TEST(EventSchemasTest, AnUnusableFolderIsAnErrorWithAReason) {
  const TempFolder folder;
  EXPECT_THAT(LoadError(folder.Path("none")), AllOf(HasSubstr("none"), HasSubstr("No such file")));
  WriteSchemas(folder, "time");
  ASSERT_EQ(LoadError(folder.Path()), "");
  folder.Remove("3005.json");
  folder.Remove("6006.json");
  EXPECT_THAT(LoadError(folder.Path()),
              HasSubstr("(OCSF 1.8.0, a file NAME.json) of class 3005, 6006"));
  WriteSchemas(folder, "time");
  folder.Write("again.json", R"({"properties":{"class_uid":{"const":3005}}})");
  EXPECT_THAT(LoadError(folder.Path()), HasSubstr("again.json: a second schema of class 3005"));
  folder.Write("again.json", R"({"properties":{"class_uid":{"const":9999}},"minProperties":1})");
  EXPECT_THAT(LoadError(folder.Path()),
              AllOf(HasSubstr("again.json: "), HasSubstr("/minProperties is a keyword")));
}

}  // namespace
}  // namespace picket
