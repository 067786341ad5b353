#include "parser/input/unwrapper.h"

#include <simdjson.h>

#include <array>
#include <cstdint>
#include <vector>

#include "common/json_writer.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "model/audit_fields.h"
#include "model/record_types.h"
#include "parser/input/renamed_fields.h"

namespace picket::parser {
namespace {

// The maximum number of nested wrappers. For example, the index entry of a Wazuh alert has three:
// `_source`, `data` and `office365`.
constexpr int kMaxWrappers = 4;
// The maximum depth at which the members of a wrapper's object or list become separate fields. An
// object or list at a greater depth becomes one field, whose value is its JSON text. Without a
// limit, a deeply nested wrapper would take quadratic time.
constexpr int kMaxFieldDepth = 6;
constexpr size_t kMaxInnerDepth = 128;

enum class Format { kNone, kGraph, kSearch, kWazuh, kSentinel, kShipper };

std::string_view FormatName(Format format) {
  switch (format) {
    case Format::kGraph:
      return "graph";
    case Format::kSearch:
      return "audit_log_search";
    case Format::kWazuh:
      return "wazuh";
    case Format::kSentinel:
      return "sentinel";
    case Format::kShipper:
      return "shipper";
    case Format::kNone:
      break;
  }
  return "";
}

// A member that contains a record or another wrapper. If `is_record` is true, the member's object
// is always the record.
struct Holder {
  std::string_view name;
  Format format;
  bool is_record;
};
constexpr Holder kHolders[] = {
    {"auditData", Format::kGraph, true},         {"AuditData", Format::kSearch, true},
    {"office365", Format::kWazuh, false},        {"data", Format::kNone, false},
    {"_source", Format::kNone, false},           {"message", Format::kShipper, false},
    {"event", Format::kShipper, false},          {"original", Format::kShipper, false},
    {"event.original", Format::kShipper, false}, {"log", Format::kShipper, false},
    {"_raw", Format::kShipper, false},           {"result", Format::kShipper, false},
};

constexpr std::string_view kUserTypes[] = {"Regular",           "Reserved",     "Admin",
                                           "DCAdmin",           "System",       "Application",
                                           "ServicePrincipal",  "CustomPolicy", "SystemPolicy",
                                           "PartnerTechnician", "Guest"};

bool IsObject(std::string_view value) { return !value.empty() && value.front() == '{'; }

// The members by which a record is recognised. Each value is true if the object has such a member.
struct Marks {
  bool operation = false;
  bool record = false;    // a field, other than Operation, that every record has
  bool graph = false;     // a field that only Graph records have
  bool sentinel = false;  // a column that only OfficeActivity has
};

Marks MarksOf(std::string_view object) {
  Marks marks;
  for (JsonMembers members(object); members.Next();) {
    const std::string_view name = members.name();
    if (EqualsIgnoreCase(name, "Operation")) {
      marks.operation = IsJsonString(members.value());
    } else if (EqualsIgnoreCase(name, "CreationTime") || EqualsIgnoreCase(name, "Workload") ||
               EqualsIgnoreCase(name, "RecordType") || EqualsIgnoreCase(name, "Id")) {
      marks.record = true;
    } else if (name == "createdDateTime" || name == "auditLogRecordType") {
      marks.graph = true;
    } else if (name == "OfficeWorkload" || name == "OfficeId" || name == "OfficeObjectId" ||
               (name == "Type" && members.value() == "\"OfficeActivity\"")) {
      marks.sentinel = true;
    }
  }
  return marks;
}

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

// Converts a time such as "3/2/2026, 8:07:13.000 AM", which is the format of a CSV from the Azure
// portal, to the time format of records. Returns an empty string if the text has another format.
std::string NativeTime(std::string_view text) {
  int numbers[6] = {};
  static constexpr std::string_view kAfter[] = {"/", "/", ", ", ":", ":", ""};
  for (int i = 0; i < 6; ++i) {
    size_t digits = 0;
    while (digits < text.size() && digits < 4 && text[digits] >= '0' && text[digits] <= '9') {
      numbers[i] = numbers[i] * 10 + (text[digits++] - '0');
    }
    if (digits == 0) return "";
    text.remove_prefix(digits);
    if (text.substr(0, kAfter[i].size()) != kAfter[i]) return "";
    text.remove_prefix(kAfter[i].size());
  }
  std::string fraction;
  if (!text.empty() && text.front() == '.') {
    do {
      fraction.push_back(text.front());
      text.remove_prefix(1);
    } while (!text.empty() && text.front() >= '0' && text.front() <= '9');
    if (fraction.find_first_not_of(".0") == std::string::npos) fraction.clear();
  }
  const bool afternoon = EqualsIgnoreCase(TrimBlanks(text), "PM");
  if (!afternoon && !EqualsIgnoreCase(TrimBlanks(text), "AM")) return "";
  if (numbers[3] < 1 || numbers[3] > 12) return "";
  const auto padded = [](int number, int width) {
    std::string digits = absl::StrCat(number);
    return std::string(std::max<int>(0, width - static_cast<int>(digits.size())), '0') + digits;
  };
  return absl::StrCat(padded(numbers[2], 4), "-", padded(numbers[0], 2), "-", padded(numbers[1], 2),
                      "T", padded(numbers[3] % 12 + (afternoon ? 12 : 0), 2), ":",
                      padded(numbers[4], 2), ":", padded(numbers[5], 2), fraction);
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

std::string_view EnvelopeRecords(std::string_view text) {
  std::string_view records;
  JsonMembers members(text);
  while (members.Next()) {
    if (EqualsIgnoreCase(members.name(), "Operation")) return {};
    if ((members.name() == "value" || members.name() == "records") && records.empty() &&
        members.value().front() == '[') {
      records = members.value();
    }
  }
  if (!records.empty()) return records;
  // If the text is cut off inside the array, JsonMembers does not return the array, because it has
  // no end. In this case, the rest of the text is the array.
  const bool is_array_name = members.name() == "value" || members.name() == "records";
  return is_array_name && members.rest().substr(0, 1) == "[" ? members.rest() : std::string_view();
}

struct Unwrapper::Impl {
  // An object around the record.
  struct Layer {
    std::string_view object;
    std::string_view holder;  // name of the member that contains the record or the next inner layer
  };

  struct Member {
    std::string_view name;
    size_t begin, size;  // the value in `out`
  };

  simdjson::dom::parser checker;
  // Buffers for strings that contain JSON, after their escapes have been removed. decoded[depth] is
  // for the holder at this depth. The last buffer is for columns of a Sentinel row that contain a
  // list or an object.
  std::array<std::string, kMaxWrappers + 1> decoded;
  std::vector<Layer> layers;  // innermost layer first
  std::string_view record;    // the innermost object
  Format format = Format::kNone;

  std::string* out = nullptr;   // the native record
  std::vector<Member> written;  // the members written to `out`
  std::string fields;           // fields that the wrapper adds, as ,{"name":…,"value":…}
  std::string id;               // the record's Id, escaped
  std::string scratch;

  bool IsJson(const std::string& text) {
    if (checker.max_depth() != kMaxInnerDepth &&
        checker.allocate(64 << 10, kMaxInnerDepth) != simdjson::SUCCESS) {
      return false;
    }
    return checker.parse(text).error() == simdjson::SUCCESS;
  }

  // Finds the record in an object, and sets `record`, `format` and `layers`. Returns false if the
  // object contains no wrapped record.
  bool FindRecord(std::string_view object, int depth);
  // These functions write members of the native record.
  void Put(std::string_view name, std::string_view value);
  void PutTyped(std::string_view name, std::string_view value);
  void PutNested(std::string_view object, uint8_t complex_type);
  bool PutEnum(std::string_view name, std::string_view native, std::string_view value);
  void PutWazuh();
  void PutSentinel();
  void PutSentinelColumn(std::string_view name, std::string_view value);
  void PutUnchanged();
  void FillFrom(const Layer& outer);
  // Returns the value of a member that has been written, or an empty view if the member has not
  // been written.
  std::string_view Written(std::string_view native) const;
  // These functions write fields that the wrapper adds.
  void AddField(std::string_view name, std::string_view value);
  void AddFlattened(std::string_view name, std::string_view value, int depth);
  void AddLayer(const Layer& layer);
};

bool Unwrapper::Impl::FindRecord(std::string_view object, int depth) {
  const Marks marks = MarksOf(object);
  if (depth < kMaxWrappers) {
    for (JsonMembers members(object); members.Next();) {
      const Holder* holder = nullptr;
      for (const Holder& one : kHolders) {
        if (one.name == members.name()) holder = &one;
      }
      if (holder == nullptr) continue;
      std::string_view value = members.value();
      if (IsJsonString(value)) {
        std::string& text = decoded[depth];
        text.clear();
        AppendJsonUnescaped(JsonStringContent(value), text);
        value = TrimBlanks(text);
        if (!IsObject(value) || !IsJson(text)) continue;
      }
      if (!IsObject(value)) continue;
      if (holder->is_record) {
        record = value;
        format = holder->format;
        layers.push_back({object, members.name()});
        return true;
      }
      if (!FindRecord(value, depth + 1)) continue;
      if (format == Format::kNone) format = holder->format;
      layers.push_back({object, members.name()});
      return true;
    }
  }
  if (marks.sentinel && marks.operation) {
    record = object;
    format = Format::kSentinel;
    return true;
  }
  if (marks.graph && marks.operation) {  // a Graph record without auditData
    record = "{}";
    format = Format::kGraph;
    layers.push_back({object, {}});
    return true;
  }
  if (depth == 0 || !marks.operation || !marks.record) return false;
  record = object;
  return true;
}

void Unwrapper::Impl::Put(std::string_view name, std::string_view value) {
  out->append(out->size() > 1 ? ",\"" : "\"");
  out->append(name);
  out->append("\":");
  written.push_back({name, out->size(), value.size()});
  out->append(value);
}

void Unwrapper::Impl::PutTyped(std::string_view name, std::string_view value) {
  Put(name, IsQuotedScalar(FindAuditField(name), value) ? JsonStringContent(value) : value);
}

// Writes a nested object with the original types of its scalars. Wazuh turns scalars of nested
// objects into strings, but scalars in lists keep their types.
void Unwrapper::Impl::PutNested(std::string_view object, uint8_t complex_type) {
  out->push_back('{');
  bool first = true;
  for (JsonMembers members(object); members.Next();) {
    out->append(first ? "\"" : ",\"");
    first = false;
    out->append(members.name());
    out->append("\":");
    const std::string_view value = members.value();
    const AuditField* const field = FindAuditMember(complex_type, members.name());
    if (field != nullptr && field->type == FieldType::kObject && IsObject(value)) {
      PutNested(value, field->members);
    } else {
      out->append(IsQuotedScalar(field, value) ? JsonStringContent(value) : value);
    }
  }
  out->push_back('}');
}

void Unwrapper::Impl::PutWazuh() {
  for (JsonMembers members(record); members.Next();) {
    const std::string_view name = members.name();
    if (name == "Subscription") {  // Wazuh adds this member to the record
      AddField(name, members.value());
    } else if (IsObject(members.value())) {
      scratch.clear();
      std::string* const native = std::exchange(out, &scratch);
      const AuditField* const field = FindAuditField(name);
      PutNested(members.value(), field == nullptr ? uint8_t{0} : field->members);
      out = native;
      Put(name, scratch);
    } else {
      PutTyped(name, members.value());
    }
  }
}

void Unwrapper::Impl::PutSentinel() {
  for (JsonMembers members(record); members.Next();) {
    const bool is_empty_cell = members.value() == "\"\"" || members.value() == "null";
    if (!is_empty_cell) PutSentinelColumn(members.name(), members.value());
  }
}

void Unwrapper::Impl::PutSentinelColumn(std::string_view name, std::string_view value) {
  bool is_of_workspace = name.substr(0, 1) == "_";
  is_of_workspace |= IsWorkspaceColumn(name);
  if (is_of_workspace) return AddField(name, value);

  std::string_view native = NativeSentinelName(name);
  if (native.empty()) native = name;
  if (!Written(native).empty() || PutEnum(name, native, value)) {
    if (!IsSameValue(native, Written(native), value)) AddField(name, value);
    return;
  }
  if (native == "CreationTime" && IsJsonString(value)) {
    if (const std::string time = NativeTime(JsonStringContent(value)); !time.empty()) {
      Put(native, absl::StrCat("\"", time, "\""));
      return AddField(name, value);
    }
  }
  const AuditField* const field = FindAuditField(native);
  if (IsJsonString(value) && field != nullptr &&
      (field->type == FieldType::kList || field->type == FieldType::kPairs ||
       field->type == FieldType::kObject)) {
    std::string& text = decoded[kMaxWrappers];
    text.clear();
    AppendJsonUnescaped(JsonStringContent(value), text);
    const std::string_view trimmed = TrimBlanks(text);
    if (!trimmed.empty() && (trimmed.front() == '[' || trimmed.front() == '{') && IsJson(text)) {
      return Put(native, trimmed);
    }
  }
  PutTyped(native, value);
}

void Unwrapper::Impl::PutUnchanged() {
  for (JsonMembers members(record); members.Next();) {
    if (members.name().substr(0, 7) == "@odata.") {
      AddField(members.name(), members.value());
    } else {
      Put(members.name(), members.value());
    }
  }
}

// Writes a record type or a user type as a number. `value` contains the name of the type, as some
// wrappers do. Returns false if `value` is not such a name.
bool Unwrapper::Impl::PutEnum(std::string_view name, std::string_view native,
                              std::string_view value) {
  if (!IsJsonString(value)) return false;
  int32_t number = -1;
  if (native == "RecordType") {
    const bool is_graph = name == "auditLogRecordType";
    number = RecordTypeNumber(JsonStringContent(value),
                              is_graph ? RecordTypeList::kGraph : RecordTypeList::kManagementApi);
  }
  if (native == "UserType") number = UserTypeOf(JsonStringContent(value));
  if (number < 0) return false;
  Put(native, absl::StrCat(number));
  return true;
}

// Copies the fields that the record lacks from `outer`, the object around the record. All other
// fields of `outer` are added to the wrapper's fields, unless the record has the same value.
void Unwrapper::Impl::FillFrom(const Layer& outer) {
  bool has_principal = false;
  for (JsonMembers members(outer.object); members.Next();) {
    has_principal |= members.name() == "userPrincipalName" && members.value().size() > 2 &&
                     IsJsonString(members.value());
  }
  for (JsonMembers members(outer.object); members.Next();) {
    const std::string_view name = members.name();
    const std::string_view value = members.value();
    if (!outer.holder.empty() && name == outer.holder) continue;
    const std::string_view native = NativeOuterName(name);
    if (native.empty() || !IsJsonString(value)) {
      AddFlattened(name, value, 0);
      continue;
    }
    if (value == "\"\"") continue;
    // If both userPrincipalName and userId are present, userPrincipalName becomes UserId, and
    // userId becomes a field of the wrapper.
    const bool is_second_user = has_principal && name == "userId";
    if (!is_second_user && Written(native).empty() && !PutEnum(name, native, value)) {
      PutTyped(native, value);
    }
    if (!IsSameValue(native, Written(native), value)) AddField(name, value);
  }
}

std::string_view Unwrapper::Impl::Written(std::string_view native) const {
  for (const Member& one : written) {
    if (EqualsIgnoreCase(one.name, native)) {
      return std::string_view(*out).substr(one.begin, one.size);
    }
  }
  return {};
}

void Unwrapper::Impl::AddField(std::string_view name, std::string_view value) {
  fields.append(",{\"name\":\"");
  fields.append(name);
  fields.append("\",\"value\":");
  if (IsJsonString(value) || value == "null") {
    fields.append(value);
  } else {
    fields.push_back('"');
    AppendJsonEscaped(fields, value);
    fields.push_back('"');
  }
  fields.push_back('}');
}

void Unwrapper::Impl::AddFlattened(std::string_view name, std::string_view value, int depth) {
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
  // Some wrappers contain the record a second time, as a string. Such a string is not added to the
  // wrapper's fields.
  if (IsJsonString(value) && !id.empty() &&
      TrimBlanks(JsonStringContent(value)).substr(0, 1) == "{" &&
      value.find(id) != std::string_view::npos) {
    return;
  }
  AddField(name, value);
}

void Unwrapper::Impl::AddLayer(const Layer& layer) {
  for (JsonMembers members(layer.object); members.Next();) {
    if (members.name() != layer.holder) AddFlattened(members.name(), members.value(), 0);
  }
}

Unwrapper::Unwrapper() : impl_(std::make_unique<Impl>()) {}
Unwrapper::~Unwrapper() = default;

bool Unwrapper::Unwrap(std::string_view record, std::string& native) {
  Impl& u = *impl_;
  u.layers.clear();
  u.format = Format::kNone;
  if (!u.FindRecord(record, 0)) return false;
  u.out = &native;
  u.written.clear();
  u.fields.clear();
  native.assign("{");
  switch (u.format) {
    case Format::kWazuh:
      u.PutWazuh();
      break;
    case Format::kSentinel:
      u.PutSentinel();
      break;
    default:
      u.PutUnchanged();
  }
  size_t outer = 0;
  if ((u.format == Format::kGraph || u.format == Format::kSearch) && !u.layers.empty()) {
    u.FillFrom(u.layers[outer++]);
  }
  const std::string_view id = u.Written("Id");
  u.id.assign(IsJsonString(id) ? JsonStringContent(id) : std::string_view());
  for (; outer < u.layers.size(); ++outer) u.AddLayer(u.layers[outer]);
  native.append(native.size() > 1 ? "," : "");
  native.append("\"wrapper\":{\"format\":\"").append(FormatName(u.format)).append("\"");
  if (!u.fields.empty()) {
    native.append(",\"fields\":[").append(u.fields, 1).append("]");
  }
  native.append("}}");
  return true;
}

}  // namespace picket::parser
