#include "json/json_schema.h"

#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <functional>
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
  std::string type;  // empty if any type is allowed
  std::map<std::string, const Node*, std::less<>> properties;
  std::vector<std::string> required;
  bool additional_properties = true;
  const Node* items = nullptr;
  std::optional<std::vector<std::string>> allowed;  // values of enum or const, as compact JSON
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

std::string Shortened(std::string text) {
  if (text.size() > 60) {
    text.resize(60);
    text += "…";
  }
  return text;
}

uint64_t LengthInCharacters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

// A position in the document. Path() is called only for violations, because formatting takes time.
struct Place {
  const Place* above = nullptr;
  std::string_view key;
  size_t index = 0;  // the index of an array element, which has no key

  std::string Path() const {
    if (above == nullptr) return "(root)";
    const bool at_root = above->above == nullptr;
    if (key.data() == nullptr) return absl::StrCat(at_root ? "" : above->Path(), "[", index, "]");
    return at_root ? std::string(key) : absl::StrCat(above->Path(), ".", ToAbsl(key));
  }
};

// Checks a document against the nodes of a schema.
class Validator {
 public:
  explicit Validator(std::vector<SchemaFault>& faults) : faults_(faults) {}

  void Value(const Node& node, const element& value, const Place& place) {
    if (node.ref != nullptr) Value(*node.ref, value, place);
    if (!node.type.empty() && !IsType(value, node.type)) {
      return Fail(place, "is not of type " + node.type, value);
    }
    if (node.allowed.has_value()) {
      const std::string text = Compact(value);
      if (std::find(node.allowed->begin(), node.allowed->end(), text) == node.allowed->end()) {
        Fail(place, "is not one of the allowed values", value);
      }
    }
    std::string_view text;
    if (value.get(text) == simdjson::SUCCESS) String(node, text, value, place);
    double number = 0;
    if (value.get(number) == simdjson::SUCCESS) {
      if (node.minimum.has_value() && number < *node.minimum) Fail(place, "is too small", value);
      if (node.maximum.has_value() && number > *node.maximum) Fail(place, "is too large", value);
    }
    simdjson::dom::object object;
    if (value.get(object) == simdjson::SUCCESS) Members(node, object, place);
    simdjson::dom::array array;
    if (node.items != nullptr && value.get(array) == simdjson::SUCCESS) {
      size_t index = 0;
      for (const element member : array) Value(*node.items, member, {&place, {}, index++});
    }
    Alternatives(node.any_of, /*exactly_one=*/false, value, place);
    Alternatives(node.one_of, /*exactly_one=*/true, value, place);
  }

 private:
  void String(const Node& node, std::string_view text, const element& value, const Place& place) {
    if (node.max_length.has_value() && LengthInCharacters(text) > *node.max_length) {
      Fail(place, absl::StrCat("is longer than ", *node.max_length), value);
    }
    if (node.pattern != nullptr &&
        !RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *node.pattern)) {
      Fail(place, "does not match the pattern", value);
    }
  }

  void Members(const Node& node, const simdjson::dom::object& object, const Place& place) {
    std::vector<std::string_view> keys;
    for (const auto& [key, member] : object) {
      keys.push_back(key);
      const auto property = node.properties.find(key);
      if (property != node.properties.end()) {
        Value(*property->second, member, {&place, key});
      } else if (!node.additional_properties) {
        Fail(place, absl::StrCat("the attribute ", ToAbsl(key), " is unknown"));
      }
    }
    std::sort(keys.begin(), keys.end());
    for (size_t i = 1; i < keys.size(); ++i) {
      if (keys[i] == keys[i - 1]) {
        Fail(place, absl::StrCat("the key ", ToAbsl(keys[i]), " occurs twice"));
      }
    }
    for (const std::string& key : node.required) {
      if (!std::binary_search(keys.begin(), keys.end(), key)) {
        Fail(place, absl::StrCat("the attribute ", key, " is missing"));
      }
    }
  }

  void Alternatives(const std::vector<const Node*>& nodes, bool exactly_one, const element& value,
                    const Place& place) {
    if (nodes.empty()) return;
    size_t matches = 0;
    std::vector<SchemaFault> faults;
    for (const Node* alternative : nodes) {
      faults.clear();
      Validator(faults).Value(*alternative, value, place);
      if (faults.empty()) ++matches;
    }
    if (matches == 0) Fail(place, "matches no alternative; the last: " + faults.front().what);
    if (matches > 1 && exactly_one) Fail(place, "matches several alternatives instead of one");
  }

  void Fail(const Place& place, std::string what) {
    faults_.push_back({place.Path(), std::move(what), ""});
  }
  void Fail(const Place& place, std::string what, const element& value) {
    faults_.push_back({place.Path(), std::move(what), Shortened(Compact(value))});
  }

  std::vector<SchemaFault>& faults_;
};

