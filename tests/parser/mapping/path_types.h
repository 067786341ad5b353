#pragma once

#include <simdjson.h>

#include <map>
#include <set>
#include <string>

namespace picket::parser {

// Collects the JSON types of each path over all events. Objects and arrays are different types. All
// numbers have the same type.
class PathTypes {
 public:
  void Add(simdjson::dom::element event) { Add(event, ""); }
  // Expects that each path has one type, and that no object has the same name twice.
  void Expect() const;
  const std::map<std::string, std::set<std::string>>& types() const { return types_; }

 private:
  void Add(simdjson::dom::element element, const std::string& path);

  std::map<std::string, std::set<std::string>> types_;
  std::set<std::string> twice_;
};

}  // namespace picket::parser
