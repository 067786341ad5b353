#pragma once

// What is known of an audit record before an event is written: found once, read by every writer (OCSF, ECS). Texts are
// views into the record, still escaped; an empty one says that the record has none.

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "json/json_tokens.h"
#include "model/mapping.h"
#include "parser/mapping/activity_text.h"
#include "parser/mapping/audit_record.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/inner_json.h"
#include "parser/mapping/known_operations.h"
#include "parser/mapping/times_and_addresses.h"

namespace picket::parser {

class GeoCache;
struct GeoPlace;

// What the normaliser has found out about the record before it is mapped.
struct EventFrame {
  std::string_view tenant;         // canonical
  std::string_view uid;            // tenant|Id, as it stands in JSON
  std::string_view content_type;   // may be empty
  int64_t logged_time_ms = -1;     // fetched-at; -1: none
  int64_t processed_time_ms = -1;  // the blob's arrival; -1: not told
  int64_t time_ms = 0;
  uint16_t remarks = 0;
  bool raw_data = false;
  bool unmapped = true;     // false: the event would be too large with what has no place of its own
  GeoCache* geo = nullptr;  // places of addresses; nullptr: not asked for
};

// Of an event in any schema; see docs/formats.md.
inline constexpr size_t kLargestEvent = 6 << 20;

// An Actor or Target list boiled down.
struct Identity {
  std::string_view upn;   // type 5
  std::string_view name;  // type 1
  std::string_view guid;  // type 2, else 0
  std::string_view kind;  // "User", "ServicePrincipal"
};

// How a record ended: the operation, then the sign-in's error, then ResultStatus.
struct Outcome {
  enum Status : uint8_t {
    kUnknown = 0,
    kSuccess = 1,
    kFailure = 2,
    kOther = 99
  };  // OCSF's status_id
  Status status = kUnknown;
  std::string_view other;   // the record's word when it is none of the above
  std::string_view code;    // ErrorNumber
  std::string_view detail;  // LogonError, "partial"
};

struct ActorFacts {
  std::string_view name;      // UserId, "Unknown" without
  std::string_view uid;       // the object id from Actor, TokenObjectId or UserKey
  std::string_view user_key;  // UserKey
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
  const ActivityText* activity = nullptr;
  std::string_view operation;
  std::string_view workload;
  int64_t record_type = -1;  // the number, also where the record has the name; -1: neither
  std::string_view record_type_name;
  bool record_type_is_name = false;
  uint16_t remarks = 0;  // bits of Remark
  int severity_id = 1;
  Outcome outcome;
  ActorFacts actor;
  DeviceFacts device;
  Identity target;
  std::string_view correlation;
  std::string_view user_agent;
  std::vector<Address> addresses;   // without repeats; the first is the source
  const GeoPlace* place = nullptr;  // of the source; nullptr: not known
  std::vector<std::string_view> labels;
  // JSON inside texts (Data, NewValue, …), taken apart: `{"name":"Data.f3u","value":"…"},…`; see parser/mapping/inner_json.h. Before
  // them OriginatingServer, where it had blanks around it.
  std::string_view decoded;

  const JsonTokens& tokens() const { return record->tokens(); }
  std::string_view Text(Field field) const { return record->Text(field); }
  std::string_view Modified(std::string_view name) const {
    return record->PairValue(Field::kModifiedProperties, name);
  }
  std::string_view Parameter(std::string_view name) const {
    return record->PairValue(Field::kParameters, name);
  }
  // The text of an object's member; empty when it is none.
  std::string_view MemberText(const JsonValue& object, std::string_view name) const {
    const JsonValue value = tokens().Member(object, name);
    return value.is_text() ? value.inner() : std::string_view();
  }
};

// Threads: one. Lifetime: one a normaliser; keeps its buffers. Makes no allocation once warm.
class FactFinder {
 public:
  FactFinder();
  // The facts are valid until the next call; they view `record` and `frame`.
  const RecordFacts& Find(const AuditRecord& record, const EventFrame& frame);

 private:
  void FindMapping();
  void FindUserActivity();
  void FindLabels();
  void FindOutcome();
  void FindSeverity();
  void FindActor();
  void FindDevice();
  void FindClient();
  void FindAddresses();
  void AddAddresses(const JsonValue& value);
  void FindServer();
  void FindDecoded();
  void Decode(std::string_view name, std::string_view escaped, bool always_json);
  void Remember(InnerJson::Result result, bool always_json);

  RecordFacts facts_;
  KnownOperations operations_;
  Bytes decoded_;
  InnerJson inner_json_;
  std::string decoded_name_;
  std::deque<std::string> unescaped_addresses_;  // of this record, facts_.addresses view them
};

inline std::string_view FirstOf(std::string_view a, std::string_view b) {
  return a.empty() ? b : a;
}

// Texts that records have where there is nothing to say.
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
// The text, empty when it says nothing: what is joined by an id must not be joined by that.
inline std::string_view Known(std::string_view text) {
  return IsNullLike(text) ? std::string_view() : text;
}

// NewValue may be a JSON list of one text: ["x"] with line breaks, escaped once more. What it holds, if it is that.
std::string_view Unlisted(std::string_view escaped);

// Whether JSON must escape something of the text, rather than may (\/, \u00e4).
bool HasNeededEscapes(std::string_view escaped);

// Whether a text has the shape of a mail address.
bool LooksLikeAddress(std::string_view text);

}  // namespace picket::parser
