#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/record_frame.h"

namespace picket::simulator {

// The object that a directory record describes.
struct DirectoryTarget {
  // The kind of object, such as "User", "Application", "ServicePrincipal", "Group", "Role",
  // "Device" or "Domain".
  std::string category;
  std::string object_id;         // GUID
  std::string name;              // display name, or the UPN of a user
  std::string record_object_id;  // value of the record's ObjectId
};

// Returns a person as the target of a directory record.
DirectoryTarget UserTarget(const Person& person);

// Writes the records of everyday work in one company: sign-ins, files, mail, Teams, and
// administration by cmdlets and in the directory. Each method writes one family of records.
// Threads: One thread uses an instance. Lifetime: `frame` must outlive the writer.
class RecordWriter {
 public:
  explicit RecordWriter(RecordFrame& frame) : frame_(frame) {}

  AuditRecord SignIn(const Person& person, absl::Time time, std::string_view address);
  // Writes a failed sign-in. The values of ErrorNumber and LogonError are those of Entra, such as
  // 50126 and InvalidUserNameOrPassword.
  AuditRecord FailedSignIn(const Person& person, absl::Time time, std::string_view address,
                           std::string_view error_number = "50126",
                           std::string_view logon_error = "InvalidUserNameOrPassword");
  AuditRecord File(const Person& person, absl::Time time, std::string_view address,
                   std::string_view operation, const Site& site, std::string_view file_name);
  // Writes a sharing operation on a file. `target` is the recipient, or empty for a link.
  AuditRecord Sharing(const Person& person, absl::Time time, std::string_view address,
                      std::string_view operation, const Site& site, std::string_view file_name,
                      std::string_view event_data, std::string_view target);
  AuditRecord SiteAdministrator(const Person& actor, absl::Time time, std::string_view address,
                                std::string_view operation, const Site& site, const Person& target);
  AuditRecord PageViewed(const Person& person, absl::Time time, std::string_view address,
                         const Site& site);
  // Writes an operation on mail, such as MailItemsAccessed, Send, Create, Update, SoftDelete or
  // MoveToDeletedItems. `subject` is the subject of the items that are moved or deleted.
  AuditRecord Mailbox(const Person& person, absl::Time time, std::string_view address,
                      std::string_view operation, std::string_view subject = "Newsletter");
  // Writes an Exchange cmdlet. As in Exchange's records, the client's address is followed by its
  // port.
  AuditRecord Cmdlet(const Person& actor, absl::Time time, std::string_view address,
                     std::string_view operation, std::string_view object_id,
                     const NameValues& parameters);
  // Writes a cmdlet that Exchange itself runs.
  AuditRecord SystemCmdlet(absl::Time time, std::string_view operation, std::string_view object_id,
                           const NameValues& parameters);
  // Writes a cmdlet of the compliance centre. In such records, all parameters are in a single
  // string.
  AuditRecord ComplianceCmdlet(const Person& actor, absl::Time time, std::string_view operation,
                               std::string_view parameters);
  AuditRecord Directory(const Person& actor, absl::Time time, std::string_view operation,
                        const DirectoryTarget& target, const std::vector<PropertyChange>& changes,
                        std::string_view result = "Success");
  AuditRecord Teams(const Person& person, absl::Time time, std::string_view address,
                    std::string_view operation);
  AuditRecord Copilot(const Person& person, absl::Time time, std::string_view address);

 private:
  AuditRecord StsLogon(const Person& person, absl::Time time, std::string_view address,
                       std::string_view error_number, std::string_view logon_error);
  AuditRecord CmdletRecord(JsonWriter& json, std::string& text, AuditRecord record,
                           const NameValues& parameters, bool external);

  RecordFrame& frame_;
};

}  // namespace picket::simulator
