#pragma once

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

// One record of the audit log, in the shape the Management API serves it.
struct AuditRecord {
  absl::Time created;    // CreationTime, whole seconds
  absl::Time available;  // when the service hands it out; gives the order of arrival
  std::string id;
  std::string_view content_type;
  std::string json;
};

// [{Name, Value}] in the order written.
using NameValues = std::vector<std::pair<std::string, std::string>>;

struct PropertyChange {
  std::string name;
  std::string new_value;
  std::string old_value;
};

// What a directory record is about.
struct DirectoryTarget {
  std::string
      category;  // "User", "Application", "ServicePrincipal", "Group", "Role", "Device", "Domain"
  std::string object_id;         // GUID
  std::string name;              // display name, or the UPN of a user
  std::string record_object_id;  // the record's ObjectId
};

// Writes audit records of one company; each method is one family of shapes. A record's `available` equals its
// `created` until somebody says otherwise.
// Threads: one. Lifetime: `company` must outlive it.
class RecordWriter {
 public:
  RecordWriter(const Company& company, uint64_t seed);

  AuditRecord SignIn(const Person& person, absl::Time time, std::string_view address);
  // ErrorNumber and LogonError as Entra's: 50126 InvalidUserNameOrPassword, …
  AuditRecord FailedSignIn(const Person& person, absl::Time time, std::string_view address,
                           std::string_view error_number = "50126",
                           std::string_view logon_error = "InvalidUserNameOrPassword");
  AuditRecord File(const Person& person, absl::Time time, std::string_view address,
                   std::string_view operation, const Site& site, std::string_view file_name);
  // A sharing operation on a file; `target` is whom it is shared with, empty for a link.
  AuditRecord Sharing(const Person& person, absl::Time time, std::string_view address,
                      std::string_view operation, const Site& site, std::string_view file_name,
                      std::string_view event_data, std::string_view target);
  AuditRecord SiteAdministrator(const Person& actor, absl::Time time, std::string_view address,
                                std::string_view operation, const Site& site, const Person& target);
  AuditRecord PageViewed(const Person& person, absl::Time time, std::string_view address,
                         const Site& site);
  // MailItemsAccessed, Send, Create, Update, SoftDelete, MoveToDeletedItems, …
  AuditRecord Mailbox(const Person& person, absl::Time time, std::string_view address,
                      std::string_view operation);
  // An Exchange cmdlet; the client's port goes behind its address, as Exchange does.
  AuditRecord Cmdlet(const Person& actor, absl::Time time, std::string_view address,
                     std::string_view operation, std::string_view object_id,
                     const NameValues& parameters);
  // The same, run by Exchange itself.
  AuditRecord SystemCmdlet(absl::Time time, std::string_view operation, std::string_view object_id,
                           const NameValues& parameters);
  // A cmdlet of the compliance centre, whose parameters are one text.
  AuditRecord ComplianceCmdlet(const Person& actor, absl::Time time, std::string_view operation,
                               std::string_view parameters);
  AuditRecord Directory(const Person& actor, absl::Time time, std::string_view operation,
                        const DirectoryTarget& target, const std::vector<PropertyChange>& changes);
  AuditRecord Teams(const Person& person, absl::Time time, std::string_view address,
                    std::string_view operation);
  AuditRecord Copilot(const Person& person, absl::Time time, std::string_view address);

  // A file name of everyday work.
  std::string FileName();

 private:
  struct Common;
  AuditRecord Begin(JsonWriter& json, const Common& common);
  AuditRecord StsLogon(const Person& person, absl::Time time, std::string_view address,
                       std::string_view error_number, std::string_view logon_error);
  AuditRecord CmdletRecord(JsonWriter& json, std::string& text, AuditRecord record,
                           const NameValues& parameters, bool external);
  std::string ItemId(std::string_view prefix);
  std::string MessageId();

  const Company& company_;
  Random random_;
};

// A target as the directory names it.
DirectoryTarget UserTarget(const Person& person);

}  // namespace picket::simulator
