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
  // MailItemsAccessed, Send, Create, Update, SoftDelete, MoveToDeletedItems, …; `subject` is of the items moved or deleted.
  AuditRecord Mailbox(const Person& person, absl::Time time, std::string_view address,
                      std::string_view operation, std::string_view subject = "Newsletter");
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
                        const DirectoryTarget& target, const std::vector<PropertyChange>& changes,
                        std::string_view result = "Success");
  AuditRecord Teams(const Person& person, absl::Time time, std::string_view address,
                    std::string_view operation);
  AuditRecord Copilot(const Person& person, absl::Time time, std::string_view address);

  // What follows is in security_records.cc.

  // Mail of the owner, read with the rights of an administrator.
  AuditRecord MailReadByAdministrator(const Person& actor, const Person& owner, absl::Time time,
                                      std::string_view address);
  // Rights on a folder of the own mailbox, set in Outlook; `member` is a UPN or "Everyone".
  AuditRecord FolderPermissions(const Person& person, absl::Time time, std::string_view folder,
                                std::string_view member, std::string_view rights);
  // A rule made in Outlook, its actions as JSON.
  AuditRecord OutlookRule(const Person& person, absl::Time time, std::string_view address,
                          std::string_view name, std::string_view actions);
  AuditRecord SharingPolicy(const Person& actor, absl::Time time, std::string_view address,
                            const Site& site, const PropertyChange& change);
  AuditRecord PermissionLevel(const Person& actor, absl::Time time, std::string_view address,
                              const Site& site, std::string_view level,
                              std::string_view permissions);
  AuditRecord Search(const Person& person, absl::Time time, std::string_view address,
                     std::string_view query);
  AuditRecord Malware(const Person& person, absl::Time time, std::string_view address,
                      const Site& site, std::string_view file_name, std::string_view virus);
  // What Defender found in a stored file.
  AuditRecord FileThreat(absl::Time time, const Site& site, std::string_view file_name);
  // What Defender found in mail; `delivery` is Delivered, Blocked, …
  AuditRecord MailThreat(absl::Time time, const Person& recipient, std::string_view sender,
                         std::string_view verdict, std::string_view delivery);
  // An alert of the service; its object is the alert's id.
  AuditRecord Alert(absl::Time time, std::string_view name, std::string_view severity,
                    std::string_view status, const Person& about);
  // AdminMailAccess: an analyst opens the mail of somebody in the tools of Defender.
  AuditRecord MailOpenedByAnalyst(const Person& actor, absl::Time time);
  // QuarantineRelease, QuarantinePreview, …
  AuditRecord Quarantine(const Person& actor, absl::Time time, std::string_view operation,
                         const Person& recipient);
  AuditRecord DlpMatch(const Person& person, absl::Time time, std::string_view severity,
                       std::string_view recipient);
  // SearchCreated, SearchExported, CaseAdded, …
  AuditRecord Discovery(const Person& actor, absl::Time time, std::string_view address,
                        std::string_view operation, std::string_view name, std::string_view query);
  // A cmdlet of the Teams administration.
  AuditRecord TeamsCmdlet(const Person& actor, absl::Time time, std::string_view operation,
                          const NameValues& parameters);
  AuditRecord TeamsSetting(const Person& actor, absl::Time time, const PropertyChange& change);
  AuditRecord BotAdded(const Person& person, absl::Time time, std::string_view bot,
                       const Site& team);
  // Somebody of another company begins a chat with a person.
  AuditRecord ForeignChat(std::string_view user_id, std::string_view display_name, absl::Time time,
                          const Person& person);

  // A file name of everyday work.
  std::string FileName();

 private:
  // The members that all records share.
  struct Common {
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
  AuditRecord Write(const Common& common, const std::function<void(JsonWriter&)>& own_members);
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

// A member with a list of names and values.
void WritePairs(JsonWriter& json, std::string_view key, const NameValues& pairs);

// A person's UserKey in records of SharePoint, and the library of a site that holds its files.
std::string SharePointKey(const Person& person);
std::string FolderOf(const Site& site);

// A target as the directory names it.
DirectoryTarget UserTarget(const Person& person);

}  // namespace picket::simulator
