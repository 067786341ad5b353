#include "model/ocsf_class.h"

#include <cstddef>

namespace picket {
namespace {

using namespace ocsf;  // NOLINT(google-build-using-namespace): the table names nothing else

constexpr OcsfClass kClasses[] = {
    {kAccountChange, kIdentityAndAccessCategory, "Account Change", "Identity & Access Management",
     true, true,
     "1 Create=iam/user,creation|2 Enable=iam/user,change|3 Password Change=iam/user,change|"
     "4 Password Reset=iam/user,change|5 Disable=iam/user,change|6 Delete=iam/user,deletion|"
     "7 Attach Policy=iam/user,change|8 Detach Policy=iam/user,change|9 Lock=iam/user,change|"
     "10 MFA Factor Enable=iam/user,change|11 MFA Factor Disable=iam/user,change|"
     "12 Unlock=iam/user,change|99 =iam/user,change"},
    {kAuthentication, kIdentityAndAccessCategory, "Authentication", "Identity & Access Management",
     true, true,
     "1 Logon=authentication/start|2 Logoff=authentication/end|"
     "3 Authentication Ticket=authentication/info|4 Service Ticket Request=authentication/info|"
     "5 Service Ticket Renew=authentication/info|6 Preauth=authentication/info|"
     "7 Account Switch=authentication/info"},
    {kEntityManagement, kIdentityAndAccessCategory, "Entity Management",
     "Identity & Access Management", true, true,
     "1 Create=configuration/creation|2 Read=configuration/access|"
     "3 Update=configuration/change|4 Delete=configuration/deletion|"
     "5 Move=configuration/change|6 Enroll=configuration/change|"
     "7 Unenroll=configuration/change|8 Enable=configuration/change|"
     "9 Disable=configuration/change"},
    {kUserAccessManagement, kIdentityAndAccessCategory, "User Access Management",
     "Identity & Access Management", true, true,
     "1 Assign Privileges=iam/user,change|2 Revoke Privileges=iam/user,change"},
    {kGroupManagement, kIdentityAndAccessCategory, "Group Management",
     "Identity & Access Management", true, true,
     "1 Assign Privileges=iam/group,change|2 Revoke Privileges=iam/group,change|"
     "3 Add User=iam/group,change|4 Remove User=iam/group,change|5 Delete=iam/group,deletion|"
     "6 Create=iam/group,creation|7 Add Subgroup=iam/group,change|"
     "8 Remove Subgroup=iam/group,change|99 =iam/group,change"},
    {kEmailActivity, kNetworkCategory, "Email Activity", "Network Activity", true, false,
     "1 Send=email/info|2 Receive=email/info|3 Scan=email/info|4 Trace=email/info|"
     "5 MTA Relay=email/info"},
    {kWebResourcesActivity, kApplicationCategory, "Web Resources Activity", "Application Activity",
     true, true,
     "1 Create=web/access|2 Read=web/access|3 Update=web/access|4 Delete=web/access|"
     "5 Search=web/access|6 Import=web/access|7 Export=web/access|8 Share=web/access"},
    {kApplicationLifecycle, kApplicationCategory, "Application Lifecycle", "Application Activity",
     false, false,
     "1 Install=package/installation|2 Remove=package/deletion|3 Start=package/start|"
     "4 Stop=package/change|5 Restart=package/start|6 Enable=package/change|"
     "7 Disable=package/change|8 Update=package/change"},
    {kApiActivity, kApplicationCategory, "API Activity", "Application Activity", true, true,
     "1 Create=configuration/change|2 Read=web/info|3 Update=configuration/change|"
     "4 Delete=configuration/change|99 =web/info"},
    {kFileHostingActivity, kApplicationCategory, "File Hosting Activity", "Application Activity",
     true, true,
     "1 Upload=file/creation|2 Download=file/access|3 Update=file/change|"
     "4 Delete=file/deletion|5 Rename=file/change|6 Copy=file/creation|7 Move=file/change|"
     "8 Restore=file/creation|9 Preview=file/access|10 Lock=file/change|11 Unlock=file/change|"
     "12 Share=file/change|13 Unshare=file/change|14 Open=file/access|15 Sync=file/access|"
     "16 Unsync=file/change|17 Access Check=file/access|99 =file/access"},
    {kDetectionFinding, kFindingsCategory, "Detection Finding", "Findings", false, false,
     "1 Create=threat/indicator|2 Update=threat/indicator|3 Close=threat/indicator"},
    {kDataSecurityFinding, kFindingsCategory, "Data Security Finding", "Findings", true, false,
     "1 Create=file/info|2 Update=file/info|3 Close=file/info|4 Suppressed=file/info"},
};

constexpr int kFirstActivity = 1;

// Returns the entry of an activity, such as "Create=iam/user,creation". Returns an empty string if
// the class has no such activity.
std::string_view ActivityEntry(const OcsfClass& ocsf_class, int activity_id) {
  std::string_view rest = ocsf_class.activities;
  while (!rest.empty()) {
    const size_t bar = rest.find('|');
    const std::string_view one = rest.substr(0, bar);
    const size_t blank = one.find(' ');
    int number = 0;
    for (const char digit : one.substr(0, blank)) number = number * 10 + (digit - '0');
    if (number == activity_id) return one.substr(blank + 1);
    if (bar == std::string_view::npos) break;
    rest.remove_prefix(bar + 1);
  }
  return {};
}

}  // namespace

const OcsfClass* FindOcsfClass(int32_t class_uid) {
  for (const OcsfClass& ocsf_class : kClasses) {
    if (ocsf_class.uid == class_uid) return &ocsf_class;
  }
  return nullptr;
}

std::string_view ActivityName(const OcsfClass& ocsf_class, int activity_id) {
  const std::string_view entry = ActivityEntry(ocsf_class, activity_id);
  return entry.substr(0, entry.find('='));
}

EcsKind EcsKindOf(const OcsfClass& ocsf_class, int activity_id) {
  std::string_view entry = ActivityEntry(ocsf_class, activity_id);
  if (entry.empty()) entry = ActivityEntry(ocsf_class, kFirstActivity);
  entry.remove_prefix(entry.find('=') + 1);
  const size_t slash = entry.find('/');
  return {ocsf_class.category_uid == ocsf::kFindingsCategory ? "alert" : "event",
          entry.substr(0, slash), entry.substr(slash + 1)};
}

}  // namespace picket
