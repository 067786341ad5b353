#pragma once

// The trie of keys that leads from the root of an event to the values that rules name.

#include <cstdint>
#include <string>
#include <vector>

#include "common/strings.h"
#include "detector/matching/key_table.h"
#include "detector/matching/loaded_rule.h"

namespace picket::detector {

struct PathNode {
  StringMap<uint32_t> children;  // used only while compiling
  KeyTable keys;                 // the content of `children`, used for matching
  std::vector<FieldId> fields;   // fields whose values are found here
  std::vector<FieldId> arrays;   // fields whose values are the whole arrays found here
  // Whether keywords search the values found here and below. If kInherit, this depends on the node
  // above.
  enum class Search : uint8_t { kInherit, kYes, kNo };
  Search search = Search::kInherit;
  std::string placeholder;  // a value at this place that keywords do not search; usually empty
  // A Name/Value list is an array of members such as {"Name": "ForwardTo", "Value": "a@b.example"}.
  // The folded Name of a member selects a list of pivots. Each pivot assigns the value of one key
  // of the member, such as "Value", to a field.
  struct PivotField {
    uint32_t member_key;  // index in pivot_keys
    FieldId field;
  };
  // Maps the folded Name of a member to an index in `pivots`. `members` is used only while
  // compiling, and `member_names`, which has the same content, is used for matching.
  StringMap<uint32_t> members;
  KeyTable member_names;
  std::vector<std::vector<PivotField>> pivots;
  std::vector<std::string> pivot_keys;
};

}  // namespace picket::detector
