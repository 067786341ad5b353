#pragma once

// YAML as rules are written in it: a tree that knows the line, column and quoting of every scalar.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace picket::sigma {

struct YamlPair;

struct YamlNode {
  enum class Kind { kScalar, kList, kMap };
  // What a scalar means in the YAML 1.2 core schema; a quoted one is always text, and so is `yes`.
  enum class Type { kText, kNull, kBool, kNumber };

  Kind kind = Kind::kScalar;
  Type type = Type::kText;
  bool quoted = false;
  std::string text;             // of a scalar, as it is written
  std::vector<YamlNode> items;  // of a list
  std::vector<YamlPair> pairs;  // of a map, in order; keys are scalars
  int line = 0;                 // from 1
  int column = 0;

  bool IsScalar() const { return kind == Kind::kScalar; }
  bool IsList() const { return kind == Kind::kList; }
  bool IsMap() const { return kind == Kind::kMap; }
  bool IsNull() const { return IsScalar() && type == Type::kNull; }
  // The value under a key; nullptr when there is none or this is no map.
  const YamlNode* Find(std::string_view key) const;
};

// A key of a map and its value.
struct YamlPair {
  YamlNode first;
  YamlNode second;
};

struct YamlDocument {
  YamlNode root;
  // Empty when the document is well-formed; else what is wrong and where (a key given twice, an unknown alias).
  std::string error;
  int error_line = 0;
  int error_column = 0;
};

size_t CountNodes(const YamlNode& node);

// All documents of a stream. Text that is no YAML, or of more than 16 MiB, ends the list with a document that has only an error.
// Failure: none besides; memory is bounded by a multiple of the text, whatever aliases it holds; 64 levels at most.
std::vector<YamlDocument> ReadYaml(std::string_view text);

}  // namespace picket::sigma
