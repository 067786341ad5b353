#pragma once

// Edits audit records that are written in YAML, as in the tests of rules. A field is identified by
// a path, which consists of keys separated by dots. A key can lead to a list of Name/Value pairs,
// such as Parameters. The rest of the path is then the Name of a pair, and it may end with a key of
// that pair: "Parameters.ForwardTo", "ModifiedProperties.Group.DisplayName.OldValue".

#include <set>
#include <string>
#include <string_view>

#include "sigma/yaml_document.h"

namespace picket {

sigma::YamlNode TextNode(std::string_view text);
sigma::YamlNode NumberNode(std::string_view text);

// Returns the value of `key` in `map`. If the key is missing, first adds the key with an empty
// value.
sigma::YamlNode& FindOrAdd(sigma::YamlNode& map, std::string_view key);

std::string ToJson(const sigma::YamlNode& node);

// Sets a field. Returns false if the field already had this value.
bool SetField(sigma::YamlNode& record, std::string_view path, const sigma::YamlNode& value);

// Removes a field. Returns false if the record has no such field.
bool RemoveField(sigma::YamlNode& record, std::string_view path);

// Adds the paths of the fields in which the records `a` and `b` differ.
void AddDifferences(const sigma::YamlNode& a, const sigma::YamlNode& b,
                    std::set<std::string>& paths);

}  // namespace picket
