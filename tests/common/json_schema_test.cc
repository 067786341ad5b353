#include "tests/support/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/ocsf_schema.h"

namespace picket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Validate(std::string_view schema, std::string_view json) {
  const absl::StatusOr<JsonSchema> parsed = JsonSchema::Parse(schema);
  if (!parsed.ok()) return {parsed.status().ToString()};
  return parsed->Validate(json);
}

TEST(JsonSchemaTest, ChecksTypes) {
  EXPECT_THAT(Validate(R"({"type":"integer"})", "5"), IsEmpty());
  EXPECT_THAT(Validate(R"({"type":"integer"})", "5.0"), IsEmpty());
  EXPECT_THAT(Validate(R"({"type":"integer"})", "5.5"),
              ElementsAre("(root): 5.5 is not of type integer"));
  EXPECT_THAT(Validate(R"({"type":"number"})", "5"), IsEmpty());
  EXPECT_THAT(Validate(R"({"type":"string"})", "5"), ElementsAre(HasSubstr("not of type string")));
  EXPECT_THAT(Validate(R"({"type":"object"})", "[]"), ElementsAre(HasSubstr("not of type object")));
  EXPECT_THAT(Validate(R"({"type":"array"})", "null"), ElementsAre(HasSubstr("not of type array")));
  EXPECT_THAT(Validate(R"({"type":"boolean"})", "\"true\""), ElementsAre(HasSubstr("boolean")));
}

TEST(JsonSchemaTest, ChecksAttributesOfObjectsAndMembersOfLists) {
  constexpr std::string_view kSchema =
      R"({"type":"object","required":["a"],"additionalProperties":false,
          "properties":{"a":{"$ref":"#/$defs/x"},"l":{"type":"array","items":{"type":"integer"}}},
          "$defs":{"x":{"type":"object","properties":{"x":{"$ref":"#/$defs/x"},"n":{"enum":[1,"q"]}}}}})";
  EXPECT_THAT(Validate(kSchema, R"({"a":{"x":{"x":{"n":"q"}}},"l":[1,2]})"), IsEmpty());
  EXPECT_THAT(
      Validate(kSchema, R"({"a":{"x":{"n":2}},"l":[1,"2"],"z":0})"),
      ElementsAre("a.x.n: 2 is none of the allowed values", "l[1]: \"2\" is not of type integer",
                  "(root): the attribute z is not known"));
  EXPECT_THAT(Validate(kSchema, "{}"), ElementsAre("(root): the attribute a is missing"));
  EXPECT_THAT(Validate(kSchema, R"({"a":{},"a":{}})"),
              ElementsAre("(root): the key a stands twice"));
}

TEST(JsonSchemaTest, ChecksAlternativesBoundsAndPatterns) {
  constexpr std::string_view kAny = R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})";
  EXPECT_THAT(Validate(kAny, R"({"a":1,"b":1})"), IsEmpty());
  EXPECT_THAT(Validate(kAny, "{}"), ElementsAre(HasSubstr("no alternative fits")));
  constexpr std::string_view kOne = R"({"oneOf":[{"required":["a"]},{"required":["b"]}]})";
  EXPECT_THAT(Validate(kOne, R"({"a":1})"), IsEmpty());
  EXPECT_THAT(Validate(kOne, R"({"a":1,"b":1})"), ElementsAre(HasSubstr("several alternatives")));
  EXPECT_THAT(Validate(R"({"minimum":1,"maximum":3})", "0.5"), ElementsAre(HasSubstr("too small")));
  EXPECT_THAT(Validate(R"({"minimum":1,"maximum":3})", "4"), ElementsAre(HasSubstr("too large")));
  EXPECT_THAT(Validate(R"({"maxLength":2})", "\"äö\""), IsEmpty());
  EXPECT_THAT(Validate(R"({"maxLength":2})", "\"äöü\""), ElementsAre(HasSubstr("longer than 2")));
  EXPECT_THAT(Validate(R"({"pattern":"^a+$"})", "\"b\""), ElementsAre(HasSubstr("pattern")));
  EXPECT_THAT(Validate(R"({"const":7})", "8"), ElementsAre(HasSubstr("allowed values")));
}

TEST(JsonSchemaTest, AKeywordThatItDoesNotKnowIsAnError) {
  const auto schema = JsonSchema::Parse(R"({"properties":{"a":{"minItems":1}}})");
  EXPECT_THAT(std::string(schema.status().message()),
              HasSubstr("/properties/a/minItems is a keyword that this validator does not know"));
}

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

// Each with one thing changed, found by the reduced table alone where the whole schemas are not there.
TEST(OcsfSchemaTest, TellsAGoodEventFromABadOne) {
  const std::string event(kUserAccess);
  EXPECT_THAT(OcsfSchemas::Get().Validate(event), IsEmpty());
  EXPECT_THAT(ValidateEvent(event, R"("user":{"name":"a"})", R"("user":{"type_id":1})"),
              testing::Contains(HasSubstr("user: no alternative fits")));
  EXPECT_THAT(ValidateEvent(event, R"("privileges")", R"("privilege")"),
              testing::Contains(HasSubstr("privileges is missing")));
  EXPECT_THAT(ValidateEvent(event, "\"activity_id\":1", "\"activity_id\":3"),
              testing::Contains(HasSubstr("activity_id: 3 is none")));
  EXPECT_THAT(ValidateEvent(event, "300501", "300502"), ElementsAre(HasSubstr("type_uid")));
  EXPECT_THAT(ValidateEvent(event, "\"severity_id\":1", "\"severity_id\":7"),
              testing::Contains(HasSubstr("severity_id: 7")));
  EXPECT_THAT(ValidateEvent(event, "\"time\":1", "\"time\":\"1\""),
              testing::Contains(HasSubstr("time: \"1\" is not of type integer")));
  EXPECT_THAT(ValidateEvent(event, "3005", "3999"), ElementsAre(HasSubstr("class_uid: 3999")));
}

}  // namespace
}  // namespace picket
