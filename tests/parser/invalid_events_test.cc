// Tests the validator (OcsfSchemas) with which other tests check all events. Takes a valid event of
// each class and damages one attribute at a time. The validator must reject each damaged event.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "model/operation_rows.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ocsf_schema.h"

namespace picket::parser {
namespace {

using Json = nlohmann::ordered_json;

// Returns the largest event of each class among the events of the shipped records.
const std::map<int, Json>& EventsByClass() {
  static const auto* const events = [] {
    auto* const found = new std::map<int, Json>();
    Metrics metrics;
    Normalizer normalizer({.raw_data = true}, metrics);
    NormalizedBatch batch;
    for (const char* path :
         {"tests/data/records/rows.ndjson", "tests/data/records/samples.ndjson"}) {
      for (const std::string& record : ReadRecords(path)) {
        normalizer.Normalize(
            {.content_type = "Audit.General", .fetched_at = "2026-05-07T00:00:00Z"}, record, batch);
        for (const NormalizedBatch::Event& event : batch.events) {
          Json json = Json::parse(batch.Json(event));
          Json& largest = (*found)[event.class_uid];
          if (largest.is_null() || json.dump().size() > largest.dump().size()) {
            largest = std::move(json);
          }
        }
      }
    }
    return found;
  }();
  return *events;
}

// Returns true if the schema allows any JSON at this path.
bool IsOpen(const std::string& path) {
  return path == "/unmapped" || path == "/api/request/data" || path.ends_with("/data");
}

// Calls `change` with each value that the schema restricts, and with the path of the value.
void ForEachValue(Json& value, const std::string& path,
                  const std::function<void(Json&, const std::string&)>& change) {
  if (IsOpen(path)) return;
  change(value, path);
  if (value.is_object()) {
    for (auto& [key, member] : value.items())
      ForEachValue(member, absl::StrCat(path, "/", key), change);
  } else if (value.is_array()) {
    for (size_t i = 0; i < value.size(); ++i) {
      ForEachValue(value[i], absl::StrCat(path, "/", i), change);
    }
  }
}

class InvalidEventsTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!OcsfSchemas::Get().whole()) {
      GTEST_SKIP() << "NOT RUN: the shared schemas are missing, and the reduced table is lenient";
    }
  }
  static bool IsValid(const Json& event) {
    return OcsfSchemas::Get().Validate(event.dump()).empty();
  }
};

TEST_F(InvalidEventsTest, EveryClassOfTheMappingHasAValidEvent) {
  std::set<int> classes;
  for (const MappingRow& row : MappingRows()) classes.insert(row.class_uid);
  classes.insert(2006);  // the class of a file event that matched a policy
  for (const int class_uid : classes) {
    const auto event = EventsByClass().find(class_uid);
    ASSERT_NE(event, EventsByClass().end()) << class_uid;
    EXPECT_TRUE(IsValid(event->second)) << event->second;
  }
}

TEST_F(InvalidEventsTest, AValueOfAnotherTypeIsRejected) {
  int rejected = 0;
  for (const auto& by_class : EventsByClass()) {
    const int class_uid = by_class.first;
    Json changed = by_class.second;
    ForEachValue(changed, "", [&](Json& value, const std::string& path) {
      if (path.empty()) return;
      const Json right = value;
      for (const Json& wrong : {Json("text"), Json(1), Json(1.5), Json(true), Json(nullptr),
                                Json::array(), Json{{"nobody_knows", 1}}}) {
        const bool same = wrong.type() == right.type() ||
                          (wrong.is_number() && right.is_number() && !wrong.is_number_float());
        if (same) continue;
        value = wrong;
        EXPECT_FALSE(IsValid(changed)) << class_uid << path << " may be " << wrong;
        ++rejected;
      }
      value = right;
    });
    EXPECT_EQ(changed, by_class.second);
  }
  std::printf("%d invalid events rejected\n", rejected);
  EXPECT_GT(rejected, 3000);
}

TEST_F(InvalidEventsTest, AnUnknownAttributeIsRejectedInEveryObject) {
  for (const auto& by_class : EventsByClass()) {
    const int class_uid = by_class.first;
    Json changed = by_class.second;
    ForEachValue(changed, "", [&](Json& value, const std::string& path) {
      if (!value.is_object()) return;
      value["nobody_knows"] = "x";
      EXPECT_FALSE(IsValid(changed)) << class_uid << path;
      value.erase("nobody_knows");
    });
  }
}

TEST_F(InvalidEventsTest, ANumberOutsideTheEnumIsRejected) {
  for (const auto& by_class : EventsByClass()) {
    const int class_uid = by_class.first;
    Json changed = by_class.second;
    int enumerated = 0;
    ForEachValue(changed, "", [&](Json& value, const std::string& path) {
      const bool is_enum = path.ends_with("_id") || path == "/class_uid" ||
                           path == "/category_uid" || path == "/type_uid";
      if (!value.is_number() || !is_enum) return;
      const Json right = value;
      for (const int wrong : {-1, 98, 123456}) {
        value = wrong;
        EXPECT_FALSE(IsValid(changed)) << class_uid << path << " may be " << wrong;
      }
      value = right;
      ++enumerated;
    });
    EXPECT_GE(enumerated, 7) << class_uid;
  }
}

TEST_F(InvalidEventsTest, AnEventWithoutARequiredAttributeIsRejected) {
  // The attributes that OCSF requires of each class. Web Resources (6001) has no `actor` here,
  // because an OCSF profile, not the class, contains that attribute.
  static const std::map<int, std::vector<std::string>> kAsked = {
      {2004, {"finding_info"}},
      {2006, {"finding_info"}},
      {3001, {"user"}},
      {3002, {"user"}},
      {3004, {"entity"}},
      {3005, {"user", "privileges"}},
      {3006, {"group"}},
      {4009, {"email", "direction_id"}},
      {6001, {"web_resources"}},
      {6002, {"app"}},
      {6003, {"api", "actor", "src_endpoint"}},
      {6006, {"file", "actor", "src_endpoint"}},
  };
  for (const auto& [class_uid, event] : EventsByClass()) {
    std::vector<std::string> asked = {"class_uid",   "category_uid", "activity_id", "type_uid",
                                      "severity_id", "time",         "metadata",    "cloud"};
    ASSERT_TRUE(kAsked.contains(class_uid)) << class_uid;
    for (const std::string& own : kAsked.at(class_uid)) asked.push_back(own);
    for (const std::string& attribute : asked) {
      Json changed = event;
      ASSERT_EQ(changed.erase(attribute), 1u) << class_uid << " has no " << attribute;
      EXPECT_FALSE(IsValid(changed)) << class_uid << " without " << attribute;
    }
    for (const auto& [object, attribute] :
         {std::pair("metadata", "product"), {"metadata", "version"}, {"cloud", "provider"}}) {
      Json changed = event;
      ASSERT_EQ(changed[object].erase(attribute), 1u);
      EXPECT_FALSE(IsValid(changed)) << class_uid << " without " << object << "." << attribute;
    }
  }
}

}  // namespace
}  // namespace picket::parser
