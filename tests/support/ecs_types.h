#pragma once

// The event types that the Elastic Common Schema allows for each event category (ECS field
// reference, event.category).

#include <map>
#include <set>
#include <string>

namespace picket {

inline const std::map<std::string, std::set<std::string>>& EcsTypesByCategory() {
  static const auto* const types = new std::map<std::string, std::set<std::string>>{
      {"authentication", {"start", "end", "info"}},
      {"configuration", {"access", "change", "creation", "deletion", "info"}},
      {"email", {"info"}},
      {"file", {"access", "change", "creation", "deletion", "info"}},
      {"iam", {"admin", "change", "creation", "deletion", "group", "info", "user"}},
      {"package", {"access", "change", "deletion", "info", "installation", "start"}},
      {"threat", {"indicator"}},
      {"web", {"access", "error", "info"}},
  };
  return *types;
}

}  // namespace picket
