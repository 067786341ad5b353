#pragma once

#include <simdjson.h>

#include <map>
#include <set>
#include <string>

namespace picket::parser {

// The type of each path over all events: objects and arrays apart, numbers whole or not are one.
class PathTypes {
 public:
  void Add(simdjson::dom::element event) { Add(event, ""); }
  // Each path has one type, and no object has a name twice.
  void Expect() const;
  const std::map<std::string, std::set<std::string>>& types() const { return types_; }

 private:
  void Add(simdjson::dom::element element, const std::string& path);

  std::map<std::string, std::set<std::string>> types_;
  std::set<std::string> twice_;
};

}  // namespace picket::parser
