#pragma once

// Compiles one search item (`Field|contains|all: [a, b]`) into an expression, applying its
// modifiers.
// Facts: Sigma specification 2.1.0, "Sigma Rules Specification", sections "Detection" and "Value
// Modifiers".

#include <string>
#include <vector>

#include "sigma/expression.h"
#include "sigma/item_fault.h"
#include "sigma/rule_file.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// A search item that names lists, as the rule wrote it.
struct PlaceholderItem {
  YamlNode key;
  YamlNode value;
  std::vector<std::string> lists;  // the lists it names, sorted and without duplicates
};

// An empty `key` means keywords over the whole event. Returns null if the item is invalid, after
// adding every reason to `faults`; warnings are added in any case. With null `lists`, an item that
// names lists becomes a kPlaceholder expression, which is checked with a made-up value for each
// list. Otherwise the values of the lists are inserted.
ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, const ValueLists* lists,
                        std::vector<ItemFault>& faults);

}  // namespace picket::sigma
