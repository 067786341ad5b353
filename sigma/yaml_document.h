#pragma once

// Parses YAML 1.2 (https://yaml.org/spec/1.2.2) into a tree. The tree records whether a scalar is
// quoted. For precise error messages, it also records the line and column of every node.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

struct YamlPair;

struct YamlNode {
  enum class Kind { kScalar, kList, kMap };
  // The type of a scalar in the core schema (section 10.3). A quoted scalar is always kText. An
  // unquoted `yes` is also kText.
  enum class Type { kText, kNull, kBool, kNumber };

  Kind kind = Kind::kScalar;
  Type type = Type::kText;
  bool quoted = false;
  bool double_quoted = false;   // in double quotes, a backslash begins an escape
  std::string text;             // text of a scalar; a number is kept as spelled in the document
  std::vector<YamlNode> items;  // items of a list
  std::vector<YamlPair> pairs;  // members of a map, in the order of the document; keys are scalars
  int line = 0;                 // counted from 1
  int column = 0;               // counted from 1

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsMap() const { return kind == Kind::kMap; }
  bool IsNull() const { return IsScalar() && type == Type::kNull; }
  // Returns the value of a key, or null if the key is absent or this node is not a map.
  const YamlNode* Find(std::string_view key) const;
};

// A key of a map and its value.
struct YamlPair {
  YamlNode first;
  YamlNode second;
};

struct YamlDocument {
  YamlNode root;
  // The first error, such as a duplicate key or an unknown alias. Empty if the document is
  // well-formed. The error is at error_line and error_column.
  std::string error;
  int error_line = 0;
  int error_column = 0;
};

// Returns the number of nodes in the tree.
size_t CountNodes(const YamlNode& node);

// Returns all documents of a stream, which is UTF-8, or UTF-16 with a byte order mark. A byte order
// mark may precede each document. If the text is not YAML or is larger than 16 MiB, the last
// document contains only an error. Nodes can be nested at most 64 levels deep. Memory use is
// bounded by a multiple of the text size, whatever aliases the text contains.
std::vector<YamlDocument> ReadYaml(std::string_view text);

}  // namespace picket::sigma
