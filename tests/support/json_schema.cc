#include "tests/support/json_schema.h"

#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "common/status_macros.h"
#include "common/strings.h"

namespace picket {
namespace {

using simdjson::dom::element;
using simdjson::dom::element_type;

struct Node {
  std::string type;  // empty: any
  std::map<std::string, const Node*, std::less<>> properties;
  std::vector<std::string> required;
  bool additional_properties = true;
  const Node* items = nullptr;
  std::optional<std::vector<std::string>> allowed;  // enum and const, as compact JSON
  std::vector<const Node*> any_of;
  std::vector<const Node*> one_of;
  std::unique_ptr<RE2> pattern;
  std::optional<uint64_t> max_length;
  std::optional<double> minimum;
  std::optional<double> maximum;
  const Node* ref = nullptr;
};

bool IsType(const element& value, std::string_view type) {
  switch (value.type()) {
    case element_type::OBJECT:
      return type == "object";
    case element_type::ARRAY:
      return type == "array";
    case element_type::STRING:
      return type == "string";
    case element_type::BOOL:
      return type == "boolean";
    case element_type::NULL_VALUE:
      return type == "null";
    case element_type::INT64:
    case element_type::UINT64:
      return type == "integer" || type == "number";
    case element_type::DOUBLE: {
      const double number = value.get_double().value_unsafe();
      return type == "number" || (type == "integer" && number == std::floor(number));
    }
  }
  return false;
}

std::string Compact(const element& value) { return simdjson::minify(value); }

std::string Shown(const element& value) {
  const std::string text = Compact(value);
  return text.size() <= 60 ? text : text.substr(0, 60) + "…";
}

uint64_t LengthInCharacters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

std::string Below(const std::string& path, std::string_view key) {
  return path.empty() ? std::string(key) : absl::StrCat(path, ".", ToAbsl(key));
}

void Check(const Node& node, const element& value, const std::string& path,
           std::vector<std::string>& faults) {
  const auto fail = [&](std::string_view what) {
    faults.push_back(absl::StrCat(path.empty() ? "(root)" : path, ": ", ToAbsl(what)));
  };
  if (node.ref != nullptr) Check(*node.ref, value, path, faults);
  if (!node.type.empty() && !IsType(value, node.type)) {
    return fail(absl::StrCat(Shown(value), " is not of type ", node.type));
  }
  if (node.allowed.has_value()) {
    const std::string text = Compact(value);
    if (std::find(node.allowed->begin(), node.allowed->end(), text) == node.allowed->end()) {
      fail(Shown(value) + " is none of the allowed values");
    }
  }
  std::string_view text;
  if (value.get(text) == simdjson::SUCCESS) {
    if (node.max_length.has_value() && LengthInCharacters(text) > *node.max_length) {
      fail(absl::StrCat(Shown(value), " is longer than ", *node.max_length));
    }
    if (node.pattern != nullptr &&
        !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern)) {
      fail(Shown(value) + " does not match the pattern");
    }
  }
  double number = 0;
  if (value.get(number) == simdjson::SUCCESS) {
    if (node.minimum.has_value() && number < *node.minimum) fail(Shown(value) + " is too small");
    if (node.maximum.has_value() && number > *node.maximum) fail(Shown(value) + " is too large");
  }
  simdjson::dom::object object;
  if (value.get(object) == simdjson::SUCCESS) {
    std::set<std::string_view> keys;
    for (const auto& [key, member] : object) {
      if (!keys.insert(key).second) fail(absl::StrCat("the key ", ToAbsl(key), " stands twice"));
      const auto property = node.properties.find(key);
      if (property != node.properties.end()) {
        Check(*property->second, member, Below(path, key), faults);
      } else if (!node.additional_properties) {
        fail(absl::StrCat("the attribute ", ToAbsl(key), " is not known"));
      }
    }
    for (const std::string& key : node.required) {
      if (!keys.contains(key)) fail(absl::StrCat("the attribute ", key, " is missing"));
    }
  }
  simdjson::dom::array array;
  if (node.items != nullptr && value.get(array) == simdjson::SUCCESS) {
    size_t index = 0;
    for (const element member : array) {
      Check(*node.items, member, absl::StrCat(path, "[", index++, "]"), faults);
    }
  }
  const auto alternatives = [&](const std::vector<const Node*>& nodes, bool exactly_one) {
    if (nodes.empty()) return;
    size_t matches = 0;
    std::string last;
    for (const Node* alternative : nodes) {
      std::vector<std::string> wrong;
      Check(*alternative, value, path, wrong);
      if (wrong.empty()) {
        ++matches;
      } else {
        last = wrong.front();
      }
    }
    if (matches == 0) fail("no alternative fits; the last: " + last);
    if (matches > 1 && exactly_one) fail("several alternatives fit, one is allowed");
  };
  alternatives(node.any_of, false);
  alternatives(node.one_of, true);
}

}  // namespace

struct JsonSchema::Impl {
  simdjson::dom::parser parser;
  element document;
  std::deque<Node> nodes;
  std::map<std::string, const Node*> by_pointer;  // of $refs; they may go in circles
  const Node* root = nullptr;

