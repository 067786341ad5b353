#include "sigma/yaml_values.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::sigma {
namespace {

bool Fault(const YamlNode& node, std::string message, std::vector<ItemFault>& faults) {
  faults.push_back({node.line, node.column, std::move(message)});
  return false;
}

}  // namespace

bool ReadText(const YamlNode& map, std::string_view key, std::string& out,
              std::vector<ItemFault>& faults) {
  const YamlNode* const node = map.Find(key);
  if (node == nullptr || node->IsNull()) return true;
  if (!node->IsScalar()) {
    return Fault(*node, absl::StrCat("'", ToAbsl(key), "' must be a string"), faults);
  }
  out = node->text;
  return true;
}

bool ReadTexts(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults) {
  const YamlNode* const node = map.Find(key);
  if (node == nullptr || node->IsNull()) return true;
  if (node->IsScalar()) {
    out.push_back(node->text);
    return true;
  }
  if (!node->IsList()) {
    return Fault(*node, absl::StrCat("'", ToAbsl(key), "' must be a list of strings"), faults);
  }
  for (const YamlNode& item : node->items) {
    if (!item.IsScalar()) {
      return Fault(item, absl::StrCat("'", ToAbsl(key), "' must contain only strings"), faults);
    }
    out.push_back(item.text);
  }
  return true;
}

}  // namespace picket::sigma
