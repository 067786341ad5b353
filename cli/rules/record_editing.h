#pragma once

// Audit records as YAML, as the tests of rules write them: fields are set, removed and compared by
// the paths that rules use. A path consists of keys with dots between them. At a list of Name/Value
// pairs, such as Parameters, the rest of the path is the name of the pair: "Parameters.ForwardTo",
// "ModifiedProperties.Group.DisplayName.OldValue".

#include <set>
#include <string>
#include <string_view>

#include "sigma/yaml_document.h"

namespace picket {

sigma::YamlNode TextNode(std::string_view text);
sigma::YamlNode NumberNode(std::string_view text);

// The value of `key` in `map`, which is added without a value if it is missing.
sigma::YamlNode& FindOrAdd(sigma::YamlNode& map, std::string_view key);

std::string ToJson(const sigma::YamlNode& node);

// Returns false if the field had this value already.
bool SetField(sigma::YamlNode& record, std::string_view path, const sigma::YamlNode& value);

// Returns false if there was no such field.
bool RemoveField(sigma::YamlNode& record, std::string_view path);

// Adds the paths of the fields in which the records differ.
void AddDifferences(const sigma::YamlNode& a, const sigma::YamlNode& b,
                    std::set<std::string>& paths);

}  // namespace picket