  absl::StatusOr<const Node*> At(const std::string& pointer) {
    if (const auto known = by_pointer.find(pointer); known != by_pointer.end())
      return known->second;
    element schema;
    if (document.at_pointer(pointer).get(schema) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(absl::StrCat("the schema has no ", pointer));
    }
    Node& node = nodes.emplace_back();
    by_pointer[pointer] = &node;
    RETURN_IF_ERROR(Fill(schema, pointer, node));
    return &node;
  }

  absl::StatusOr<const Node*> New(const element& schema, const std::string& where) {
    Node& node = nodes.emplace_back();
    RETURN_IF_ERROR(Fill(schema, where, node));
    return &node;
  }

  absl::Status Fill(const element& schema, const std::string& where, Node& node) {
    simdjson::dom::object object;
    if (schema.get(object) != simdjson::SUCCESS) return Wrong(where, "is no object");
    for (const auto& [key, value] : object) {
      const std::string here = absl::StrCat(where, "/", ToAbsl(key));
      if (key == "$schema" || key == "title" || key == "description" || key == "$defs") continue;
      std::string_view text;
      if (key == "type") {
        static const std::set<std::string_view> kTypes = {"object", "array",  "string", "boolean",
                                                          "null",   "number", "integer"};
        if (value.get(text) != simdjson::SUCCESS || !kTypes.contains(text)) {
          return Wrong(here, "is no known type");
        }
        node.type = text;
      } else if (key == "$ref") {
        if (value.get(text) != simdjson::SUCCESS || text.substr(0, 1) != "#") {
          return Wrong(here, "is no reference into this document");
        }
        ASSIGN_OR_RETURN(node.ref, At(std::string(text.substr(1))));
      } else if (key == "properties") {
        simdjson::dom::object members;
        if (value.get(members) != simdjson::SUCCESS) return Wrong(here, "is no object");
        for (const auto& [name, member] : members) {
          ASSIGN_OR_RETURN(node.properties[std::string(name)],
                           New(member, absl::StrCat(here, "/", ToAbsl(name))));
        }
      } else if (key == "required") {
        RETURN_IF_ERROR(ForEach(value, here, [&](const element& member) {
          if (member.get(text) != simdjson::SUCCESS)
            return Wrong(here, "has a member that is no text");
          node.required.emplace_back(text);
          return absl::OkStatus();
        }));
      } else if (key == "additionalProperties") {
        if (value.get(node.additional_properties) != simdjson::SUCCESS) {
          return Wrong(here, "is neither true nor false");
        }
      } else if (key == "items") {
        ASSIGN_OR_RETURN(node.items, New(value, here));
      } else if (key == "enum") {
        node.allowed.emplace();
        RETURN_IF_ERROR(ForEach(value, here, [&](const element& member) {
          node.allowed->push_back(Compact(member));
          return absl::OkStatus();
        }));
      } else if (key == "const") {
        node.allowed = {Compact(value)};
      } else if (key == "anyOf" || key == "oneOf") {
        std::vector<const Node*>& nodes_here = key == "anyOf" ? node.any_of : node.one_of;
        RETURN_IF_ERROR(ForEach(value, here, [&](const element& member) -> absl::Status {
          ASSIGN_OR_RETURN(const Node* alternative, New(member, here));
          nodes_here.push_back(alternative);
          return absl::OkStatus();
        }));
      } else if (key == "pattern") {
        if (value.get(text) != simdjson::SUCCESS) return Wrong(here, "is no text");
        node.pattern =
            std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), RE2::Quiet);
        if (!node.pattern->ok()) return Wrong(here, node.pattern->error());
      } else if (key == "maxLength") {
        if (value.get(node.max_length.emplace()) != simdjson::SUCCESS)
          return Wrong(here, "is no length");
      } else if (key == "minimum" || key == "maximum") {
        std::optional<double>& bound = key == "minimum" ? node.minimum : node.maximum;
        if (value.get(bound.emplace()) != simdjson::SUCCESS) return Wrong(here, "is no number");
      } else {
        return Wrong(here, "is a keyword that this validator does not know");
      }
    }
    return absl::OkStatus();
  }

  template <typename Visit>
  static absl::Status ForEach(const element& value, const std::string& where, const Visit& visit) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return Wrong(where, "is no list");
    for (const element member : array) RETURN_IF_ERROR(visit(member));
    return absl::OkStatus();
  }

  static absl::Status Wrong(const std::string& where, std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("schema ", where, " ", ToAbsl(what)));
  }
};

JsonSchema::JsonSchema(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

absl::StatusOr<JsonSchema> JsonSchema::Parse(std::string_view document, std::string_view pointer) {
  auto impl = std::make_unique<Impl>();
  const auto error = impl->parser.parse(document.data(), document.size()).get(impl->document);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the schema is no JSON: ", simdjson::error_message(error)));
  }
  ASSIGN_OR_RETURN(impl->root, impl->At(std::string(pointer)));
  return JsonSchema(std::move(impl));
}

std::vector<std::string> JsonSchema::Validate(std::string_view json) const {
  simdjson::dom::parser parser;
  element value;
  const auto error = parser.parse(json.data(), json.size()).get(value);
  if (error != simdjson::SUCCESS) {
    return {absl::StrCat("(root): no JSON: ", simdjson::error_message(error))};
  }
  std::vector<std::string> faults;
  Check(*impl_->root, value, "", faults);
  return faults;
}

}  // namespace picket
