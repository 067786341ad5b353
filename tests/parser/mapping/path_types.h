#pragma once

#include <simdjson.h>

#include <map>
#include <set>
#include <string>

namespace picket::parser {

// Collects the JSON types that the values at each path have in all added events. Integers and other
// numbers count as one type.
class PathTypes {
 public:
  void Add(simdjson::dom::element event) { Add(event, ""); }
  // Expects that the values at each path have one type, and that no object has a name twice.
  void Expect() const;
  const std::map<std::string, std::set<std::string>>& types() const { return types_; }

 private:
  void Add(simdjson::dom::element element, const std::string& path);

  std::map<std::string, std::set<std::string>> types_;
  std::set<std::string> twice_;
};

}  // namespace picket::parser
