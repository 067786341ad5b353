// Nothing is lost and every path has one type, in both outputs, over every record at hand.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <set>

#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

// Calls `check` with each record that is an event, and the event's two outputs.
template <typename Check>
void ForEachEvent(Check check) {
  for (const std::string& missing : AllRecords().missing) {
    std::printf("NOT RUN for %s: the shared data are missing\n", missing.c_str());
  }
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  size_t events = 0;
  for (const std::string& record : AllRecords().records) {
    normalizer.Normalize({.content_created = "2026-01-01T00:00:00Z", .ecs = true}, record, batch);
    if (batch.events.size() != 1) continue;  // an edge case that is no record
    ++events;
    check(record, batch.Json(batch.events[0]), batch.Ecs(batch.events[0]));
  }
  std::printf("%zu events\n", events);
  EXPECT_GE(events, AllRecords().missing.empty() ? 9700u : 61u);
}

TEST(FaithfulTest, EveryLeafOfEveryRecordIsFoundAgainInBothOutputs) {
  int lost = 0;
  ForEachEvent([&](std::string_view record, std::string_view ocsf, std::string_view ecs) {
    const Tree source = ParseTree(record);
    // A collector's wrapper is none of the record's.
    if (At(source, "/office365") != "<none>") return;
    const std::map<std::string, int> wanted = CountLeaves(source);
    for (const std::string_view output : {ocsf, ecs}) {
      const std::map<std::string, int> found = CountLeaves(ParseTree(output));
      for (const auto& [leaf, count] : wanted) {
        const auto it = found.find(leaf);
        if (it != found.end() && it->second >= count) continue;
        // A value of an undocumented shape stands as its JSON in one text.
        bool inside = false;
        for (const auto& [text, times] : found) {
          inside |= text.size() > leaf.size() && (text[0] == '{' || text[0] == '[') &&
                    text.find(leaf) != std::string::npos;
        }
        if (inside) continue;
        if (++lost <= 5) {
          ADD_FAILURE() << "'" << leaf << "' stands " << count << " times in\n"
                        << record << "\nbut not in\n"
                        << output;
        }
      }
    }
  });
  EXPECT_EQ(lost, 0);
}

// The type of each path over all events: objects and arrays apart, numbers whole or not are one.
class PathTypes {
 public:
  void Add(simdjson::dom::element element, const std::string& path) {
    switch (element.type()) {
      case simdjson::dom::element_type::ARRAY:
        types_[path].insert("array");
        for (const simdjson::dom::element member : simdjson::dom::array(element)) {
          Add(member, path + "[]");
        }
        break;
      case simdjson::dom::element_type::OBJECT: {
        types_[path].insert("object");
        std::set<std::string_view> keys;
        for (const simdjson::dom::key_value_pair member : simdjson::dom::object(element)) {
          if (!keys.insert(member.key).second) twice_.insert(path + "." + std::string(member.key));
          Add(member.value, path + "." + std::string(member.key));
        }
        break;
      }
      case simdjson::dom::element_type::STRING:
        types_[path].insert("string");
        break;
      case simdjson::dom::element_type::BOOL:
        types_[path].insert("boolean");
        break;
      case simdjson::dom::element_type::NULL_VALUE:
        break;
      default:
        types_[path].insert("number");
    }
  }
  void Expect() const {
    for (const auto& [path, kinds] : types_) {
      std::string all;
      for (const std::string& kind : kinds) all += kind + " ";
      EXPECT_EQ(kinds.size(), 1u) << path << ": " << all;
    }
    for (const std::string& path : twice_) ADD_FAILURE() << path << " stands twice in an object";
    std::printf("%zu paths\n", types_.size());
  }

 private:
  std::map<std::string, std::set<std::string>> types_;
  std::set<std::string> twice_;
};

TEST(FaithfulTest, EveryPathHasOneJsonType) {
  PathTypes ocsf_types;
  PathTypes ecs_types;
  ForEachEvent([&](std::string_view, std::string_view ocsf, std::string_view ecs) {
    ocsf_types.Add(ParseTree(ocsf).root, "");
    ecs_types.Add(ParseTree(ecs).root, "");
  });
  ocsf_types.Expect();
  ecs_types.Expect();
}

}  // namespace
}  // namespace picket::parser
