#pragma once

#include <string_view>

#include "absl/time/time.h"
#include "simulator/company.h"
#include "simulator/record_frame.h"

namespace picket::simulator {

// Writes the records of security administration and of what the service itself detects: access to
// other people's mailboxes, policies of SharePoint and Teams, eDiscovery, quarantine, data loss
// prevention, and alerts. Each method writes one kind of record.
// Threads: one. Lifetime: `frame` must outlive the writer.
class SecurityRecordWriter {
 public:
  explicit SecurityRecordWriter(RecordFrame& frame) : frame_(frame) {}

  // Writes that an administrator has read the owner's mail.
  AuditRecord MailReadByAdministrator(const Person& actor, const Person& owner, absl::Time time,
                                      std::string_view address);
  // Writes that a user has set rights on a folder of their own mailbox in Outlook. `member` is a
  // UPN or "Everyone".
  AuditRecord FolderPermissions(const Person& person, absl::Time time, std::string_view folder,
                                std::string_view member, std::string_view rights);
  // Writes that an inbox rule was created in Outlook. `actions` is JSON.
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
  // Writes that Defender has found a threat in a stored file.
  AuditRecord FileThreat(absl::Time time, const Site& site, std::string_view file_name);
  // Writes that Defender has found a threat in mail. `delivery` is Delivered, Blocked, ….
  AuditRecord MailThreat(absl::Time time, const Person& recipient, std::string_view sender,
                         std::string_view verdict, std::string_view delivery);
  // Writes an alert of the service. The record's ObjectId is the id of the alert.
  AuditRecord Alert(absl::Time time, std::string_view name, std::string_view severity,
                    std::string_view status, const Person& about);
  // Writes an AdminMailAccess record: an analyst opens another person's mail in the tools of
  // Defender.
  AuditRecord MailOpenedByAnalyst(const Person& actor, absl::Time time);
  // Writes an operation on quarantined mail: QuarantineRelease, QuarantinePreview, ….
  AuditRecord Quarantine(const Person& actor, absl::Time time, std::string_view operation,
                         const Person& recipient);
  AuditRecord DlpMatch(const Person& person, absl::Time time, std::string_view severity,
                       std::string_view recipient);
  // Writes an eDiscovery operation: SearchCreated, SearchExported, CaseAdded, ….
  AuditRecord Discovery(const Person& actor, absl::Time time, std::string_view address,
                        std::string_view operation, std::string_view name, std::string_view query);
  // Writes a cmdlet of Teams administration.
  AuditRecord TeamsCmdlet(const Person& actor, absl::Time time, std::string_view operation,
                          const NameValues& parameters);
  AuditRecord TeamsSetting(const Person& actor, absl::Time time, const PropertyChange& change);
  AuditRecord BotAdded(const Person& person, absl::Time time, std::string_view bot,
                       const Site& team);
  // Writes that a user of another company has started a chat with a person.
  AuditRecord ForeignChat(std::string_view user_id, std::string_view display_name, absl::Time time,
                          const Person& person);

 private:
  RecordFrame& frame_;
};

}  // namespace picket::simulator
