#pragma once

// A search item (`Field|contains|all: [a, b]`) as an expression: modifiers are applied here, once.

#include <string>
#include <vector>

#include "sigma/sigma_document.h"
#include "sigma/yaml_document.h"

namespace picket::sigma {

// What is wrong with an item, or (a warning) better written another way.
struct ItemFault {
  int line = 0;
  int column = 0;
  std::string message;
  RuleFault::Severity severity = RuleFault::Severity::kError;
};

struct PlaceholderItem {
  YamlNode key;
  YamlNode value;
  std::vector<std::string> lists;  // that it names; sorted, each once
};

// `key` may be empty text: keywords over the whole event. Nullptr when the item has no meaning; every reason is added to
// `faults`. Without `lists` an item that names lists becomes a kPlaceholder expression, checked with a value made up for
// each; with them their values are put in.
ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, const ValueLists* lists,
                        std::vector<ItemFault>& faults);

}  // namespace picket::sigma
