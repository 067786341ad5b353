#include "cli/rules/record_editing.h"

#include <algorithm>
#include <cstdint>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/json_writer.h"
#include "common/strings.h"

namespace picket {
namespace {

sigma::YamlNode* FindMutable(sigma::YamlNode& map, std::string_view key) {
  return const_cast<sigma::YamlNode*>(map.Find(key));
}

void WriteJson(const sigma::YamlNode& node, JsonWriter& json) {
  switch (node.kind) {
    case sigma::YamlNode::Kind::kMap:
      json.BeginObject();
      for (const auto& [key, value] : node.pairs) {
        json.Key(key.text);
        WriteJson(value, json);
      }
      json.EndObject();
      return;
    case sigma::YamlNode::Kind::kList:
      json.BeginArray();
      for (const sigma::YamlNode& item : node.items) WriteJson(item, json);
      json.EndArray();
      return;
    case sigma::YamlNode::Kind::kScalar:
      break;
  }
  switch (node.type) {
    case sigma::YamlNode::Type::kNull:
      json.Null();
      return;
    case sigma::YamlNode::Type::kBool:
      json.Value(EqualsIgnoreCase(node.text, "true"));
      return;
    case sigma::YamlNode::Type::kNumber: {
      // YAML allows notations for numbers that JSON does not allow, such as 0x1F. This code
      // converts such a number to decimal. If the conversion fails, it writes the number as a
      // string.
      uint64_t hexadecimal = 0;
      double number = 0;
      if (absl::SimpleHexAtoi(node.text, &hexadecimal) && node.text.starts_with("0x")) {
        json.Value(hexadecimal);
      } else if (node.text.find_first_not_of("-0123456789") == std::string::npos &&
                 (node.text == "0" || !node.text.starts_with('0'))) {
        json.Raw(node.text);
      } else if (absl::SimpleAtod(node.text, &number)) {
        json.Value(number);
      } else {
        json.Value(node.text);
      }
      return;
    }
    case sigma::YamlNode::Type::kText:
      json.Value(node.text);
      return;
  }
}

bool IsNameValueList(std::string_view key) {
  return key == "Parameters" || key == "ExtendedProperties" || key == "ModifiedProperties" ||
         key == "OperationProperties" || key == "DeviceProperties";
}

// A parsed path of a field in a record. If `keys` lead to a list of Name/Value pairs, the other
// members select one pair of the list and one key of that pair.
struct Place {
  std::vector<std::string> keys;
  std::string member;         // the pair's Name
  std::string member_key;     // "Value", "NewValue" or "OldValue"
  bool is_key_given = false;  // false if member_key is a default that the path omits
};

Place ParsePlace(const sigma::YamlNode& record, std::string_view path) {
  Place place;
  const sigma::YamlNode* at = &record;
  for (;;) {
    const size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    place.keys.push_back(key);
    at = at == nullptr ? nullptr : at->Find(key);
    if (dot == std::string_view::npos) return place;
    path.remove_prefix(dot + 1);
    const bool is_list = at != nullptr ? at->IsList() : IsNameValueList(key);
    if (!is_list) continue;
    place.member_key = key == "ModifiedProperties" ? "NewValue" : "Value";
    for (const std::string_view suffix : {"NewValue", "OldValue", "Value"}) {
      if (path.size() > suffix.size() + 1 && path.ends_with(suffix) &&
          path[path.size() - suffix.size() - 1] == '.') {
        place.member_key = suffix;
        place.is_key_given = true;
        path.remove_suffix(suffix.size() + 1);
        break;
      }
    }
    place.member = path;
    return place;
  }
}

sigma::YamlNode* FindMember(sigma::YamlNode& list, std::string_view name) {
  for (sigma::YamlNode& item : list.items) {
    const sigma::YamlNode* const own = item.Find("Name");
    if (own != nullptr && EqualsIgnoreCase(own->text, name)) return &item;
  }
  return nullptr;
}

const sigma::YamlNode* FindMember(const sigma::YamlNode& list, std::string_view name) {
  return FindMember(const_cast<sigma::YamlNode&>(list), name);
}

// Adds the paths of all leaves below `node` to `paths`. A Name/Value pair counts as one leaf.
void AddLeaves(const sigma::YamlNode& node, const std::string& path, std::set<std::string>& paths) {
  if (node.IsMap() && node.Find("Name") == nullptr) {
    for (const auto& [key, value] : node.pairs) {
      AddLeaves(value, absl::StrCat(path, ".", key.text), paths);
    }
  } else if (node.IsList() && !node.items.empty()) {
    for (size_t i = 0; i < node.items.size(); ++i) {
      AddLeaves(node.items[i], absl::StrCat(path, "[", i, "]"), paths);
    }
  } else {
    paths.insert(path);
  }
}

bool IsListOfPairs(const sigma::YamlNode& list) {
  return list.IsList() && !list.items.empty() && list.items[0].Find("Name") != nullptr;
}

void AddDifferencesBelow(const sigma::YamlNode& a, const sigma::YamlNode& b,
                         const std::string& path, std::set<std::string>& paths) {
  const auto each = [&](const sigma::YamlNode* left, const sigma::YamlNode* right,
                        const std::string& at) {
    if (left != nullptr && right != nullptr) {
      AddDifferencesBelow(*left, *right, at, paths);
    } else if (left != nullptr || right != nullptr) {
      AddLeaves(left != nullptr ? *left : *right, at, paths);
    }
  };
  const auto under = [&path](std::string_view key) {
    return path.empty() ? std::string(key) : absl::StrCat(path, ".", ToAbsl(key));
  };
  if (a.IsMap() && b.IsMap()) {
    for (const auto& [key, value] : a.pairs) each(&value, b.Find(key.text), under(key.text));
    for (const auto& [key, value] : b.pairs) {
      if (a.Find(key.text) == nullptr) each(nullptr, &value, under(key.text));
    }
  } else if (a.IsList() && b.IsList() && (IsListOfPairs(a) || IsListOfPairs(b))) {
    for (const sigma::YamlNode* const list : {&a, &b}) {
      for (const sigma::YamlNode& member : list->items) {
        const sigma::YamlNode* const name = member.Find("Name");
        if (name == nullptr) continue;
        each(FindMember(a, name->text), FindMember(b, name->text), under(name->text));
      }
    }
  } else if (a.IsList() && b.IsList()) {
    for (size_t i = 0; i < std::max(a.items.size(), b.items.size()); ++i) {
      each(i < a.items.size() ? &a.items[i] : nullptr, i < b.items.size() ? &b.items[i] : nullptr,
           absl::StrCat(path, "[", i, "]"));
    }
  } else if (ToJson(a) != ToJson(b)) {
    paths.insert(path);
  }
}

}  // namespace

sigma::YamlNode TextNode(std::string_view text) {
  sigma::YamlNode node;
  node.text = text;
  return node;
}

sigma::YamlNode NumberNode(std::string_view text) {
  sigma::YamlNode node = TextNode(text);
  node.type = sigma::YamlNode::Type::kNumber;
  return node;
}

sigma::YamlNode& FindOrAdd(sigma::YamlNode& map, std::string_view key) {
  if (sigma::YamlNode* const found = FindMutable(map, key); found != nullptr) return *found;
  map.kind = sigma::YamlNode::Kind::kMap;
  return map.pairs.emplace_back(sigma::YamlPair{TextNode(key), sigma::YamlNode()}).second;
}

std::string ToJson(const sigma::YamlNode& node) {
  std::string text;
  JsonWriter json(&text);
  WriteJson(node, json);
  return text;
}

bool SetField(sigma::YamlNode& record, std::string_view path, const sigma::YamlNode& value) {
  const Place place = ParsePlace(record, path);
  sigma::YamlNode* at = &record;
  for (const std::string& key : place.keys) at = &FindOrAdd(*at, key);
  if (!place.member.empty()) {
    at->kind = sigma::YamlNode::Kind::kList;
    at->type = sigma::YamlNode::Type::kText;
    sigma::YamlNode* member = FindMember(*at, place.member);
    if (member == nullptr) {
      member = &at->items.emplace_back();
      member->kind = sigma::YamlNode::Kind::kMap;
      member->pairs.push_back({TextNode("Name"), TextNode(place.member)});
    }
    at = &FindOrAdd(*member, place.member_key);
  }
  if (ToJson(*at) == ToJson(value)) return false;
  *at = value;
  return true;
}

bool RemoveField(sigma::YamlNode& record, std::string_view path) {
  const Place place = ParsePlace(record, path);
  sigma::YamlNode* at = &record;
  const size_t parents = place.member.empty() ? place.keys.size() - 1 : place.keys.size();
  for (size_t i = 0; i < parents; ++i) {
    at = FindMutable(*at, place.keys[i]);
    if (at == nullptr) return false;
  }
  const auto erase_key = [](sigma::YamlNode& map, std::string_view key) {
    return std::erase_if(map.pairs, [key](const auto& pair) { return pair.first.text == key; }) > 0;
  };
  if (place.member.empty()) return erase_key(*at, place.keys.back());
  sigma::YamlNode* const member = FindMember(*at, place.member);
  if (member == nullptr) return false;
  if (place.is_key_given) return erase_key(*member, place.member_key);
  at->items.erase(at->items.begin() + (member - at->items.data()));
  return true;
}

void AddDifferences(const sigma::YamlNode& a, const sigma::YamlNode& b,
                    std::set<std::string>& paths) {
  AddDifferencesBelow(a, b, "", paths);
}

}  // namespace picket
