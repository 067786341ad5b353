#include "parser/input/flattened_record.h"

#include <string>
#include <vector>

#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "model/audit_fields.h"
#include "model/powershell_text.h"
#include "parser/input/renamed_fields.h"

namespace picket::parser {
namespace {

constexpr std::string_view kParameterPrefixes[] = {"Param_", "Parameters.", "Parameters_"};
// Columns that repeat the parameters as one string.
constexpr std::string_view kParameterTexts[] = {"ParameterString", "FullCommand"};

// Returns the name of the parameter that a column contains, or an empty view.
std::string_view ParameterName(std::string_view column) {
  for (const std::string_view prefix : kParameterPrefixes) {
    if (column.size() > prefix.size() && column.starts_with(prefix)) {
      return column.substr(prefix.size());
    }
  }
  return {};
}

bool IsContainer(const AuditField* field) {
  return field != nullptr && (field->type == FieldType::kList || field->type == FieldType::kPairs ||
                              field->type == FieldType::kObject);
}

void AppendPair(std::string_view item, size_t begin, size_t end, std::string_view key,
                std::string& out) {
  out.append(out.empty() || out.back() == '{' ? "\"" : ",\"").append(key).append("\":\"");
  AppendJsonEscaped(out, item.substr(begin, end - begin));
  out.push_back('"');
}

// Appends a text such as "Name=x; Value=y" as a JSON object. PowerShell writes such a text between
// "@{" and "}". Returns false if the text has another form, or if it can be read in several ways.
bool AppendPowerShellPair(std::string_view item, std::string& out) {
  static constexpr std::string_view kKeys[] = {"Name", "Value", "NewValue", "OldValue"};
  struct Part {
    std::string_view key;
    size_t at;     // where the key begins
    size_t value;  // where its value begins
  };
  std::vector<Part> parts;
  for (size_t at = 0; at != std::string_view::npos; at = item.find("; ", at)) {
    if (at > 0) at += 2;
    for (const std::string_view key : kKeys) {
      const bool is_key = item.substr(at).starts_with(key) && at + key.size() < item.size() &&
                          item[at + key.size()] == '=';
      if (!is_key) continue;
      for (const Part& part : parts) {
        if (part.key == key) return false;  // one of the two is part of a value
      }
      parts.push_back({key, at, at + key.size() + 1});
    }
    if (at == 0 && parts.empty()) return false;
  }
  out.push_back('{');
  for (size_t i = 0; i < parts.size(); ++i) {
    const size_t end = i + 1 < parts.size() ? parts[i + 1].at - 2 : item.size();
    AppendPair(item, parts[i].value, end, parts[i].key, out);
  }
  out.push_back('}');
  for (const Part& part : parts) {
    if (part.key == "Name") return true;
  }
  return false;
}

// Appends the pairs of one or more "@{…}", separated by blanks, to a JSON list without brackets.
bool AppendPowerShellPairs(std::string_view text, std::string& list) {
  text = TrimBlanks(text);
  while (!text.empty()) {
    if (!text.starts_with("@{")) return false;
    const size_t next = text.find("} @{");
    const std::string_view item = text.substr(0, next == std::string_view::npos ? next : next + 1);
    if (item.size() < 3 || item.back() != '}') return false;
    list.append(list.empty() ? "" : ",");
    std::string pair;
    if (!AppendPowerShellPair(item.substr(2, item.size() - 3), pair)) return false;
    list.append(pair);
    text = TrimBlanks(text.substr(item.size()));
  }
  return true;
}

std::string Unescaped(std::string_view json_string) {
  std::string text;
  AppendJsonUnescaped(JsonStringContent(json_string), text);
  return text;
}

// Returns the list of pairs that a string, or a list of strings, of PowerShell contains. Returns an
// empty string if the value is not such text.
std::string PowerShellList(std::string_view value) {
  std::string list;
  if (IsJsonString(value)) {
    if (!AppendPowerShellPairs(Unescaped(value), list)) return "";
  } else {
    for (JsonMembers elements(value); elements.Next();) {
      const bool is_pair = IsJsonString(elements.value()) &&
                           AppendPowerShellPairs(Unescaped(elements.value()), list);
      if (!is_pair) return "";
    }
  }
  return list.empty() ? "" : "[" + list + "]";
}

bool IsPowerShellValue(std::string_view value) {
  if (IsJsonString(value)) return IsPowerShellText(JsonStringContent(value));
  if (!value.starts_with("[")) return false;
  JsonMembers elements(value);
  return elements.Next() && IsJsonString(elements.value()) &&
         IsPowerShellText(JsonStringContent(elements.value()));
}

bool IsEmptyColumn(std::string_view value) { return value == "\"\"" || value == "null"; }

class FlattenedRecord {
 public:
  FlattenedRecord(std::string_view object, NativeRecordWriter& writer)
      : object_(object), writer_(writer) {}