// Keywords that only describe a document. They never make a document invalid.
const std::set<std::string_view> kAnnotations = {"$schema",  "$id",        "$comment", "$defs",
                                                 "title",    "format",     "default",  "deprecated",
                                                 "examples", "description"};

// Converts the schemas in a schema document to nodes.
class SchemaReader {
 public:
  SchemaReader(element document, std::deque<Node>& nodes) : document_(document), nodes_(nodes) {}

  absl::StatusOr<const Node*> At(const std::string& pointer) {
    if (const auto known = by_pointer_.find(pointer); known != by_pointer_.end())
      return known->second;
    element schema;
    if (document_.at_pointer(pointer).get(schema) != simdjson::SUCCESS) {
      return absl::InvalidArgumentError(absl::StrCat("the schema has no ", pointer));
    }
    Node& node = nodes_.emplace_back();
    by_pointer_[pointer] = &node;  // registered before Fill, because references can be circular
    RETURN_IF_ERROR(Fill(schema, pointer, node));
    return &node;
  }

 private:
  absl::StatusOr<const Node*> Part(const element& schema, const std::string& where) {
    const std::string text = Compact(schema);
    if (const auto known = by_text_.find(text); known != by_text_.end()) return known->second;
    Node& node = nodes_.emplace_back();
    RETURN_IF_ERROR(Fill(schema, where, node));
    by_text_[text] = &node;
    return &node;
  }

  absl::Status Fill(const element& schema, const std::string& where, Node& node) {
    simdjson::dom::object object;
    if (schema.get(object) != simdjson::SUCCESS) return Wrong(where, "is not an object");
    for (const auto& [key, value] : object) {
      const std::string here = absl::StrCat(where, "/", ToAbsl(key));
      if (kAnnotations.contains(key)) continue;
      std::string_view text;
      if (key == "type") {
        static const std::set<std::string_view> kTypes = {"object", "array",  "string", "boolean",
                                                          "null",   "number", "integer"};
        if (value.get(text) != simdjson::SUCCESS || !kTypes.contains(text)) {
          return Wrong(here, "is not a known type");
        }
        node.type = text;
      } else if (key == "$ref") {
        if (value.get(text) != simdjson::SUCCESS || text.substr(0, 1) != "#") {
          return Wrong(here, "is not a reference into this document");
        }
        ASSIGN_OR_RETURN(node.ref, At(std::string(text.substr(1))));
      } else if (key == "properties") {
        simdjson::dom::object members;
        if (value.get(members) != simdjson::SUCCESS) return Wrong(here, "is not an object");
        for (const auto& [name, member] : members) {
          ASSIGN_OR_RETURN(node.properties[std::string(name)],
                           Part(member, absl::StrCat(here, "/", ToAbsl(name))));
        }
      } else if (key == "required") {
        RETURN_IF_ERROR(ForEach(value, here, [&](const element& member) {
          if (member.get(text) != simdjson::SUCCESS) {
            return Wrong(here, "has an element that is not a string");
          }
          node.required.emplace_back(text);
          return absl::OkStatus();
        }));
      } else if (key == "additionalProperties") {
        if (value.get(node.additional_properties) != simdjson::SUCCESS) {
          return Wrong(here, "is neither true nor false");
        }
      } else if (key == "items") {
        ASSIGN_OR_RETURN(node.items, Part(value, here));
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
          ASSIGN_OR_RETURN(const Node* alternative, Part(member, here));
          nodes_here.push_back(alternative);
          return absl::OkStatus();
        }));
      } else if (key == "pattern") {
        if (value.get(text) != simdjson::SUCCESS) return Wrong(here, "is not a string");
        node.pattern =
            std::make_unique<RE2>(re2::StringPiece(text.data(), text.size()), RE2::Quiet);
        if (!node.pattern->ok()) return Wrong(here, node.pattern->error());
      } else if (key == "maxLength") {
        if (value.get(node.max_length.emplace()) != simdjson::SUCCESS) {
          return Wrong(here, "is not a length");
        }
      } else if (key == "minimum" || key == "maximum") {
        std::optional<double>& bound = key == "minimum" ? node.minimum : node.maximum;
        if (value.get(bound.emplace()) != simdjson::SUCCESS) return Wrong(here, "is not a number");
      } else {
        return Wrong(here, "is a keyword that this validator does not support");
      }
    }
    return absl::OkStatus();
  }

  template <typename Visit>
  static absl::Status ForEach(const element& value, const std::string& where, const Visit& visit) {
    simdjson::dom::array array;
    if (value.get(array) != simdjson::SUCCESS) return Wrong(where, "is not an array");
    for (const element member : array) RETURN_IF_ERROR(visit(member));
    return absl::OkStatus();
  }

  static absl::Status Wrong(const std::string& where, std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat("schema ", where, " ", ToAbsl(what)));
  }

  const element document_;
  std::deque<Node>& nodes_;
  std::map<std::string, const Node*> by_pointer_;
  std::map<std::string, const Node*> by_text_;
};

