#include "parser/input/unwrapper.h"

#include <array>
#include <vector>

#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_tokens.h"
#include "model/powershell_text.h"
#include "parser/input/flattened_record.h"
#include "parser/input/native_record_writer.h"
#include "parser/input/renamed_fields.h"

namespace picket::parser {
namespace {

// The maximum number of nested wrappers. For example, the index entry of a Wazuh alert has three:
// `_source`, `data` and `office365`.
constexpr int kMaxWrappers = 4;

enum class Format {
  kNone,
  kGraph,
  kSearch,
  kWazuh,
  kSentinel,
  kCloudAppEvents,
  kFilebeat,
  kFlattened,
  kShipper,
};

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
    case Format::kCloudAppEvents:
      return "cloud_app_events";
    case Format::kFilebeat:
      return "filebeat";
    case Format::kFlattened:
      return "flattened";
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
    {"auditData", Format::kGraph, true},
    {"AuditData", Format::kSearch, true},
    {"RawEventData", Format::kCloudAppEvents, false},
    {"rawEventData", Format::kCloudAppEvents, false},
    {"office365", Format::kWazuh, false},
    {"o365audit", Format::kFilebeat, false},
    {"properties", Format::kNone, false},
    {"data", Format::kNone, false},
    {"_source", Format::kNone, false},
    {"message", Format::kShipper, false},
    {"event", Format::kShipper, false},
    {"original", Format::kShipper, false},
    {"event.original", Format::kShipper, false},
    {"log", Format::kShipper, false},
    {"_raw", Format::kShipper, false},
    {"result", Format::kShipper, false},
    {"full_message", Format::kShipper, false},
    {"short_message", Format::kShipper, false},
};

// The members of a response that contain its records, as a list or as a list in a string.
constexpr std::string_view kListNames[] = {"value",   "records", "hits",          "results",
                                           "message", "events",  "log",           "_raw",
                                           "body",    "data",    "event.original"};

const Holder* FindHolder(std::string_view name) {
  for (const Holder& one : kHolders) {
    if (one.name == name) return &one;
  }
  return nullptr;
}

bool IsObject(std::string_view value) { return !value.empty() && value.front() == '{'; }

// Returns true if the string may contain an object.
bool MayContainObject(std::string_view json_string) {
  const std::string_view content = JsonStringContent(json_string);
  const size_t first = content.find_first_not_of(" \\nrt");
  return first != std::string_view::npos && content[first] == '{';
}

// The members by which a record is recognised. Each value is true if the object has such a member.
struct Marks {
  bool operation = false;
  bool record = false;     // a field, other than Operation, that every record has
  bool graph = false;      // a field that only Graph records have
  bool sentinel = false;   // a column that only OfficeActivity has
  bool search = false;     // the column Operations of a row of an audit log search
  bool flattened = false;  // the Operation of a record whose fields have a prefix
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
    } else if (EqualsIgnoreCase(name, "createdDateTime") ||
               EqualsIgnoreCase(name, "auditLogRecordType")) {
      marks.graph = true;
    } else if (name == "OfficeWorkload" || name == "OfficeId" || name == "OfficeObjectId" ||
               (name == "Type" && members.value() == "\"OfficeActivity\"")) {
      marks.sentinel = true;
    } else if (name == "Operations") {
      marks.search = IsJsonString(members.value());
    } else if (EqualsIgnoreCase(WithoutAuditDataPrefix(name), "Operation")) {
      marks.flattened = IsJsonString(members.value());
    }
  }
  return marks;
}

// Returns true if the record may need PutFlattened. If it does not need PutFlattened, the call only
// costs time.
bool MayBeFlattened(std::string_view record) {
  for (const std::string_view mark : {"\"Param_", "\"@{", "\"System."}) {
    if (record.find(mark) != std::string_view::npos) return true;
  }
  return false;
}

// Returns the list of records in a member's value, or an empty view. `decoded` is for a list in a
// string.
std::string_view RecordList(std::string_view value, std::string* decoded) {
  if (value.front() == '[') return value;
  if (!IsJsonString(value) || decoded == nullptr) return {};
  const std::string_view content = JsonStringContent(value);
  const size_t first = content.find_first_not_of(" \\nrt");
  if (first == std::string_view::npos || content[first] != '[') return {};
  decoded->clear();
  AppendJsonUnescaped(content, *decoded);
  const std::string_view list = TrimBlanks(*decoded);
  return list.substr(0, 1) == "[" ? list : std::string_view();
}

// Returns true if the list may contain records. Lists called value or records always may. The other
// names are common, so their lists must begin with an object.
bool MayContainRecords(std::string_view name, std::string_view list) {
  if (name == "value" || name == "records") return true;
  return TrimBlanks(list.substr(1)).substr(0, 1) == "{";
}

bool IsListName(std::string_view name) {
  for (const std::string_view one : kListNames) {
    if (one == name) return true;
  }
  return false;
}

}  // namespace

