#pragma once

// Compiles a search item and its modifiers (`Field|contains|all: [a, b]`) into an expression.
// Source: Sigma specification 2.1.0, "Sigma Rules Specification", sections "Detection" and "Value
// Modifiers".

#include <string>
#include <vector>

#include "sigma/expression.h"
#include "sigma/item_fault.h"
#include "sigma/rule_file.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// The original key and value of a search item that refers to lists.
struct PlaceholderItem {
  YamlNode key;
  YamlNode value;
  std::vector<std::string> lists;  // names of the lists, sorted and without duplicates
};

// Compiles a search item. If `key` is empty, the values are keywords, which are searched for in the
// whole event. If the item refers to lists, the values of `lists` are inserted. If `lists` is null,
// such an item is checked with sample values and becomes a kPlaceholder expression. Adds all errors
// and warnings to `faults`, and returns null if there is an error.
ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, const ValueLists* lists,
                        std::vector<ItemFault>& faults);

}  // namespace picket::sigma