// Returns true if a node leads back to itself through `ref`, `any_of` and `one_of`. Nodes connected
// in this way check the same value, so validation would never end.
bool HasCycle(const std::deque<Node>& nodes) {
  enum class Visit { kOpen, kDone };
  std::map<const Node*, Visit> visits;
  const std::function<bool(const Node*)> visit = [&](const Node* node) {
    if (node == nullptr) return false;
    const auto [at, is_new] = visits.try_emplace(node, Visit::kOpen);
    if (!is_new) return at->second == Visit::kOpen;
    const bool has_cycle = visit(node->ref) ||
                           std::any_of(node->any_of.begin(), node->any_of.end(), visit) ||
                           std::any_of(node->one_of.begin(), node->one_of.end(), visit);
    visits[node] = Visit::kDone;
    return has_cycle;
  };
  return std::any_of(nodes.begin(), nodes.end(), [&](const Node& node) { return visit(&node); });
}

}  // namespace

struct JsonSchema::Nodes {
  std::deque<Node> all;
  const Node* root = nullptr;
};

std::string SchemaFault::Text() const {
  return absl::StrCat(path, ": ", value, value.empty() ? "" : " ", what);
}

JsonSchema::JsonSchema(std::unique_ptr<Nodes> nodes) : nodes_(std::move(nodes)) {}
JsonSchema::JsonSchema(JsonSchema&&) noexcept = default;
JsonSchema& JsonSchema::operator=(JsonSchema&&) noexcept = default;
JsonSchema::~JsonSchema() = default;

absl::StatusOr<JsonSchema> JsonSchema::Parse(std::string_view document, std::string_view pointer) {
  simdjson::dom::parser parser;
  element root;
  const auto error = parser.parse(document.data(), document.size()).get(root);
  if (error != simdjson::SUCCESS) {
    return absl::InvalidArgumentError(
        absl::StrCat("the schema is not JSON: ", simdjson::error_message(error)));
  }
  auto nodes = std::make_unique<Nodes>();
  ASSIGN_OR_RETURN(nodes->root, SchemaReader(root, nodes->all).At(std::string(pointer)));
  if (HasCycle(nodes->all)) {
    return absl::InvalidArgumentError("a part of the schema refers to itself");
  }
  return JsonSchema(std::move(nodes));
}

std::vector<SchemaFault> JsonSchema::Validate(std::string_view json) const {
  simdjson::dom::parser parser;
  element value;
  const auto error = parser.parse(json.data(), json.size()).get(value);
  if (error != simdjson::SUCCESS) {
    return {{"(root)", absl::StrCat("not JSON: ", simdjson::error_message(error)), ""}};
  }
  std::vector<SchemaFault> faults;
  Validator(faults).Value(*nodes_->root, value, {});
  return faults;
}

}  // namespace picket