std::string_view EnvelopeRecords(std::string_view text, std::string* decoded) {
  if (text.empty() || text.front() != '{') return {};
  std::string_view records;
  JsonMembers members(text);
  while (members.Next()) {
    const std::string_view name = members.name();
    if (EqualsIgnoreCase(name, "Operation")) return {};
    if (!records.empty() || !IsListName(name)) continue;
    // Elasticsearch nests its hits: {"hits":{"hits":[…]}}.
    records = name == "hits" && members.value().front() == '{'
                  ? EnvelopeRecords(members.value(), nullptr)
                  : RecordList(members.value(), decoded);
    if (!records.empty() && !MayContainRecords(name, records)) records = {};
  }
  if (!records.empty()) return records;
  // If the text is cut off inside the array, JsonMembers does not return the array, because it has
  // no end. In this case, the rest of the text is the array.
  const std::string_view rest = members.rest();
  if (!IsListName(members.name()) || rest.empty()) return {};
  if (members.name() == "hits" && rest.front() == '{') return EnvelopeRecords(rest, nullptr);
  return rest.front() == '[' && MayContainRecords(members.name(), rest) ? rest : std::string_view();
}

struct Unwrapper::Impl {
  // An object around the record.
  struct Layer {
    std::string_view object;
    std::string_view holder;  // name of the member that contains the record or the next inner layer
    bool is_graph = false;    // fields that the record lacks are taken from this object
  };

  // Buffers for strings that contain JSON, after their escapes have been removed. decoded[depth] is
  // for the holder at this depth.
  std::array<std::string, kMaxWrappers> decoded;
  std::vector<Layer> layers;  // innermost layer first
  std::string_view record;    // the innermost object
  Format format = Format::kNone;
  DateOrder date_order = DateOrder::kMonthFirst;
  bool lost_nesting = false;
  NativeRecordWriter writer;

  // Finds the record in an object, and sets `record`, `format` and `layers`. Returns false if the
  // object contains no wrapped record.
  bool FindRecord(std::string_view object, int depth);
  bool FindInMember(std::string_view object, const Marks& marks, std::string_view name,
                    std::string_view value, const Holder* holder, int depth);
  bool FindInAuditData(std::string_view object, const Marks& marks, const Holder& holder,
                       std::string_view data);
  // These functions write members of the native record.
  void PutWazuh();
  void PutSentinel();
  void PutSentinelColumn(std::string_view name, std::string_view value);
  void PutUnchanged();
  void FillFrom(const Layer& outer);
  void AddLayer(const Layer& layer);
};

