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

void ReadNotes(const YamlNode& map, std::string_view key, std::vector<std::string>& out,
               std::vector<ItemFault>& faults) {
  const YamlNode* const node = map.Find(key);
  if (node == nullptr || node->IsNull()) return;
  const auto warn = [&](const YamlNode& at, std::string_view message) {
    faults.push_back({at.line, at.column, absl::StrCat("'", ToAbsl(key), "' ", ToAbsl(message)),
                      RuleFault::Severity::kWarning});
  };
  const auto read = [&](const YamlNode& note) {
    if (note.IsScalar()) {
      if (!note.IsNull()) out.push_back(note.text);
    } else if (note.pairs.size() == 1 && note.pairs[0].second.IsScalar()) {
      out.push_back(absl::StrCat(note.pairs[0].first.text, ": ", note.pairs[0].second.text));
      warn(note, "contains a string with a colon, which YAML reads as a map: write it in quotes");
    } else {
      warn(note, "must contain only strings; this entry is left out");
    }
  };
  if (!node->IsList()) return read(*node);
  for (const YamlNode& item : node->items) read(item);
}

}  // namespace picket::sigma