  bool Write() {
    for (JsonMembers members(object_); members.Next();) {
      if (IsEmptyColumn(members.value())) continue;
      const std::string_view name = WithoutAuditDataPrefix(members.name());
      if (EqualsIgnoreCase(name, "Parameters")) has_parameters_ = true;
      if (FindAuditField(name) != nullptr) own_.push_back(name);
    }
    for (JsonMembers members(object_); members.Next();) {
      if (!IsEmptyColumn(members.value())) WriteMember(members.name(), members.value());
    }
    if (!parameters_.empty()) writer_.Put("Parameters", "[" + parameters_ + "]");
    for (const Nested& one : nested_) writer_.PutNested(one.name, "{" + one.members + "}");
    return lost_nesting_;
  }

 private:
  struct Nested {
    std::string_view name;
    std::string members;  // without braces
  };

  void WriteMember(std::string_view column, std::string_view value) {
    if (column.starts_with("@odata.")) return writer_.AddField(column, value);
    const std::string_view name = WithoutAuditDataPrefix(column);
    if (const std::string_view parameter = ParameterName(name); !parameter.empty()) {
      // The record's own list is better than these columns, which may have lost pairs.
      if (has_parameters_ || !IsJsonString(value)) return writer_.AddFlattened(column, value);
      parameters_.append(parameters_.empty() ? "{\"Name\":\"" : ",{\"Name\":\"");
      parameters_.append(parameter).append("\",\"Value\":").append(value).append("}");
      return;
    }
    for (const std::string_view text : kParameterTexts) {
      if (name == text) return writer_.AddField(column, value);
    }
    if (const size_t dot = name.find('.'); dot != std::string_view::npos && dot > 0) {
      if (AddNested(name.substr(0, dot), name.substr(dot + 1), value)) return;
    }
    std::string_view native = FindAuditField(name) != nullptr ? name : NativeName(name);
    const bool is_renamed = !native.empty() && native != name;
    if (is_renamed && (HasOwn(native) || !writer_.Written(native).empty())) {
      return writer_.AddFieldIfOther(column, native, value);
    }
    if (native.empty()) native = name;
    if (EqualsIgnoreCase(native, "CreationTime") && writer_.PutTime(native, value)) {
      return writer_.AddField(column, value);
    }
    if (writer_.PutEnum(name, native, value)) {
      return writer_.AddFieldIfOther(column, native, value);
    }
    const AuditField* const field = FindAuditField(native);
    if (IsContainer(field) && IsPowerShellValue(value)) {
      lost_nesting_ = true;
      if (field->type == FieldType::kPairs) {
        if (const std::string list = PowerShellList(value); !list.empty()) {
          writer_.Put(native, list);
          return writer_.AddFlattened(column, value);
        }
      }
    }
    if (!writer_.PutListInString(native, value)) writer_.PutTyped(native, value);
  }

  // Adds the column Item.Subject to the documented object Item.
  bool AddNested(std::string_view container, std::string_view member, std::string_view value) {
    const AuditField* const field = FindAuditField(container);
    const bool is_object = field != nullptr && field->type == FieldType::kObject;
    if (!is_object || HasOwn(container) || member.find('.') != std::string_view::npos) return false;
    Nested* nested = nullptr;
    for (Nested& one : nested_) {
      if (one.name == container) nested = &one;
    }
    if (nested == nullptr) nested = &nested_.emplace_back(Nested{container, ""});
    nested->members.append(nested->members.empty() ? "\"" : ",\"");
    nested->members.append(member).append("\":").append(value);
    return true;
  }

  bool HasOwn(std::string_view native) const {
    for (const std::string_view name : own_) {
      if (EqualsIgnoreCase(name, native)) return true;
    }
    return false;
  }

  const std::string_view object_;
  NativeRecordWriter& writer_;
  std::vector<std::string_view> own_;  // the object's members that have the name of a field
  bool has_parameters_ = false;
  std::string parameters_;
  std::vector<Nested> nested_;
  bool lost_nesting_ = false;
};

}  // namespace

std::string_view WithoutAuditDataPrefix(std::string_view name) {
  for (const std::string_view prefix : {"AuditData.", "auditData.", "AuditData_", "auditData_"}) {
    if (name.size() > prefix.size() && name.starts_with(prefix)) return name.substr(prefix.size());
  }
  return name;
}

bool PutFlattened(std::string_view object, NativeRecordWriter& writer) {
  return FlattenedRecord(object, writer).Write();
}

}  // namespace picket::parser
