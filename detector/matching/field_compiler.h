#pragma once

// Assigns an id to every field that rules name, and builds the trie that leads to the values of the
// fields.

#include <string>
#include <vector>

#include "common/strings.h"
#include "detector/matching/compiled_rules.h"

namespace picket::detector {

// Fills `paths` and `field_count` of a compiled set.
// Threads: Use each instance from one thread. Lifetime: `out` and `resolve` must outlive the
// compiler.
class FieldCompiler {
 public:
  FieldCompiler(RuleSet::Compiled& out, const FieldResolver& resolve);

  // Returns the id of a field. The id of an empty name is kAnyField. Names that refer to the same
  // values of an event have the same id.
  FieldId Intern(const std::string& name) {
    return name.empty() ? kAnyField : InternPlaces(name, false);
  }
  // Returns the id of a field whose values are whole arrays.
  FieldId InternArrays(const std::string& name) { return InternPlaces(name, true); }

  // Returns the ids of fields that each have only one of the places to which a name refers.
  std::vector<FieldId> InternEachPlace(const std::string& name);

  // Builds the tables that are used for matching. Call this function once all fields are known and
  // `has_keywords` is set.
  void BuildKeyTables();

 private:
  FieldId InternPlaces(const std::string& name, bool takes_arrays);
  FieldId FieldAt(const std::vector<EventPath>& paths, bool takes_arrays);
  void AddPath(const EventPath& path, FieldId field, bool takes_arrays = false);
  PathNode& NodeAt(const EventPath& path);

  RuleSet::Compiled& out_;
  const FieldResolver& resolve_;
  StringMap<FieldId> field_of_name_;
  StringMap<FieldId> array_of_name_;
  StringMap<FieldId> field_of_places_;
};

}  // namespace picket::detector