bool Unwrapper::Impl::FindRecord(std::string_view object, int depth) {
  const Marks marks = MarksOf(object);
  if (depth < kMaxWrappers) {
    for (JsonMembers members(object); members.Next();) {
      const Holder* const holder = FindHolder(members.name());
      if (holder == nullptr) continue;
      if (FindInMember(object, marks, members.name(), members.value(), holder, depth)) return true;
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
    layers.push_back({object, {}, /*is_graph=*/true});
    return true;
  }
  if (depth == 0 && marks.flattened) {
    record = object;
    format = Format::kFlattened;
    return true;
  }
  if (depth > 0 && marks.operation && marks.record) {
    record = object;
    return true;
  }
  // An object without an Operation is no record, so any of its members may contain one. (In a
  // record that lacks its Id, such a member could come from an attacker.)
  if (depth >= kMaxWrappers || marks.operation) return false;
  static constexpr Holder kAny = {{}, Format::kShipper, false};
  for (JsonMembers members(object); members.Next();) {
    if (FindHolder(members.name()) != nullptr) continue;
    if (FindInMember(object, marks, members.name(), members.value(), &kAny, depth)) return true;
  }
  return false;
}

bool Unwrapper::Impl::FindInMember(std::string_view object, const Marks& marks,
                                   std::string_view name, std::string_view value,
                                   const Holder* holder, int depth) {
  if (holder->is_record && IsJsonString(value) && IsPowerShellText(JsonStringContent(value)) &&
      (marks.search || marks.operation)) {
    // ConvertTo-Json has written the record as text that cannot be converted back. Only the columns
    // next to the record remain.
    record = "{}";
    format = Format::kSearch;
    lost_nesting = true;
    layers.push_back({object, {}, /*is_graph=*/true});
    return true;
  }
  if (IsJsonString(value)) {
    if (!MayContainObject(value)) return false;
    std::string& text = decoded[depth];
    text.clear();
    AppendJsonUnescaped(JsonStringContent(value), text);
    value = TrimBlanks(text);
    if (!IsObject(value) || !IsJsonDocument(text)) return false;
  }
  if (!IsObject(value)) return false;
  if (holder->is_record) return FindInAuditData(object, marks, {name, holder->format, true}, value);
  if (depth == 0 && name == kRowMember) {
    const Marks row = MarksOf(value);
    record = value;
    format = row.sentinel && row.operation ? Format::kSentinel : Format::kFlattened;
    if (format == Format::kFlattened && !row.operation && !row.search && !row.flattened) {
      return false;
    }
    return true;
  }
  if (!FindRecord(value, depth + 1)) return false;
  if (format == Format::kNone) format = holder->format;
  layers.push_back({object, name});
  return true;
}

bool Unwrapper::Impl::FindInAuditData(std::string_view object, const Marks& marks,
                                      const Holder& holder, std::string_view data) {
  record = data;
  format = holder.format;
  // The Graph PowerShell SDK puts the record into AuditData.AdditionalProperties.
  const std::string_view additional = JsonMember(data, "AdditionalProperties");
  if (IsObject(additional) && JsonMember(data, "Operation").empty()) {
    record = additional;
    format = Format::kGraph;
    layers.push_back({data, "AdditionalProperties"});
  }
  if (marks.graph) format = Format::kGraph;
  layers.push_back({object, holder.name, /*is_graph=*/true});
  return true;
}

void Unwrapper::Impl::PutWazuh() {
  for (JsonMembers members(record); members.Next();) {
    const std::string_view name = members.name();
    if (name == "Subscription") {  // Wazuh adds this member to the record
      writer.AddField(name, members.value());
    } else if (IsObject(members.value())) {
      writer.PutNested(name, members.value());
    } else {
      writer.PutTyped(name, members.value());
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
  if (is_of_workspace) return writer.AddField(name, value);

  std::string_view native = NativeSentinelName(name);
  if (native.empty()) native = name;
  if (!writer.Written(native).empty() || writer.PutEnum(name, native, value)) {
    return writer.AddFieldIfOther(name, native, value);
  }
  if (native == "CreationTime" && writer.PutTime(native, value)) {
    return writer.AddField(name, value);
  }
  if (!writer.PutListInString(native, value)) writer.PutTyped(native, value);
}

void Unwrapper::Impl::PutUnchanged() {
  for (JsonMembers members(record); members.Next();) {
    if (members.name().substr(0, 7) == "@odata.") {
      writer.AddField(members.name(), members.value());
    } else {
      writer.Put(members.name(), members.value());
    }
  }
}

// Copies the fields that the record lacks from `outer`, the object around the record. All other
// fields of `outer` are added to the wrapper's fields, unless the record has the same value.
void Unwrapper::Impl::FillFrom(const Layer& outer) {
  bool has_principal = false;
  for (JsonMembers members(outer.object); members.Next();) {
    has_principal |= EqualsIgnoreCase(members.name(), "userPrincipalName") &&
                     members.value().size() > 2 && IsJsonString(members.value());
  }
  for (JsonMembers members(outer.object); members.Next();) {
    const std::string_view name = members.name();
    const std::string_view value = members.value();
    if (!outer.holder.empty() && name == outer.holder) continue;
    const std::string_view native = NativeOuterName(name);
    if (native.empty() || !IsJsonString(value)) {
      writer.AddFlattened(name, value);
      continue;
    }
    if (value == "\"\"") continue;
    // If both userPrincipalName and userId are present, userPrincipalName becomes UserId, and
    // userId becomes a field of the wrapper.
    const bool is_second_user = has_principal && EqualsIgnoreCase(name, "userId");
    const bool is_missing = !is_second_user && writer.Written(native).empty();
    if (is_missing && !writer.PutEnum(name, native, value) &&
        !(native == "CreationTime" && writer.PutTime(native, value))) {
      writer.PutTyped(native, value);
    }
    writer.AddFieldIfOther(name, native, value);
  }
}

void Unwrapper::Impl::AddLayer(const Layer& layer) {
  for (JsonMembers members(layer.object); members.Next();) {
    if (members.name() != layer.holder) writer.AddFlattened(members.name(), members.value());
  }
}

Unwrapper::Unwrapper() : impl_(std::make_unique<Impl>()) {}
Unwrapper::~Unwrapper() = default;

void Unwrapper::SetDateOrder(DateOrder order) { impl_->date_order = order; }
bool Unwrapper::has_lost_nesting() const { return impl_->lost_nesting; }

bool Unwrapper::Unwrap(std::string_view record, std::string& native) {
  Impl& u = *impl_;
  u.layers.clear();
  u.format = Format::kNone;
  u.lost_nesting = false;
  if (!u.FindRecord(record, 0)) return false;
  Write(native);
  return true;
}

void Unwrapper::RestoreFlattened(std::string_view record, std::string& native) {
  Impl& u = *impl_;
  u.layers.clear();
  u.lost_nesting = false;
  u.record = record;
  u.format = Format::kFlattened;
  Write(native);
}

void Unwrapper::Write(std::string& native) {
  Impl& u = *impl_;
  u.writer.Start(native, u.date_order);
  if (u.format == Format::kWazuh) {
    u.PutWazuh();
  } else if (u.format == Format::kSentinel) {
    u.PutSentinel();
  } else if (u.format == Format::kFlattened || MayBeFlattened(u.record)) {
    u.lost_nesting |= PutFlattened(u.record, u.writer);
  } else {
    u.PutUnchanged();
  }
  for (const Impl::Layer& layer : u.layers) {
    if (layer.is_graph) u.FillFrom(layer);
  }
  u.writer.NoteId();
  for (const Impl::Layer& layer : u.layers) {
    if (!layer.is_graph) u.AddLayer(layer);
  }
  u.writer.Finish(FormatName(u.format));
}

}  // namespace picket::parser
