#include "sigma/yaml_document.h"

#include <yaml.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>

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

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Returns the text without byte order marks before documents.
std::string WithoutByteOrderMarks(std::string_view text) {
  std::string kept;
  bool begins_document = true;
  while (!text.empty()) {
    if (begins_document && text.starts_with(kByteOrderMark)) {
      text.remove_prefix(kByteOrderMark.size());
    } else if (text.starts_with(kByteOrderMark) &&
               text.substr(kByteOrderMark.size()).starts_with("---")) {
      text.remove_prefix(kByteOrderMark.size());
    }
    begins_document = text.starts_with("---") || text.starts_with("...");
    const size_t size = std::min(text.find('\n'), text.size() - 1) + 1;
    kept += text.substr(0, size);
    text.remove_prefix(size);
  }
  return kept;
}

// Converts UTF-16 to UTF-8. A unit without its pair becomes U+FFFD.
std::string FromUtf16(std::string_view text, bool big_endian) {
  std::string out;
  const auto unit_at = [&](size_t i) -> uint32_t {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto second = static_cast<unsigned char>(text[i + 1]);
    return big_endian ? first << 8 | second : second << 8 | first;
  };
  const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  for (size_t i = 0; i + 1 < text.size(); i += 2) {
    uint32_t code = unit_at(i);
    if (code >= 0xD800 && code < 0xE000) {
      const uint32_t low = code < 0xDC00 && i + 3 < text.size() ? unit_at(i + 2) : 0;
      const bool is_pair = low >= 0xDC00 && low < 0xE000;
      code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
      if (is_pair) i += 2;
    }
    if (code < 0x80) {
      put(code);
      continue;
    }
    if (code < 0x800) {
      put(0xC0 | code >> 6);
    } else {
      if (code < 0x10000) {
        put(0xE0 | code >> 12);
      } else {
        put(0xF0 | code >> 18);
        put(0x80 | (code >> 12 & 0x3F));
      }
      put(0x80 | (code >> 6 & 0x3F));
    }
    put(0x80 | (code & 0x3F));
  }
  return out;
}

// Returns the text of the value in a line, without its indentation, its dashes and its key.
std::string_view ValueInLine(std::string_view line) {
  line = TrimBlanks(line);
  while (line.starts_with("- ")) line = TrimBlanks(line.substr(2));
  const size_t colon = line.find(": ");
  if (colon != std::string_view::npos && line.find_first_of("'\"[{") > colon) {
    line = TrimBlanks(line.substr(colon + 2));
  }
  return line;
}

// Returns what the author of a line probably did wrong, if the line is not YAML, as the end of an
// error message.
std::string HintAbout(std::string_view line, std::string_view problem) {
  if (problem.find("escape") != std::string_view::npos ||
      problem.find("hexdecimal") != std::string_view::npos) {
    return ": a backslash in double quotes begins an escape; write the value in single quotes";
  }
  const std::string_view value = ValueInLine(line);
  if (value.empty()) return "";
  switch (const char first = value.front()) {
    case '*':
    case '&':
    case '%':
    case '@':
    case '`':
    case '!':
    case '|':
    case '>':
      return absl::StrCat(": a value that begins with ", absl::string_view(&first, 1),
                          " must be in quotes");
    case '[':
    case '{':
      return absl::StrCat(": a value that begins with ", absl::string_view(&first, 1), " is a ",
                          first == '[' ? "list" : "map", "; if it is a string, write it in quotes");
    case '\'':
      return ": in single quotes, write '' for a quote";
    case '"':
      return ": in double quotes, write \\\" for a quote and \\\\ for a backslash";
    default:
      break;
  }
  if (value.find(": ") != std::string_view::npos || value.ends_with(':')) {
    return ": a value that contains a colon and a blank must be in quotes";
  }
  return "";
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
    } else if (parser_.problem != nullptr) {
      std::string hint = HintAbout(LineAt(mark.line), parser_.problem);
      // The mistake can be in the line in which the invalid part begins.
      if (hint.empty() && parser_.context != nullptr) {
        hint = HintAbout(LineAt(parser_.context_mark.line), parser_.problem);
      }
      document_.error += hint;
    }
    document_.error_line = static_cast<int>(mark.line) + 1;
    document_.error_column = static_cast<int>(mark.column) + 1;
  }

  // Returns the line at an index, counted from 0.
  std::string_view LineAt(size_t line) const {
    std::string_view rest = text_;
    for (; line > 0; --line) {
      const size_t end = rest.find('\n');
      if (end == std::string_view::npos) return "";
      rest.remove_prefix(end + 1);
    }
    return rest.substr(0, rest.find('\n'));
  }

  bool BeginsWithTab(size_t line) const {
    const std::string_view text = LineAt(line);
    const size_t first = text.find_first_not_of(' ');
    return first != std::string_view::npos && text[first] == '\t';
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
        node.double_quoted = scalar.style == YAML_DOUBLE_QUOTED_SCALAR_STYLE;
        const std::string_view tag = View(scalar.tag);
        if (tag.starts_with('!') && tag.size() > 1) {
          Fault(node, absl::StrCat("'", ToAbsl(tag),
                                   "' is a tag of YAML, which no rule needs: a "
                                   "value that begins with ! must be in quotes"));
        }
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
          Fault(node, absl::StrCat("unknown alias '*", name,
                                   "': a value that begins with * must be in quotes"));
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
      } else if (key.text == "<<" && !key.quoted) {
        Fault(key, "merge keys (<<) are not part of YAML 1.2: write out the items");
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
  if (text.size() <= kMaxBytes) {
    if (text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF")) {
      const bool is_big_endian = text.starts_with('\xFE');
      return Reader(FromUtf16(text.substr(2), is_big_endian)).Read();
    }
    if (text.find(kByteOrderMark) == std::string_view::npos) return Reader(text).Read();
    return Reader(WithoutByteOrderMarks(text)).Read();
  }
  YamlDocument too_large;
  too_large.error = absl::StrCat("larger than ", kMaxBytes >> 20, " MiB: split the file");
  too_large.error_line = too_large.error_column = 1;
  return {too_large};
}

}  // namespace picket::sigma
