#pragma once

// A search item (`Field|contains|all: [a, b]`) as an expression: modifiers are applied here, once.

#include <string>

#include "detector/sigma_document.h"
#include "detector/yaml_document.h"

namespace picket::detector {

struct ItemError {
  int line = 0;
  int column = 0;
  std::string message;
};

// `key` may be empty text: keywords over the whole event. Nullptr and an error when the item has no meaning.
ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, ItemError& error);

}  // namespace picket::detector
