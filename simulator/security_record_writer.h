#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/record_frame.h"

namespace picket::simulator {

// Writes the records of security administration, and of attacks that Microsoft 365 itself detects.
// The records concern access to other people's mailboxes, policies of SharePoint and Teams,
// eDiscovery, quarantine, data loss prevention, and alerts. Each method writes one kind of record.
// Threads: One thread uses an instance. Lifetime: `frame` must outlive the writer.
class SecurityRecordWriter {
 public:
  explicit SecurityRecordWriter(RecordFrame& frame) : frame_(frame) {}

  // Writes the record of an administrator who reads the owner's mail.
  AuditRecord MailReadByAdministrator(const Person& actor, const Person& owner, absl::Time time,
                                      std::string_view address);
  // Writes the record of a user who sets rights on a folder of their own mailbox in Outlook.
  // `member` is a UPN or "Everyone".
  AuditRecord FolderPermissions(const Person& person, absl::Time time, std::string_view folder,
                                std::string_view member, std::string_view rights);
  // Writes the record of an inbox rule that is created in Outlook. `actions` is JSON.
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
  // Writes the record of a threat that Defender has found in a stored file.
  AuditRecord FileThreat(absl::Time time, const Site& site, std::string_view file_name);
  // Writes the record of a threat that Defender has found in mail. `delivery` is a value such as
  // Delivered or Blocked.
  AuditRecord MailThreat(absl::Time time, const Person& recipient, std::string_view sender,
                         std::string_view verdict, std::string_view delivery);
  // Writes the record of an alert that Microsoft 365 itself raises. The record's ObjectId is the id
  // of the alert.
  AuditRecord Alert(absl::Time time, std::string_view name, std::string_view severity,
                    std::string_view status, const Person& about);
  // Writes an AdminMailAccess record, for an analyst who opens another person's mail in the tools
  // of Defender.
  AuditRecord MailOpenedByAnalyst(const Person& actor, absl::Time time);
  // Writes an operation on quarantined mail, such as QuarantineRelease or QuarantinePreview.
  AuditRecord Quarantine(const Person& actor, absl::Time time, std::string_view operation,
                         const Person& recipient);
  AuditRecord DlpMatch(const Person& person, absl::Time time, std::string_view severity,
                       std::string_view recipient);
  // Writes an eDiscovery operation, such as SearchCreated, SearchExported or CaseAdded.
  AuditRecord Discovery(const Person& actor, absl::Time time, std::string_view address,
                        std::string_view operation, std::string_view name, std::string_view query);
  // Writes a cmdlet of Teams administration.
  AuditRecord TeamsCmdlet(const Person& actor, absl::Time time, std::string_view operation,
                          const NameValues& parameters);
  AuditRecord TeamsSetting(const Person& actor, absl::Time time, const PropertyChange& change);
  AuditRecord BotAdded(const Person& person, absl::Time time, std::string_view bot,
                       const Site& team);
  // Writes the record of a chat that a user of another company starts with a person.
  AuditRecord ForeignChat(std::string_view user_id, std::string_view display_name, absl::Time time,
                          const Person& person);

 private:
  RecordFrame& frame_;
};

}  // namespace picket::simulator
