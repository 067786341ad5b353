#include "parser/input/native_record_writer.h"

#include <simdjson.h>

#include <cstdint>
#include <iterator>

#include "absl/strings/str_format.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "model/record_types.h"
#include "parser/input/python_literal.h"

namespace picket::parser {
namespace {

// The maximum depth at which the members of a wrapper's object or list become separate fields. An
// object or list at a greater depth becomes one field, whose value is its JSON text. Without a
// limit, a deeply nested wrapper would take quadratic time.
constexpr int kMaxFieldDepth = 6;
constexpr size_t kMaxInnerDepth = 128;

constexpr std::string_view kUserTypes[] = {"Regular",           "Reserved",     "Admin",
                                           "DCAdmin",           "System",       "Application",
                                           "ServicePrincipal",  "CustomPolicy", "SystemPolicy",
                                           "PartnerTechnician", "Guest"};

// Returns the integer value of a user type, or -1 if the name is unknown.
int UserTypeOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kUserTypes); ++i) {
    if (EqualsIgnoreCase(kUserTypes[i], name)) return static_cast<int>(i);
  }
  return -1;
}

// Returns true if `value`, the JSON value of a wrapper's field, is redundant. `own` is the JSON
// value of the record's field `native`. `value` is redundant if it equals `own` apart from case, or
// apart from quotes. The name of a record type is also redundant if `own` is the number of this
// type, because the event contains the name anyway.
bool IsSameValue(std::string_view native, std::string_view own, std::string_view value) {
  if (EqualsIgnoreCase(own, value)) return true;
  if (IsJsonString(value) && JsonStringContent(value) == own) return true;
  if (native != "RecordType" || !IsJsonString(value)) return false;
  const std::string_view name = JsonStringContent(value);
  const int32_t number = RecordTypeNumber(name, RecordTypeList::kManagementApi);
  return number >= 0 && own == absl::StrCat(number) && RecordTypeName(number).name() == name;
}

// Returns true if the value is a quoted integer or boolean, and the field has that type according
// to Microsoft's documentation.
bool IsQuotedScalar(const AuditField* field, std::string_view value) {
  if (field == nullptr || !IsJsonString(value)) return false;
  const std::string_view inner = JsonStringContent(value);
  bool integral = false;
  if (field->type == FieldType::kInteger) return IsJsonNumber(inner, integral) && integral;
  return field->type == FieldType::kBoolean && (inner == "true" || inner == "false");
}

}  // namespace

bool IsJsonDocument(const std::string& text) {
  thread_local simdjson::dom::parser checker;
  if (checker.max_depth() != kMaxInnerDepth &&
      checker.allocate(64 << 10, kMaxInnerDepth) != simdjson::SUCCESS) {
    return false;
  }
  return checker.parse(text).error() == simdjson::SUCCESS;
}

void NativeRecordWriter::Start(std::string& out, DateOrder order) {
  out_ = &out;
  out_->assign("{");
  order_ = order;
  written_.clear();
  fields_.clear();
  id_.clear();
}

void NativeRecordWriter::Finish(std::string_view format) {
  out_->append(out_->size() > 1 ? "," : "");
  out_->append("\"wrapper\":{\"format\":\"").append(format).append("\"");
  if (!fields_.empty()) out_->append(",\"fields\":[").append(fields_, 1).append("]");
  out_->append("}}");
}

void NativeRecordWriter::Put(std::string_view name, std::string_view value) {
  out_->append(out_->size() > 1 ? ",\"" : "\"");
  out_->append(name);
  out_->append("\":");
  written_.push_back({name, out_->size(), value.size()});
  out_->append(value);
}

void NativeRecordWriter::PutTyped(std::string_view name, std::string_view value) {
  Put(name, IsQuotedScalar(FindAuditField(name), value) ? JsonStringContent(value) : value);
}

bool NativeRecordWriter::PutEnum(std::string_view name, std::string_view native,
                                 std::string_view value) {
  if (!IsJsonString(value)) return false;
  int32_t number = -1;
  if (native == "RecordType") {
    const bool is_graph = EqualsIgnoreCase(name, "auditLogRecordType");
    number = RecordTypeNumber(JsonStringContent(value),
                              is_graph ? RecordTypeList::kGraph : RecordTypeList::kManagementApi);
  }
  if (native == "UserType") number = UserTypeOf(JsonStringContent(value));
  if (number < 0) return false;
  Put(native, absl::StrCat(number));
  return true;
}

