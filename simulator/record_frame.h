#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/random.h"

namespace picket {
class JsonWriter;
}

namespace picket::simulator {

// A record of the audit log, as the Management Activity API returns it.
struct AuditRecord {
  absl::Time created;    // CreationTime in whole seconds
  absl::Time available;  // time of publication, which determines the order of arrival
  std::string id;
  std::string_view content_type;
  std::string json;
};

// A list of {Name, Value} objects, as pairs of name and value.
using NameValues = std::vector<std::pair<std::string, std::string>>;

struct PropertyChange {
  std::string name;
  std::string new_value;
  std::string old_value;
};

// The members that records of all types share.
struct RecordHead {
  absl::Time time;
  std::string_view content_type;
  std::string_view operation;
  int record_type = 0;
  std::string_view workload;
  std::string user_key;
  int user_type = 0;
  std::string user_id;
  std::optional<std::string> result_status;
  std::optional<std::string> client_ip;
  std::optional<std::string> object_id;
};

// Writes the common members of records and invents ids and names. A RecordWriter and a
// SecurityRecordWriter share a frame, so the seed of the frame determines the records of both. The
// `available` time of a new record is its `created` time, until the caller changes it.
// Threads: One thread uses an instance. Lifetime: `company` must outlive the frame.
class RecordFrame {
 public:
  RecordFrame(const Company& company, uint64_t seed);

  AuditRecord Write(const RecordHead& head,
                    const std::function<void(JsonWriter&)>& write_other_members);
  // Begins the JSON object of a record with the common members. The caller completes the object and
  // sets the `json` of the returned record.
  AuditRecord Begin(JsonWriter& json, const RecordHead& head);

  std::string ItemId(std::string_view prefix);
  std::string MessageId();
  std::string FileName();

  const Company& company;
  Random random;
};

// Writes a member whose value is a list of {Name, Value} objects.
void WritePairs(JsonWriter& json, std::string_view key, const NameValues& pairs);

// Returns a person's UserKey in SharePoint records.
std::string SharePointKey(const Person& person);
// Returns the name of the library that contains the files of a site.
std::string FolderOf(const Site& site);

}  // namespace picket::simulator
