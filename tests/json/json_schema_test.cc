#include "json/json_schema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace picket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::vector<std::string> Validate(std::string_view schema, std::string_view json) {
  const absl::StatusOr<JsonSchema> parsed = JsonSchema::Parse(schema);
  if (!parsed.ok()) return {parsed.status().ToString()};
  std::vector<std::string> texts;
  for (const SchemaFault& fault : parsed->Validate(json)) texts.push_back(fault.Text());
  return texts;
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

TEST(JsonSchemaTest, ChecksAttributesOfObjectsAndElementsOfArrays) {
  constexpr std::string_view kSchema =
      R"({"type":"object","required":["a"],"additionalProperties":false,
          "properties":{"a":{"$ref":"#/$defs/x"},"l":{"type":"array","items":{"type":"integer"}}},
          "$defs":{"x":{"type":"object","properties":{"x":{"$ref":"#/$defs/x"},"n":{"enum":[1,"q"]}}}}})";
  EXPECT_THAT(Validate(kSchema, R"({"a":{"x":{"x":{"n":"q"}}},"l":[1,2]})"), IsEmpty());
  EXPECT_THAT(
      Validate(kSchema, R"({"a":{"x":{"n":2}},"l":[1,"2"],"z":0})"),
      ElementsAre("a.x.n: 2 is not one of the allowed values", "l[1]: \"2\" is not of type integer",
                  "(root): the attribute z is unknown"));
  EXPECT_THAT(Validate(kSchema, "{}"), ElementsAre("(root): the attribute a is missing"));
  EXPECT_THAT(Validate(kSchema, R"({"a":{},"a":{}})"),
              ElementsAre("(root): the key a occurs twice"));
}

TEST(JsonSchemaTest, ChecksAlternativesBoundsAndPatterns) {
  constexpr std::string_view kAny = R"({"anyOf":[{"required":["a"]},{"required":["b"]}]})";
  EXPECT_THAT(Validate(kAny, R"({"a":1,"b":1})"), IsEmpty());
  EXPECT_THAT(Validate(kAny, "{}"), ElementsAre(HasSubstr("matches no alternative")));
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

TEST(JsonSchemaTest, AnUnsupportedKeywordIsAnError) {
  const auto schema = JsonSchema::Parse(R"({"properties":{"a":{"minItems":1}}})");
  EXPECT_THAT(
      std::string(schema.status().message()),
      HasSubstr("/properties/a/minItems is a keyword that this validator does not support"));
}

TEST(JsonSchemaTest, AFaultsTextDoesNotContainTheValue) {
  const auto schema = JsonSchema::Parse(R"({"properties":{"a":{"enum":["x"]}}})");
  ASSERT_TRUE(schema.ok());
  const std::vector<SchemaFault> faults = schema->Validate(R"({"a":"secret"})");
  ASSERT_EQ(faults.size(), 1);
  EXPECT_EQ(faults[0].path, "a");
  EXPECT_EQ(faults[0].what, "is not one of the allowed values");
  EXPECT_EQ(faults[0].value, "\"secret\"");
}

TEST(JsonSchemaTest, ASchemaThatRefersToItselfIsAnError) {
  for (const char* endless : {R"({"$ref":"#"})", R"({"anyOf":[{"type":"null"},{"$ref":"#"}]})",
                              R"({"$ref":"#/$defs/a","$defs":{"a":{"oneOf":[{"$ref":"#/$defs/b"}]},
                                  "b":{"$ref":"#/$defs/a"}}})"}) {
    EXPECT_THAT(std::string(JsonSchema::Parse(endless).status().message()),
                HasSubstr("refers to itself"))
        << endless;
  }
  EXPECT_TRUE(JsonSchema::Parse(R"({"properties":{"a":{"$ref":"#"}}})").ok());
}

}  // namespace
}  // namespace picket
