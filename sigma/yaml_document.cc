#include "sigma/yaml_document.h"

#include <yaml.h>

#include <algorithm>
#include <map>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::sigma {
namespace {

constexpr size_t kMaxBytes = 16 << 20;
constexpr int kMaxYamlDepth = 64;
constexpr size_t kMaxAliasedNodes = 100'000;

bool AllOf(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

// Returns true for integers and floats of the core schema, including 0x and 0o. Treats .inf and
// .nan as strings, because no rule uses them as numbers.
bool IsNumber(std::string_view text) {
  if (text.starts_with("0x")) return AllOf(text.substr(2), "0123456789abcdefABCDEF");
  if (text.starts_with("0o")) return AllOf(text.substr(2), "01234567");
  size_t i = 0;
  if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
  const size_t digits_begin = i;
  while (i < text.size() && IsDigit(text[i])) ++i;
  size_t digits = i - digits_begin;
  if (i < text.size() && text[i] == '.') {
    const size_t fraction_begin = ++i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    digits += i - fraction_begin;
  }
  if (digits == 0) return false;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    ++i;
    if (i < text.size() && (text[i] == '-' || text[i] == '+')) ++i;
    const size_t exponent_begin = i;
    while (i < text.size() && IsDigit(text[i])) ++i;
    if (i == exponent_begin) return false;
  }
  return i == text.size();
}

YamlNode::Type PlainType(std::string_view text) {
  for (const std::string_view null : {"", "~", "null", "Null", "NULL"}) {
    if (text == null) return YamlNode::Type::kNull;
  }
  for (const std::string_view boolean : {"true", "True", "TRUE", "false", "False", "FALSE"}) {
    if (text == boolean) return YamlNode::Type::kBool;
  }
  return IsNumber(text) ? YamlNode::Type::kNumber : YamlNode::Type::kText;
}

std::string_view View(const yaml_char_t* text) {
  return text == nullptr ? std::string_view() : reinterpret_cast<const char*>(text);
}

// Reads libyaml's parsing events and builds one document at a time.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {
    yaml_parser_initialize(&parser_);
    yaml_parser_set_encoding(&parser_, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&parser_, reinterpret_cast<const unsigned char*>(text.data()),
                                 text.size());
  }
  ~Reader() {
    yaml_event_delete(&event_);
    yaml_parser_delete(&parser_);
  }
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::vector<YamlDocument> Read() {
    std::vector<YamlDocument> documents;
    while (Advance()) {
      if (event_.type == YAML_STREAM_END_EVENT) return documents;
      if (event_.type != YAML_DOCUMENT_START_EVENT) continue;
      document_ = YamlDocument();
      anchors_.clear();
      aliased_nodes_ = 0;
      if (!Advance() || !ReadNode(document_.root, 0)) break;
      // Skip an empty document. For example, a file that contains only comments has an empty
      // document, and so has a file that ends with `---`.
      if (!document_.root.IsNull() || !document_.error.empty()) {
        documents.push_back(std::move(document_));
      }
    }
    document_ = YamlDocument();
    SetStreamError();
    documents.push_back(std::move(document_));
    return documents;
  }

 private:
  bool Advance() {
    yaml_event_delete(&event_);
    return yaml_parser_parse(&parser_, &event_) != 0;
  }

  // Sets the error of `document_` to the reason and the position at which parsing stopped.
  void SetStreamError() {
    yaml_mark_t mark = is_too_deep_ ? event_.start_mark : parser_.problem_mark;
    document_.error = absl::StrCat("not YAML: ", parser_.problem ? parser_.problem : "bad text");
    if (is_too_deep_) {
      document_.error = absl::StrCat("nested deeper than ", kMaxYamlDepth, " levels");
    } else if (parser_.error == YAML_READER_ERROR) {
      // For an encoding error, libyaml reports only an offset in bytes.
      const std::string_view before = text_.substr(0, parser_.problem_offset);
      const size_t line_begin = before.rfind('\n') + 1;
      mark.line = static_cast<size_t>(std::count(before.begin(), before.end(), '\n'));
      mark.column = before.size() - line_begin;
      document_.error = absl::StrCat("not UTF-8 text: ", parser_.problem);
    } else if (BeginsWithTab(mark.line)) {
      document_.error = "a tab in the indentation, where YAML requires spaces";
    }
    document_.error_line = static_cast<int>(mark.line) + 1;
    document_.error_column = static_cast<int>(mark.column) + 1;
  }

  bool BeginsWithTab(size_t line) const {
    size_t begin = 0;
    while (line-- > 0 && begin != std::string_view::npos) {
      begin = text_.find('\n', begin);
      if (begin != std::string_view::npos) ++begin;
    }
    if (begin == std::string_view::npos) return false;
    const size_t end = text_.find_first_not_of(' ', begin);
    return end != std::string_view::npos && text_[end] == '\t';
  }

  void Fault(const YamlNode& node, std::string message) {
    if (!document_.error.empty()) return;
    document_.error = std::move(message);
    document_.error_line = node.line;
    document_.error_column = node.column;
  }

  // Reads the node that begins with the current event. Returns false if parsing cannot continue.
  bool ReadNode(YamlNode& node, int depth) {
    node.line = static_cast<int>(event_.start_mark.line) + 1;
    node.column = static_cast<int>(event_.start_mark.column) + 1;
    if (depth > kMaxYamlDepth) {
      is_too_deep_ = true;
      return false;
    }
    std::string anchor;
    switch (event_.type) {
      case YAML_SCALAR_EVENT: {
        const auto& scalar = event_.data.scalar;
        anchor = View(scalar.anchor);
        node.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
        node.quoted = scalar.style != YAML_PLAIN_SCALAR_STYLE;
        const std::string_view tag = View(scalar.tag);
        if (!node.quoted && tag.empty()) node.type = PlainType(node.text);
        break;
      }
      case YAML_SEQUENCE_START_EVENT:
        anchor = View(event_.data.sequence_start.anchor);
        node.kind = YamlNode::Kind::kList;
        for (;;) {
          if (!Advance()) return false;
          if (event_.type == YAML_SEQUENCE_END_EVENT) break;
          if (!ReadNode(node.items.emplace_back(), depth + 1)) return false;
        }
        break;
      case YAML_MAPPING_START_EVENT:
        anchor = View(event_.data.mapping_start.anchor);
        if (!ReadMap(node, depth)) return false;
        break;
      case YAML_ALIAS_EVENT: {
        const std::string name(View(event_.data.alias.anchor));
        const auto found = anchors_.find(name);
        if (found == anchors_.end()) {
          Fault(node, absl::StrCat("unknown alias '*", name, "'"));
          break;
        }
        // Once the limit is exceeded, do not count again, which could take long.
        if (aliased_nodes_ <= kMaxAliasedNodes) aliased_nodes_ += CountNodes(found->second);
        if (aliased_nodes_ > kMaxAliasedNodes) {
          Fault(node, "aliases make this document too large");
          break;
        }
        const int line = node.line, column = node.column;
        node = found->second;
        node.line = line;
        node.column = column;
        break;
      }
      default:
        return false;
    }
    if (!anchor.empty()) anchors_[anchor] = node;
    return true;
  }

  bool ReadMap(YamlNode& node, int depth) {
    node.kind = YamlNode::Kind::kMap;
    absl::flat_hash_set<std::string> keys;
    for (;;) {
      if (!Advance()) return false;
      if (event_.type == YAML_MAPPING_END_EVENT) return true;
      auto& [key, value] = node.pairs.emplace_back();
      if (!ReadNode(key, depth + 1)) return false;
      if (!key.IsScalar()) {
        Fault(key, "a key must be a string, not a list or a map");
      } else if (!keys.insert(key.text).second) {
        Fault(key, absl::StrCat("the key '", key.text, "' is given twice"));
      }
      if (!Advance() || !ReadNode(value, depth + 1)) return false;
    }
  }

  const std::string_view text_;
  yaml_parser_t parser_;
  yaml_event_t event_ = {};
  YamlDocument document_;
  std::map<std::string, YamlNode> anchors_;
  size_t aliased_nodes_ = 0;
  bool is_too_deep_ = false;
};

}  // namespace

const YamlNode* YamlNode::Find(std::string_view key) const {
  for (const auto& [name, value] : pairs) {
    if (name.text == key) return &value;
  }
  return nullptr;
}

size_t CountNodes(const YamlNode& node) {
  size_t count = 1;
  for (const YamlNode& item : node.items) count += CountNodes(item);
  for (const auto& [key, value] : node.pairs) count += CountNodes(key) + CountNodes(value);
  return count;
}

std::vector<YamlDocument> ReadYaml(std::string_view text) {
  if (text.size() <= kMaxBytes) return Reader(text).Read();
  YamlDocument too_large;
  too_large.error = absl::StrCat("larger than ", kMaxBytes >> 20, " MiB: split the file");
  too_large.error_line = too_large.error_column = 1;
  return {too_large};
}

}  // namespace picket::sigma
