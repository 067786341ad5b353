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

namespace picket::parser {
namespace {

constexpr int kMaxWrappers = 4;  // wrappers in wrappers: an index entry of an alert of a record
// Containers deeper than this stay one JSON text among the fields of a wrapper, so that flattening is linear.
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

// Members that hold a record or another wrapper. `any`: whatever object it is, it is the record.
struct Holder {
  std::string_view name;
  Format format;
  bool any;
};
constexpr Holder kHolders[] = {
    {"auditData", Format::kGraph, true},         {"AuditData", Format::kSearch, true},
    {"office365", Format::kWazuh, false},        {"data", Format::kNone, false},
    {"_source", Format::kNone, false},           {"message", Format::kShipper, false},
    {"event", Format::kShipper, false},          {"original", Format::kShipper, false},
    {"event.original", Format::kShipper, false}, {"log", Format::kShipper, false},
    {"_raw", Format::kShipper, false},           {"result", Format::kShipper, false},
};

struct Renamed {
  std::string_view name;
  std::string_view native;
};
// What Graph and the audit log search put beside the record.
constexpr Renamed kOuterNames[] = {
    {"id", "Id"},
    {"Identity", "Id"},
    {"RecordId", "Id"},
    {"createdDateTime", "CreationTime"},
    {"CreationDate", "CreationTime"},
    {"auditLogRecordType", "RecordType"},
    {"RecordType", "RecordType"},
    {"operation", "Operation"},
    {"Operations", "Operation"},
    {"Operation", "Operation"},
    {"organizationId", "OrganizationId"},
    {"userType", "UserType"},
    {"userPrincipalName", "UserId"},
    {"userId", "UserId"},
    {"UserId", "UserId"},
    {"UserIds", "UserId"},
    {"service", "Workload"},
    {"objectId", "ObjectId"},
    {"clientIp", "ClientIP"},
};
// The columns of OfficeActivity that have other names than the fields.
constexpr Renamed kSentinelNames[] = {
    {"OfficeId", "Id"},
    {"SourceRecordId", "Id"},
    {"TimeGenerated", "CreationTime"},
    {"TimeGenerated [UTC]", "CreationTime"},
    {"OfficeWorkload", "Workload"},
    {"OfficeObjectId", "ObjectId"},
    {"OfficeTenantId", "OrganizationId"},
    {"Client_IPAddress", "ClientIPAddress"},
    {"Logon_Type", "LogonType"},
    {"Event_Data", "EventData"},
    {"Site_", "Site"},
    {"Site_Url", "SiteUrl"},
    {"Source_Name", "SourceName"},
    {"Start_Time", "StartTime"},
    {"AADTarget", "Target"},
    {"OperationScope", "Scope"},
    {"AddonName", "AddOnName"},
    {"AddonGuid", "AddOnGuid"},
    {"AzureActiveDirectory_EventType", "AzureActiveDirectoryEventType"},
    {"SendonBehalfOfUserMailboxGuid", "SendOnBehalfOfUserMailboxGuid"},
};
// Columns that the workspace adds to each of its tables; those that begin with '_' are its own too.
constexpr std::string_view kWorkspaceColumns[] = {"TenantId", "Type", "SourceSystem",
                                                  "Computer", "MG",   "TimeGenerated [Local Time]"};
constexpr std::string_view kUserTypes[] = {"Regular",           "Reserved",     "Admin",
                                           "DCAdmin",           "System",       "Application",
                                           "ServicePrincipal",  "CustomPolicy", "SystemPolicy",
                                           "PartnerTechnician", "Guest"};

template <size_t N>
std::string_view Find(const Renamed (&table)[N], std::string_view name) {
  for (const Renamed& row : table) {
    if (row.name == name) return row.native;
  }
  return {};
}

bool IsObject(std::string_view value) { return !value.empty() && value.front() == '{'; }

// What of an object decides whether it is a record.
struct Marks {
  bool operation = false;
  bool record = false;    // a field that a record has beside its Operation
  bool graph = false;     // createdDateTime
  bool sentinel = false;  // a column of OfficeActivity alone
};

Marks MarksOf(std::string_view object) {
  Marks marks;
  for (JsonMembers members(object); members.Next();) {
    const std::string_view name = members.name();
    if (EqualsIgnoreCase(name, "Operation")) {
      marks.operation = IsJsonText(members.value());
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

int UserTypeOf(std::string_view name) {
  for (size_t i = 0; i < std::size(kUserTypes); ++i) {
    if (EqualsIgnoreCase(kUserTypes[i], name)) return static_cast<int>(i);
  }
  return -1;
}

// The wrapper's text adds nothing to the record's own value (both JSON). A record type's name is in the event already.
bool SaysTheSame(std::string_view native, std::string_view own, std::string_view text) {
  if (EqualsIgnoreCase(own, text)) return true;
  if (IsJsonText(text) && JsonInner(text) == own) return true;
  if (native != "RecordType" || !IsJsonText(text)) return false;
  const int32_t number = RecordTypeNumber(JsonInner(text), RecordTypeList::kManagementApi);
  return number >= 0 && own == absl::StrCat(number) &&
         RecordTypeName(number).name() == JsonInner(text);
}

// The portal's "3/2/2026, 8:07:13.000 AM" as the records write times; empty for any other text.
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

// Whether a text stands for the number or the truth value that the documents have there.
bool MeansType(const AuditField* field, std::string_view value) {
  if (field == nullptr || !IsJsonText(value)) return false;
  const std::string_view inner = JsonInner(value);
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
  // Cut off inside of the array: what there is of it.
  const bool named = members.name() == "value" || members.name() == "records";
  return named && members.rest().substr(0, 1) == "[" ? members.rest() : std::string_view();
}

std::string_view NativeName(std::string_view name) {
  const std::string_view native = Find(kOuterNames, name);
  return native.empty() ? Find(kSentinelNames, name) : native;
}

struct Unwrapper::Impl {
  struct Layer {
    std::string_view object;
    std::string_view holder;  // the member that leads to the record
  };

  struct Member {
    std::string_view name;
    size_t begin, size;  // of the value in `out`
  };

  simdjson::dom::parser checker;
  std::array<std::string, kMaxWrappers + 1> decoded;
  std::vector<Layer> layers;  // from the inside out
  std::string_view record;
  Format format = Format::kNone;

  std::string* out = nullptr;
  std::vector<Member> written;
  std::string fields;  // ,{"name":…,"value":…}
  std::string id;      // escaped
  std::string scratch;

  bool IsJson(const std::string& text) {
    if (checker.max_depth() != kMaxInnerDepth &&
        checker.allocate(64 << 10, kMaxInnerDepth) != simdjson::SUCCESS) {
      return false;
    }
    return checker.parse(text).error() == simdjson::SUCCESS;
  }

  bool FindRecord(std::string_view object, int depth);
  void Put(std::string_view name, std::string_view value);
  void PutTyped(std::string_view name, std::string_view value);
  void PutNested(std::string_view object, uint8_t complex_type);
  void PutWazuh();
  void PutSentinel();
  void PutAsItIs();
  void FillFrom(const Layer& outer);
  bool PutEnum(std::string_view name, std::string_view native, std::string_view value);
  // The value that the native record has already; empty: none.
  std::string_view Written(std::string_view native) const;
  void AddField(std::string_view name, std::string_view value);
  void Flatten(std::string_view name, std::string_view value, int depth);
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
      if (IsJsonText(value)) {
        std::string& text = decoded[depth];
        text.clear();
        AppendJsonUnescaped(JsonInner(value), text);
        value = TrimBlanks(text);
        if (!IsObject(value) || !IsJson(text)) continue;
      }
      if (!IsObject(value)) continue;
      if (holder->any) {
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
  if (marks.graph && marks.operation) {  // without auditData
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
  Put(name, MeansType(FindAuditField(name), value) ? JsonInner(value) : value);
}

// Lists keep their types in Wazuh; objects in objects do not.
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
      out->append(MeansType(field, value) ? JsonInner(value) : value);
    }
  }
  out->push_back('}');
}

void Unwrapper::Impl::PutWazuh() {
  for (JsonMembers members(record); members.Next();) {
    const std::string_view name = members.name();
    if (name == "Subscription") {  // the module's own
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
    const std::string_view name = members.name();
    const std::string_view value = members.value();
    if (value == "\"\"" || value == "null") continue;  // an empty cell
    bool of_workspace = name.substr(0, 1) == "_";
    for (const std::string_view column : kWorkspaceColumns) of_workspace |= column == name;
    if (of_workspace) {
      AddField(name, value);
      continue;
    }
    std::string_view native = Find(kSentinelNames, name);
    if (native.empty()) native = name;
    if (const std::string_view other = Written(native); !other.empty()) {
      if (!SaysTheSame(native, other, value)) AddField(name, value);
      continue;
    }
    if (PutEnum(name, native, value)) {
      if (!SaysTheSame(native, Written(native), value)) AddField(name, value);
      continue;
    }
    if (native == "CreationTime" && IsJsonText(value)) {
      if (const std::string time = NativeTime(JsonInner(value)); !time.empty()) {
        Put(native, absl::StrCat("\"", time, "\""));
        AddField(name, value);
        continue;
      }
    }
    const AuditField* const field = FindAuditField(native);
    if (IsJsonText(value) && field != nullptr &&
        (field->type == FieldType::kList || field->type == FieldType::kPairs ||
         field->type == FieldType::kObject)) {
      std::string& text = decoded[kMaxWrappers];
      text.clear();
      AppendJsonUnescaped(JsonInner(value), text);
      const std::string_view trimmed = TrimBlanks(text);
      if (!trimmed.empty() && (trimmed.front() == '[' || trimmed.front() == '{') && IsJson(text)) {
        Put(native, trimmed);
        continue;
      }
    }
    PutTyped(native, value);
  }
}

void Unwrapper::Impl::PutAsItIs() {
  for (JsonMembers members(record); members.Next();) {
    if (members.name().substr(0, 7) == "@odata.") {
      AddField(members.name(), members.value());
    } else {
      Put(members.name(), members.value());
    }
  }
}

// The number where a wrapper says the name of a record type or user type. False: it is none.
bool Unwrapper::Impl::PutEnum(std::string_view name, std::string_view native,
                              std::string_view value) {
  if (!IsJsonText(value)) return false;
  int32_t number = -1;
  if (native == "RecordType") {
    const bool is_graph = name == "auditLogRecordType";
    number = RecordTypeNumber(JsonInner(value),
                              is_graph ? RecordTypeList::kGraph : RecordTypeList::kManagementApi);
  }
  if (native == "UserType") number = UserTypeOf(JsonInner(value));
  if (number < 0) return false;
  Put(native, absl::StrCat(number));
  return true;
}

// What stands beside the record: it fills what the record lacks; what says the same is not said again.
void Unwrapper::Impl::FillFrom(const Layer& outer) {
  bool has_principal = false;
  for (JsonMembers members(outer.object); members.Next();) {
    has_principal |= members.name() == "userPrincipalName" && members.value().size() > 2 &&
                     IsJsonText(members.value());
  }
  for (JsonMembers members(outer.object); members.Next();) {
    const std::string_view name = members.name();
    const std::string_view value = members.value();
    if (!outer.holder.empty() && name == outer.holder) continue;
    const std::string_view native = Find(kOuterNames, name);
    if (native.empty() || !IsJsonText(value)) {
      Flatten(name, value, 0);
      continue;
    }
    if (value == "\"\"") continue;
    // Where both are there, the principal's name is what records call UserId.
    const bool second = has_principal && name == "userId";
    if (!second && Written(native).empty() && !PutEnum(name, native, value))
      PutTyped(native, value);
    if (!SaysTheSame(native, Written(native), value)) AddField(name, value);
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
  if (IsJsonText(value) || value == "null") {
    fields.append(value);
  } else {
    fields.push_back('"');
    AppendJsonEscaped(fields, value);
    fields.push_back('"');
  }
  fields.push_back('}');
}

void Unwrapper::Impl::Flatten(std::string_view name, std::string_view value, int depth) {
  const bool container = !value.empty() && (value.front() == '{' || value.front() == '[');
  if (container && depth < kMaxFieldDepth) {
    for (JsonMembers members(value); members.Next();) {
      if (value.front() == '[') {
        Flatten(name, members.value(), depth + 1);
      } else {
        Flatten(absl::StrCat(ToAbsl(name), ".", ToAbsl(members.name())), members.value(),
                depth + 1);
      }
    }
    return;
  }
  // Some wrappers carry the record a second time, as a text.
  if (IsJsonText(value) && !id.empty() && TrimBlanks(JsonInner(value)).substr(0, 1) == "{" &&
      value.find(id) != std::string_view::npos) {
    return;
  }
  AddField(name, value);
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
      u.PutAsItIs();
  }
  size_t outer = 0;
  if ((u.format == Format::kGraph || u.format == Format::kSearch) && !u.layers.empty()) {
    u.FillFrom(u.layers[outer++]);
  }
  const std::string_view id = u.Written("Id");
  u.id.assign(IsJsonText(id) ? JsonInner(id) : std::string_view());
  for (; outer < u.layers.size(); ++outer) {
    const Impl::Layer& layer = u.layers[outer];
    for (JsonMembers members(layer.object); members.Next();) {
      if (members.name() != layer.holder) u.Flatten(members.name(), members.value(), 0);
    }
  }
  native.append(native.size() > 1 ? "," : "");
  native.append("\"wrapper\":{\"format\":\"").append(FormatName(u.format)).append("\"");
  if (!u.fields.empty()) {
    native.append(",\"fields\":[").append(u.fields, 1).append("]");
  }
  native.append("}}");
  return true;
}

}  // namespace picket::parser
