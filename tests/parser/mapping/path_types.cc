#include "tests/parser/mapping/path_types.h"

#include <gtest/gtest.h>

#include <cstdio>

namespace picket::parser {

void PathTypes::Add(simdjson::dom::element element, const std::string& path) {
  switch (element.type()) {
    case simdjson::dom::element_type::ARRAY: {
      types_[path].insert("array");
      const simdjson::dom::array array = element.get_array().value();
      for (const simdjson::dom::element member : array) Add(member, path + "[]");
      break;
    }
    case simdjson::dom::element_type::OBJECT: {
      types_[path].insert("object");
      std::set<std::string_view> keys;
      const simdjson::dom::object object = element.get_object().value();
      for (const simdjson::dom::key_value_pair member : object) {
        const std::string below = path + "." + std::string(member.key);
        if (!keys.insert(member.key).second) twice_.insert(below);
        Add(member.value, below);
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

void PathTypes::Expect() const {
  for (const auto& [path, kinds] : types_) {
    std::string all;
    for (const std::string& kind : kinds) all += kind + " ";
    EXPECT_EQ(kinds.size(), 1u) << path << ": " << all;
  }
  for (const std::string& path : twice_) ADD_FAILURE() << path << " occurs twice in an object";
  std::printf("%zu paths\n", types_.size());
}

}  // namespace picket::parser
