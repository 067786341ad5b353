#pragma once

// The facts about an audit record that every writer (OCSF, ECS) needs. FactFinder (fact_finder.h)
// finds them once. Strings are views into the record, still escaped, and empty if the record has no
// value.

#include <cstdint>
#include <string_view>
#include <vector>

#include "json/json_tokens.h"
#include "model/mapping.h"
#include "parser/mapping/activity_json.h"
#include "parser/mapping/audit_record.h"
#include "parser/mapping/network_address.h"

namespace picket::parser {

class GeoCache;
struct GeoPlace;

// The properties of an event that are known before its record is mapped.
struct EventFrame {
  std::string_view tenant;         // the canonical id of the tenant
  std::string_view uid;            // tenant|Id, escaped as in JSON
  std::string_view content_type;   // with JSON escapes; may be empty
  int64_t logged_time_ms = -1;     // the header fetched-at of the Kafka message; -1 if unknown
  int64_t processed_time_ms = -1;  // the arrival of the blob; -1 if unknown
  int64_t time_ms = 0;
  uint16_t remarks = 0;
  bool raw_data = false;
  bool unmapped = true;     // false if the event would be too large with `unmapped`
  GeoCache* geo = nullptr;  // finds places of addresses; nullptr if there is no database
};

// The size limit of an event in any schema, in bytes; see docs/formats.md.
inline constexpr size_t kLargestEvent = 6 << 20;

// The ids that Picket uses from the list Actor or Target of an Entra record. Each id in such a list
// has a type.
struct Identity {
  std::string_view upn;   // the id of type 5
  std::string_view name;  // the id of type 1
  std::string_view guid;  // the id of type 2 or, if that is missing, of type 0
  std::string_view kind;  // the kind of object: "User", "ServicePrincipal"
};

// The outcome of the operation. It is taken from the first conclusive source in this list: the
// operation itself, the error of a sign-in, and ResultStatus or IsSuccess.
struct Outcome {
  // The values of status_id in OCSF.
  enum Status : uint8_t { kUnknown = 0, kSuccess = 1, kFailure = 2, kOther = 99 };
  Status status = kUnknown;
  std::string_view other;   // the original status, if `status` is kOther
  std::string_view code;    // the error code, from ErrorNumber or a similar field
  std::string_view detail;  // the error of a sign-in, or "partial"
};

struct ActorFacts {
  std::string_view name;  // UserId, or "Unknown" if the record has no UserId
  std::string_view uid;   // the first object id found in Actor, TokenObjectId and UserKey
  std::string_view user_key;
  int64_t user_type = 0;
  bool has_user_type = false;
  std::string_view session;
  std::string_view token;
  std::string_view app_uid;
  std::string_view app_name;
};

struct DeviceFacts {
  std::string_view uid;
  std::string_view name;
  std::string_view os;
  std::string_view is_compliant;
  std::string_view is_managed;
};

struct RecordFacts {
  const AuditRecord* record = nullptr;
  const EventFrame* frame = nullptr;

  Mapping mapping;
  const ActivityJson* activity = nullptr;
  std::string_view operation;
  std::string_view workload;
  int64_t record_type = -1;  // the number, even if the record has the name; -1 if unknown
  std::string_view record_type_name;
  bool record_type_is_name = false;
  uint16_t remarks = 0;  // a set of Remark
  int severity_id = 1;
  Outcome outcome;
  ActorFacts actor;
  DeviceFacts device;
  Identity target;
  std::string_view correlation;
  std::string_view user_agent;
  std::vector<NetworkAddress> addresses;  // without repetitions; the first address is the source
  const GeoPlace* place = nullptr;        // the place of the source; nullptr if unknown
  std::vector<std::string_view> labels;
  // The JSON inside strings (Data, NewValue, …), decoded into `{"name":"Data.f3u","value":"…"},…`
  // (see parser/mapping/inner_json.h). If OriginatingServer ends with blanks or a line break, its
  // value without them is the first entry.
  std::string_view decoded;

  const JsonTokens& tokens() const { return record->tokens(); }
  std::string_view Text(Field field) const { return record->Text(field); }
  std::string_view Modified(std::string_view name) const {
    return record->PairValue(Field::kModifiedProperties, name);
  }
  std::string_view Parameter(std::string_view name) const {
    return record->PairValue(Field::kParameters, name);
  }
  // Returns a string member of an object. Returns an empty view if the member is absent or not a
  // string.
  std::string_view MemberText(const JsonValue& object, std::string_view name) const {
    const JsonValue value = tokens().Member(object, name);
    return value.is_text() ? value.inner() : std::string_view();
  }
};

inline std::string_view FirstOf(std::string_view a, std::string_view b) {
  return a.empty() ? b : a;
}

// Returns true for strings that mean "no value" in records.
inline bool IsNullLike(std::string_view text) {
  switch (text.size()) {
    case 0:
      return true;
    case 6:
      return text == "<null>";
    case 7:
      return text == "Unknown";
    case 13:
      return text == "Not Available";
    case 36:
      return text == "00000000-0000-0000-0000-000000000000";
    default:
      return false;
  }
}
// Returns the string, or an empty view if the string means "no value". A string with that meaning
// must not become an id, because ids are used to join events.
inline std::string_view KnownOrEmpty(std::string_view text) {
  return IsNullLike(text) ? std::string_view() : text;
}

}  // namespace picket::parser