bool NativeRecordWriter::PutTime(std::string_view native, std::string_view value) {
  if (!IsJsonString(value)) return false;
  decoded_.clear();
  AppendJsonUnescaped(JsonStringContent(value), decoded_);
  const std::string_view text = decoded_;
  if (text.size() >= 19 && text[4] == '-') return false;  // already in the format of the API
  const std::optional<WrittenDate> date = ReadWrittenDate(text, order_);
  if (!date.has_value()) return false;
  std::string time = absl::StrFormat("\"%04d-%02d-%02dT%02d:%02d:%02d", date->year, date->month,
                                     date->day, date->hour, date->minute, date->second);
  if (date->fraction.find_first_not_of('0') != std::string_view::npos) {
    time.append(".").append(date->fraction);
  }
  Put(native, time + "\"");
  return true;
}

bool NativeRecordWriter::PutListInString(std::string_view native, std::string_view value) {
  const AuditField* const field = FindAuditField(native);
  if (!IsJsonString(value) || field == nullptr ||
      (field->type != FieldType::kList && field->type != FieldType::kPairs &&
       field->type != FieldType::kObject)) {
    return false;
  }
  decoded_.clear();
  AppendJsonUnescaped(JsonStringContent(value), decoded_);
  const std::string_view trimmed = TrimBlanks(decoded_);
  if (trimmed.empty() || (trimmed.front() != '[' && trimmed.front() != '{')) return false;
  if (IsJsonDocument(decoded_)) {
    Put(native, trimmed);
    return true;
  }
  const std::string json = PythonLiteralToJson(trimmed);
  if (json.empty() || !IsJsonDocument(json)) return false;
  Put(native, json);
  return true;
}

void NativeRecordWriter::PutNested(std::string_view name, std::string_view object) {
  const AuditField* const field = FindAuditField(name);
  std::string nested;
  AppendNested(object, field == nullptr ? uint8_t{0} : field->members, nested);
  Put(name, nested);
}

// Wazuh turns scalars of nested objects into strings, but scalars in lists keep their types.
void NativeRecordWriter::AppendNested(std::string_view object, uint8_t complex_type,
                                      std::string& out) const {
  out.push_back('{');
  bool first = true;
  for (JsonMembers members(object); members.Next();) {
    out.append(first ? "\"" : ",\"");
    first = false;
    out.append(members.name());
    out.append("\":");
    const std::string_view value = members.value();
    const AuditField* const field = FindAuditMember(complex_type, members.name());
    if (field != nullptr && field->type == FieldType::kObject && value.front() == '{') {
      AppendNested(value, field->members, out);
    } else {
      out.append(IsQuotedScalar(field, value) ? JsonStringContent(value) : value);
    }
  }
  out.push_back('}');
}

std::string_view NativeRecordWriter::Written(std::string_view native) const {
  for (const Member& one : written_) {
    if (EqualsIgnoreCase(one.name, native)) {
      return std::string_view(*out_).substr(one.begin, one.size);
    }
  }
  return {};
}

void NativeRecordWriter::NoteId() {
  const std::string_view id = Written("Id");
  id_.assign(IsJsonString(id) ? JsonStringContent(id) : std::string_view());
}

void NativeRecordWriter::AddField(std::string_view name, std::string_view value) {
  fields_.append(",{\"name\":\"");
  fields_.append(name);
  fields_.append("\",\"value\":");
  if (IsJsonString(value) || value == "null") {
    fields_.append(value);
  } else {
    fields_.push_back('"');
    AppendJsonEscaped(fields_, value);
    fields_.push_back('"');
  }
  fields_.push_back('}');
}

void NativeRecordWriter::AddFieldIfOther(std::string_view name, std::string_view native,
                                         std::string_view value) {
  if (!IsSameValue(native, Written(native), value)) AddField(name, value);
}

void NativeRecordWriter::AddFlattened(std::string_view name, std::string_view value, int depth) {
  const bool is_container = !value.empty() && (value.front() == '{' || value.front() == '[');
  if (is_container && depth < kMaxFieldDepth) {
    for (JsonMembers members(value); members.Next();) {
      if (value.front() == '[') {
        AddFlattened(name, members.value(), depth + 1);
      } else {
        AddFlattened(absl::StrCat(ToAbsl(name), ".", ToAbsl(members.name())), members.value(),
                     depth + 1);
      }
    }
    return;
  }
  // Some wrappers contain the record a second time, as a string.
  if (IsJsonString(value) && !id_.empty() &&
      TrimBlanks(JsonStringContent(value)).substr(0, 1) == "{" &&
      value.find(id_) != std::string_view::npos) {
    return;
  }
  AddField(name, value);
}

}  // namespace picket::parser
