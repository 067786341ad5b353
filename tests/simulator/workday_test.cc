#include "simulator/workday.h"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "simulator/attack_behaviours.h"
#include "simulator/tenant.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

const absl::Time kEvening = absl::FromUnixSeconds(1'700'000'000);

WorkdayOptions Options(int64_t records, int campaigns, bool near_misses = true) {
  WorkdayOptions options;
  options.records = records;
  options.campaigns = campaigns;
  options.near_misses = near_misses;
  options.end = kEvening;
  return options;
}

// The UserIds of services. A rule may raise several alerts for one of these UserIds. Tests
// distinguish such alerts by their record Ids.
const std::set<std::string> kService = {"SecurityComplianceAlerts", "ThreatIntel", "anonymous"};

Tenant ATenant() { return InventTenants(1, 5)[0]; }

std::string Member(const AuditRecord& record, const std::string& name) {
  return CloudClient::Between(record.json, absl::StrCat("\"", name, "\":\""), "\"");
}

bool IsDownload(const AuditRecord& record) {
  const std::string operation = Member(record, "Operation");
  return operation == "FileDownloaded" || operation == "FileSyncDownloadedFull";
}
bool IsFailedSignIn(const AuditRecord& record) {
  return Member(record, "Operation") == "UserLoginFailed";
}

struct Entry {
  absl::Time time;
  std::string value;
};

// For each group, returns the largest number of entries in any window of length `span`. If
// `distinct` is true, counts different values instead of entries. It is enough to try the windows
// that begin at an entry.
std::map<std::string, size_t> LargestWindow(const std::map<std::string, std::vector<Entry>>& groups,
                                            absl::Duration span, bool distinct) {
  std::map<std::string, size_t> largest;
  for (const auto& [group, entries] : groups) {
    for (const Entry& first : entries) {
      size_t count = 0;
      std::set<std::string> values;
      for (const Entry& entry : entries) {
        if (entry.time < first.time || entry.time - first.time > span) continue;
        ++count;
        values.insert(entry.value);
      }
      largest[group] = std::max(largest[group], distinct ? values.size() : count);
    }
  }
  return largest;
}

struct Windows {
  std::map<std::string, size_t> downloads_by_user;
  std::map<std::string, size_t> failures_by_user;
  std::map<std::string, size_t> users_failing_by_address;
};
Windows WindowsOf(const Workday& day) {
  std::map<std::string, std::vector<Entry>> downloads, failures, addresses;
  for (const AuditRecord& record : day.records) {
    if (IsDownload(record)) downloads[Member(record, "UserId")].push_back({record.created, ""});
    if (IsFailedSignIn(record)) {
      failures[Member(record, "UserId")].push_back({record.created, ""});
      addresses[Member(record, "ClientIP")].push_back({record.created, Member(record, "UserId")});
    }
  }
  return {LargestWindow(downloads, absl::Minutes(10), false),
          LargestWindow(failures, absl::Minutes(10), false),
          LargestWindow(addresses, absl::Minutes(5), true)};
}

TEST(WorkdayTest, TheSameSeedGivesTheSameDayAndAnotherSeedAnother) {
  const Workday day = SimulateWorkday(ATenant(), Options(800, 1));
  const Workday again = SimulateWorkday(ATenant(), Options(800, 1));
  ASSERT_EQ(day.records.size(), again.records.size());
  for (size_t i = 0; i < day.records.size(); ++i) {
    ASSERT_EQ(day.records[i].json, again.records[i].json);
  }
  EXPECT_EQ(ExpectationsJson(day.expected), ExpectationsJson(again.expected));
  WorkdayOptions other = Options(800, 1);
  other.seed = 2;
  EXPECT_NE(SimulateWorkday(ATenant(), other).records[0].json, day.records[0].json);
}

TEST(WorkdayTest, EveryRecordIsJsonWithTheCommonMembers) {
  const Workday day = SimulateWorkday(ATenant(), Options(3000, 1));
  ASSERT_EQ(day.records.size(), 3000u);
  simdjson::dom::parser parser;
  std::set<std::string> ids;
  for (const AuditRecord& record : day.records) {
    simdjson::dom::element root;
    ASSERT_EQ(parser.parse(record.json).get(root), simdjson::SUCCESS) << record.json;
    EXPECT_EQ(std::string(root["Id"].get_c_str().value()), record.id);
    EXPECT_EQ(std::string(root["CreationTime"].get_c_str().value()),
              absl::FormatTime("%Y-%m-%dT%H:%M:%S", record.created, absl::UTCTimeZone()));
    EXPECT_EQ(std::string(root["OrganizationId"].get_c_str().value()), ATenant().id);
    for (const char* name : {"Operation", "UserKey", "Workload", "UserId"}) {
      EXPECT_TRUE(root[name].is_string()) << name << " in " << record.json;
    }
    for (const char* name : {"RecordType", "UserType", "Version"}) {
      EXPECT_TRUE(root[name].is_int64()) << name;
    }
    EXPECT_TRUE(ids.insert(record.id).second) << "Id twice";
    EXPECT_LE(record.created, kEvening);
    EXPECT_GE(record.created, kEvening - absl::Hours(8) - absl::Seconds(1));
    EXPECT_GE(record.available, record.created);
  }
}

TEST(WorkdayTest, RecordsAreLateAndOutOfOrder) {
  const Workday day = SimulateWorkday(ATenant(), Options(2000, 1));
  int backwards = 0;
  absl::Duration latest;
  for (size_t i = 1; i < day.records.size(); ++i) {
    EXPECT_GE(day.records[i].available, day.records[i - 1].available);
    if (day.records[i].created < day.records[i - 1].created) ++backwards;
    latest = std::max(latest, day.records[i].available - day.records[i].created);
  }
  EXPECT_GT(backwards, 500);
  EXPECT_GT(latest, absl::Hours(1));
}

TEST(WorkdayTest, AllContentTypesOccur) {
  std::map<std::string_view, int> types;
  for (const AuditRecord& record : SimulateWorkday(ATenant(), Options(2000, 1)).records) {
    ++types[record.content_type];
  }
  EXPECT_GT(types[kSharePoint], 600);
  EXPECT_GT(types[kExchange], 300);
  EXPECT_GT(types[kEntra], 300);
  EXPECT_GT(types[kGeneral], 50);
}

TEST(WorkdayTest, EachBehaviourIsExpectedAndNoTwoExpectationsAreEqual) {
  const Workday day = SimulateWorkday(ATenant(), Options(2000, 3));
  std::set<std::string> rules;
  std::set<std::string> keys;
  for (const ExpectedAlert& alert : day.expected) {
    rules.insert(alert.rule_id);
    EXPECT_TRUE(keys.insert(absl::StrCat(alert.rule_id, " ", alert.user, " ", alert.address, " ",
                                         kService.contains(alert.user) ? alert.record_ids[0] : ""))
                    .second)
        << alert.rule << " of " << alert.user << " twice";
    EXPECT_EQ(alert.tenant, ATenant().id);
    EXPECT_FALSE(alert.record_ids.empty());
  }
  EXPECT_EQ(rules.size(), Behaviours().size());
  EXPECT_EQ(day.expected.size(), 3 * kAlertsOfACampaign);
}

TEST(WorkdayTest, TheRecordsOfAnExpectationAreInTheLogWithItsUserAndObject) {
  const Workday day = SimulateWorkday(ATenant(), Options(2000, 2));
  std::map<std::string, const AuditRecord*> by_id;
  for (const AuditRecord& record : day.records) by_id[record.id] = &record;
  for (const ExpectedAlert& alert : day.expected) {
    for (const std::string& id : alert.record_ids) {
      ASSERT_TRUE(by_id.contains(id)) << alert.rule;
      const AuditRecord& record = *by_id[id];
      EXPECT_GE(record.created, alert.first);
      EXPECT_LE(record.created, alert.last);
      if (!alert.user.empty()) {
        EXPECT_EQ(Member(record, "UserId"), alert.user);
      }
      if (!alert.address.empty()) {
        EXPECT_EQ(Member(record, "ClientIP"), alert.address);
      }
      if (!alert.object.empty()) {
        simdjson::dom::parser parser;
        EXPECT_EQ(std::string(parser.parse(record.json)["ObjectId"].get_c_str().value()),
                  alert.object);
      }
    }
  }
}

TEST(WorkdayTest, CountedAttacksMeetTheirThresholdAndNothingElseComesNearIt) {
  for (const int campaigns : {0, 1, 4}) {
    const Workday day = SimulateWorkday(ATenant(), Options(6000, campaigns));
    const Windows windows = WindowsOf(day);
    std::set<std::string> downloaders, guessed, sprayers;
    for (const ExpectedAlert& alert : day.expected) {
      if (alert.rule == "mass_download") downloaders.insert(alert.user);
      if (alert.rule == "password_guessing") guessed.insert(alert.user);
      if (alert.rule == "password_spray") sprayers.insert(alert.address);
    }
    EXPECT_EQ(downloaders.size(), 2u * campaigns);
    std::multiset<size_t> attacks;
    int travellers = 0;
    for (const auto& [user, count] : windows.downloads_by_user) {
      if (downloaders.contains(user)) {
        attacks.insert(count);
      } else if (count == 30) {
        ++travellers;
      } else {
        EXPECT_LE(count, 15u) << user;
      }
    }
    EXPECT_EQ(attacks.count(50), static_cast<size_t>(campaigns));
    EXPECT_EQ(attacks.count(64), static_cast<size_t>(campaigns));
    EXPECT_EQ(travellers, 1);
    int forgetful = 0;
    for (const auto& [user, count] : windows.failures_by_user) {
      if (guessed.contains(user)) {
        EXPECT_EQ(count, 10u) << user;
      } else {
        EXPECT_LE(count, 6u) << user;
        forgetful += count == 6 ? 1 : 0;
      }
    }
    EXPECT_EQ(forgetful, 1);
    int terminals = 0;
    for (const auto& [address, count] : windows.users_failing_by_address) {
      if (sprayers.contains(address)) {
        EXPECT_EQ(count, 10u) << address;
      } else {
        EXPECT_LE(count, 6u) << address;
        terminals += count > 4 ? 1 : 0;
      }
    }
    EXPECT_EQ(terminals, 1);
  }
}

TEST(WorkdayTest, OrdinaryWorkKeepsItsLimitsAtAnyDensity) {
  for (const int64_t records : {500, 5'000, 20'000}) {
    WorkdayOptions options = Options(records, 0, /*near_misses=*/false);
    options.length = absl::Hours(2);  // instead of eight hours, so there are more records per hour
    const Workday day = SimulateWorkday(ATenant(), options);
    EXPECT_TRUE(day.expected.empty());
    const Windows windows = WindowsOf(day);
    for (const auto& [user, count] : windows.downloads_by_user) EXPECT_LE(count, 15u);
    for (const auto& [user, count] : windows.failures_by_user) EXPECT_LE(count, 3u);
    for (const auto& [user, count] : windows.users_failing_by_address) EXPECT_LE(count, 4u);
  }
}

// With a Look, the test recognises the records of an attack behaviour without using the rule that
// detects it. The JSON of such a record contains all `texts`. If the records of a behaviour have
// several forms, there is a Look for each form.
struct Look {
  std::string_view rule;
  std::vector<std::string_view> texts;
};

std::vector<Look> Looks() {
  return {
      {"inbox_rule_forwards_outside", {"-InboxRule\"", "\"ForwardTo\"", ".example.net\""}},
      {"inbox_rule_forwards_outside", {"\"UpdateInboxRules\"", "Forward", "Recipients"}},
      {"inbox_rule_name_is_a_sign", {"-InboxRule\"", "\"Name\",\"Value\":\"..\""}},
      {"inbox_rule_hides_mail", {"-InboxRule\"", "\"RSS Feeds\""}},
      {"mailbox_forwarding_set", {"\"ForwardingSmtpAddress\",\"Value\":\"smtp:"}},
      {"mailbox_forwarded_to_recipient", {"\"ForwardingAddress\",\"Value\":\"A"}},
      {"mailbox_full_access_granted", {"\"FullAccess\""}},
      {"mailbox_send_as_granted", {"\"Add-RecipientPermission\"", "\"SendAs\""}},
      {"mailbox_send_on_behalf_granted", {"\"GrantSendOnBehalfTo\""}},
      {"mailbox_folder_shared_with_all", {"\"ReadAny", "\"Everyone\""}},
      {"mailbox_audit_bypass", {"\"AuditBypassEnabled\",\"Value\":\"True\""}},
      {"mailbox_opened_by_administrator", {"\"LogonType\":1,"}},
      {"mfa_notice_deleted", {"\"HardDelete\"", "security info"}},
      {"audit_log_disabled", {"\"UnifiedAuditLogIngestionEnabled\""}},
      {"antiphish_removed", {"\"Remove-AntiPhish"}},
      {"safe_links_off", {"\"Disable-SafeLinksRule\""}},
      {"safe_attachments_off", {"\"Disable-SafeAttachmentRule\""}},
      {"malware_filter_removed", {"\"Remove-MalwareFilterRule\""}},
      {"dkim_signing_off", {"\"Set-DkimSigningConfig\"", "\"Enabled\",\"Value\":\"False\""}},
      {"transport_rule_removed", {"\"Disable-TransportRule\""}},
      {"transport_rule_copies_mail", {"\"BlindCopyTo\""}},
      {"exchange_role_assigned", {"\"ApplicationImpersonation\""}},
      {"exchange_role_group_joined", {"\"Add-RoleGroupMember\"", "\"Discovery Management\""}},
      {"oauth_consent_to_mail", {"\"Consent to application.\"", "Mail."}},
      {"admin_consent_granted", {"ConsentContext.IsAdminConsent\",\"NewValue\":\"True\""}},
      {"risky_consent_refused", {"UserConsentBlockedForRiskyApps"}},
      {"risky_consent_allowed", {"AllowUserConsentForRiskyApps"}},
      {"app_credential_added", {"\"Operation\":\"Update application –"}},
      {"app_owner_added", {"\"Add owner to application.\"", "\"Mail archive\""}},
      {"app_permissions_requested", {"\"Update application.\"", "e2a3a72e-5f79-4c64"}},
      {"graph_role_granted", {"\"Mail.ReadWrite\""}},
      {"privileged_role_granted", {"\"Role.DisplayName\",\"NewValue\":\"Global"}},
      {"mfa_disabled", {"\"Disable Strong Authentication.\""}},
      {"mfa_method_changed", {"StrongAuthenticationMethod", "\"NewValue\":\"[\\r\\n  {"}},
      {"mfa_methods_cleared", {"\"StrongAuthenticationMethod\",\"NewValue\":\"[]\""}},
      {"mfa_trusted_address_changed", {"/32]"}},
      {"advanced_audit_removed", {"M365_ADVANCED_AUDITING"}},
      {"federation_changed", {"\"Set domain authentication.\""}},
      {"domain_added", {"\"Add unverified domain.\""}},
      {"cross_tenant_access_changed", {"cross-tenant"}},
      {"partner_added", {"\"Add partner to company.\""}},
      {"guest_invited", {"\"Invite external user.\""}},
      {"guest_invitations_opened", {"\"AllowInvitesFrom\",\"NewValue\":\"[\\r\\n  \\\"everyone"}},
      {"conditional_access_changed", {"excludeUsers"}},
      {"conditional_access_off", {"disabled\\\"}"}},
      {"anonymous_link_created", {"\"AnonymousLinkCreated\""}},
      {"anonymous_link_used", {"\"AnonymousLinkUsed\""}},
      {"file_shared_with_guest", {"\"AddedToSecureLink\"", "\"Guest\""}},
      {"sharing_policy_weakened", {"\"ShareUsingAnonymousLinks\",\"NewValue\":\"Enabled\""}},
      {"site_admin_added", {"\"SiteCollectionAdminAdded\""}},
      {"permission_level_added", {"ManagePermissions"}},
      {"search_for_secrets", {"\"SearchQueryPerformed\"", "password"}},
      {"malware_in_site", {"\"FileMalwareDetected\""}},
      {"executable_uploaded", {"\"FileUploaded\"", ".exe\""}},
      {"double_extension_uploaded", {"\"FileUploaded\"", ".pdf.exe\""}},
      {"teams_external_access_opened", {"\"AllowFederatedUsers\",\"Value\":\"True\""}},
      {"teams_guest_access_opened", {"\"AllowGuestUser\",\"Value\":\"True\""}},
      {"teams_custom_apps_allowed", {"sideloading"}},
      {"teams_bot_added", {"\"BotAddedToTeam\""}},
      {"fake_help_desk_chat", {"\"HasForeignTenantUsers\":true", "Help Desk"}},
      {"dlp_rule_matched", {"\"DlpRuleMatch\"", "\"Severity\":\"Medium\""}},
      {"dlp_rule_matched_high", {"\"DlpRuleMatch\"", "\"Severity\":\"High\""}},
      {"dlp_policy_removed", {"\"Remove-DlpCompliancePolicy\""}},
      {"ediscovery_access_granted", {"\"CaseAdminAdded\""}},
      {"ediscovery_case_opened", {"\"CaseAdded\""}},
      {"ediscovery_search_run", {"\"SearchCreated\""}},
      {"ediscovery_exported", {"\"SearchExported\""}},
      {"quarantine_released", {"\"QuarantineRelease\""}},
      {"quarantine_exported", {"\"QuarantineExport\""}},
      {"admin_opened_mail", {"\"AdminMailAccess\""}},
      {"phishing_mail_delivered", {"\"TIMailData\"", "\"Delivered\""}},
      {"malicious_file_detected", {"\"AtpDetection\""}},
      {"mail_removed_after_delivery", {"removed after delivery"}},
      {"vendor_alert_high", {"\"AlertTriggered\"", "\"Severity\":\"High\""}},
      {"vendor_alert_medium", {"\"AlertTriggered\"", "\"Severity\":\"Medium\""}},
      {"vendor_alert_low", {"\"AlertTriggered\"", "\"Severity\":\"Low\""}},
      {"vendor_alert_informational", {"\"AlertTriggered\"", "forwarding/redirect"}},
  };
}

bool Has(const AuditRecord& record, const Look& look) {
  return std::all_of(look.texts.begin(), look.texts.end(), [&](std::string_view text) {
    return absl::StrContains(record.json, absl::string_view(text.data(), text.size()));
  });
}

TEST(WorkdayTest, OnlyTheExpectedRecordsLookLikeABehaviour) {
  const Workday day = SimulateWorkday(ATenant(), Options(8000, 2));
  std::map<std::string, std::set<std::string>> expected, found;
  for (const ExpectedAlert& alert : day.expected) {
    if (alert.record_ids.size() == 1) expected[alert.rule].insert(alert.record_ids[0]);
  }
  // Three behaviours are left out, because their rules count events and their alerts have several
  // records.
  ASSERT_EQ(expected.size(), Behaviours().size() - 3);
  for (const Look& look : Looks()) {
    for (const AuditRecord& record : day.records) {
      if (Has(record, look)) found[std::string(look.rule)].insert(record.id);
    }
  }
  for (const auto& [rule, ids] : expected) EXPECT_EQ(found[rule], ids) << rule;
}

// A rule is too broad if it checks only the operation of a record and not its values. PackTest
// notices such a rule only if the operation also occurs in ordinary work.
TEST(WorkdayTest, OrdinaryWorkContainsHarmlessFormsOfTheSameOperations) {
  const Workday day = SimulateWorkday(ATenant(), Options(12'000, 0, /*near_misses=*/false));
  std::map<std::string, int> operations;
  for (const AuditRecord& record : day.records) ++operations[Member(record, "Operation")];
  for (const char* operation : {"New-InboxRule",
                                "UpdateInboxRules",
                                "Set-Mailbox",
                                "Set-MailboxFolderPermission",
                                "ModifyFolderPermissions",
                                "Add-MailboxPermission",
                                "New-ManagementRoleAssignment",
                                "Add-RoleGroupMember",
                                "Change user license.",
                                "Set-DkimSigningConfig",
                                "Set-DlpCompliancePolicy",
                                "Set-AdminAuditLogConfig",
                                "Set-TransportRule",
                                "Set-MailboxAuditBypassAssociation",
                                "SharingPolicyChanged",
                                "PermissionLevelAdded",
                                "AddedToSecureLink",
                                "Set-CsTenantFederationConfiguration",
                                "Set-CsTeamsClientConfiguration",
                                "TeamsTenantSettingChanged",
                                "ChatCreated",
                                "Update authorization policy.",
                                "Update conditional access policy.",
                                "Set Company Information.",
                                "Add owner to application.",
                                "Add member to role.",
                                "Add app role assignment to service principal.",
                                "Update application.",
                                "Consent to application.",
                                "Update user.",
                                "TIMailData",
                                "SearchQueryPerformed",
                                "FileUploaded",
                                "HardDelete"}) {
    EXPECT_GT(operations[operation], 0) << operation;
  }
}

}  // namespace
}  // namespace picket::simulator
