#pragma once

// Parses YAML 1.2 (https://yaml.org/spec/1.2.2) into a tree that records the line, the column and
// the quoting of every scalar, for precise error messages.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

struct YamlPair;

struct YamlNode {
  enum class Kind { kScalar, kList, kMap };
  // The type of a scalar in the core schema (section 10.3). A quoted scalar is always a string, and
  // so is `yes`.
  enum class Type { kText, kNull, kBool, kNumber };

  Kind kind = Kind::kScalar;
  Type type = Type::kText;
  bool quoted = false;
  std::string text;             // of a scalar, as written
  std::vector<YamlNode> items;  // of a list
  std::vector<YamlPair> pairs;  // of a map, in order; keys are scalars
  int line = 0;                 // from 1
  int column = 0;

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsMap() const { return kind == Kind::kMap; }
  bool IsNull() const { return IsScalar() && type == Type::kNull; }
  // The value under a key. Returns null if there is none, or if this is not a map.
  const YamlNode* Find(std::string_view key) const;
};

// A key of a map and its value.
struct YamlPair {
  YamlNode first;
  YamlNode second;
};

struct YamlDocument {
  YamlNode root;
  // Empty if the document is well-formed; else a message and its position (a duplicate key, an
  // unknown alias).
  std::string error;
  int error_line = 0;
  int error_column = 0;
};

// The number of nodes in the tree.
size_t CountNodes(const YamlNode& node);

// Returns all documents of a stream. If the text is not YAML, or is larger than 16 MiB, the last
// document has only an error. Memory is bounded by a multiple of the text size, whatever aliases it
// contains; at most 64 levels.
std::vector<YamlDocument> ReadYaml(std::string_view text);

}  // namespace picket::sigma
