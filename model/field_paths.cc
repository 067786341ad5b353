#include "model/field_paths.h"

#include <algorithm>
#include <string>
#include <vector>

#include "common/check.h"

namespace picket {
namespace {

// clang-format off
constexpr FieldPath kFieldPaths[] = {
    // Rows for all classes. The event has the field's own value.
    {"Id", "metadata.original_event_uid", "event.id", Kept::kText},
    {"CreationTime", "metadata.original_time", "o365.audit.CreationTime", Kept::kText},
    {"OrganizationId", "metadata.tenant_uid", "organization.id", Kept::kTextOrUnmapped},
    {"Operation", "metadata.event_code", "event.action", Kept::kText},
    {"Workload", "metadata.product.feature.name", "event.provider", Kept::kText},
    {"UserId", "actor.user.name", "user.id", Kept::kText},
    {"UserKey", "actor.user.uid_alt", "o365.audit.UserKey", Kept::kText},
    {"UserAgent", "http_request.user_agent", "user_agent.original", Kept::kTextOrUnmapped},
    {"Parameters", "api.request.data.parameters", "o365.audit.Parameters_kv", Kept::kText},

    // Rows for all classes. The event has a name, or a converted or derived value (see Kept).
    {"RecordType", "metadata.type", "event.code", Kept::kName},
    {"CreationTime", "time", "@timestamp", Kept::kCopy},
    {"OrganizationId", "cloud.org.uid", "", Kept::kCopy},
    {"OrganizationName", "", "organization.name", Kept::kCopy},
    {"Operation", "message", "", Kept::kCopy},
    {"Operation", "api.operation", "", Kept::kCopy},
    {"Workload", "api.service.name", "", Kept::kCopy},
    {"InterSystemsId|CorrelationId|AppAccessContext.CorrelationId", "metadata.correlation_uid", "",
     Kept::kCopy},
    {"UserId", "actor.user.name", "user.name", Kept::kCopy},
    {"UserId", "actor.user.email_addr", "user.email", Kept::kCopy},
    {"UserId", "actor.user.name", "user.domain", Kept::kCopy},
    {"Actor|TokenObjectId|UserKey", "actor.user.uid", "", Kept::kCopy},
    {"UserType", "actor.user.type_id", "", Kept::kCopy},
    {"SessionId|AppAccessContext.AADSessionId|DeviceProperties.SessionId", "actor.session.uid", "",
     Kept::kCopy},
    {"AppAccessContext.UniqueTokenId", "actor.session.credential_uid", "", Kept::kCopy},
    {"AppId|ClientAppId|ApplicationId|AppAccessContext.ClientAppId|Common.ApplicationId",
     "actor.app_uid", "", Kept::kCopy},
    {"ApplicationDisplayName|AppAccessContext.ClientAppName|Common.ApplicationName",
     "actor.app_name", "", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs", "src_endpoint.ip",
     "source.ip", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs", "src_endpoint.ip",
     "source.address", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs", "src_endpoint.ip",
     "client.ip", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs", "src_endpoint.ip",
     "client.address", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs",
     "src_endpoint.port", "source.port", Kept::kCopy},
    {"ClientIP|ClientIPAddress|ActorIpAddress|UserIp|ActorIP|SenderIp|ClientIPs",
     "src_endpoint.port", "client.port", Kept::kCopy},
    {"ClientInfoString|ExtendedProperties.UserAgent|"
     "ExtendedProperties.additionalDetails.User-Agent", "http_request.user_agent",
     "user_agent.original", Kept::kCopy},
    {"DeviceProperties.Id|DeviceId", "device.uid", "device.id", Kept::kCopy},
    {"DeviceProperties.Id|DeviceId", "device.uid", "host.id", Kept::kCopy},
    {"DeviceProperties.DisplayName|DeviceDisplayName|Common.DeviceName|"
     "EndpointMetaData.DeviceName", "device.name", "host.name", Kept::kCopy},
    {"DeviceProperties.OS|Platform|Common.Platform", "device.os.name", "host.os.full", Kept::kCopy},
    {"DeviceProperties.IsCompliant", "device.is_compliant", "", Kept::kCopy},
    {"DeviceProperties.IsCompliantAndManaged|IsManagedDevice", "device.is_managed", "",
     Kept::kCopy},
    {"Operation|LogonError|ErrorNumber|ResultStatus|IsSuccess", "status", "event.outcome",
     Kept::kCopy},
    {"ErrorNumber|LoginStatus", "status_code", "", Kept::kCopy},
    {"LogonError|ExtendedProperties.LoginError", "status_detail", "", Kept::kCopy},
    {"Severity|PolicyDetails.Rules.Severity", "severity_id", "event.severity", Kept::kCopy},

    // Rows for some classes.
    {"Target|TargetUserId|ObjectId|Parameters.User|Parameters.Trustee|Folder.MemberUpn|"
     "TargetUserOrGroupName|Members.UPN", "user.name", "user.target.name", Kept::kCopy},
    {"Target|TargetUserId|ObjectId|Parameters.User|Parameters.Trustee|Folder.MemberUpn|"
     "TargetUserOrGroupName|Members.UPN", "user.email_addr", "user.target.email", Kept::kCopy},
    {"Target|ModifiedProperties.User.ObjectID|Folder.MemberSid", "user.uid", "user.target.id",
     Kept::kCopy},
    {"ModifiedProperties.Group.DisplayName|Target|EventData|TeamName|GroupName", "group.name",
     "group.name", Kept::kCopy},
    {"ModifiedProperties.Group.ObjectID|Target|TeamGuid|AADGroupId", "group.uid", "group.id",
     Kept::kCopy},
    {"SourceFileName|FileName|ObjectId", "file.name", "file.name", Kept::kCopy},
    {"SourceFileExtension", "file.ext", "file.extension", Kept::kCopy},
    {"SourceRelativeUrl", "file.parent_folder", "file.directory", Kept::kCopy},
    {"ObjectId", "file.path", "file.path", Kept::kCopy},
    {"FileSizeBytes", "file.size", "file.size", Kept::kCopy},
    {"ObjectId", "unmapped.ObjectId", "url.original", Kept::kCopy},
    {"ObjectId", "file.url.url_string", "", Kept::kCopy},
    {"ObjectId", "web_resources.url_string", "", Kept::kCopy},
    {"AlertId|InvestigationId|NetworkMessageId|IncidentId", "finding_info.uid", "rule.id",
     Kept::kCopy},
    {"Name|InvestigationType|Verdict|PolicyDetails.Rules.RuleName", "finding_info.title",
     "rule.name", Kept::kCopy},
    {"SendAsUserSmtp|SendOnBehalfOfUserSmtp|MailboxOwnerUPN|UserId", "email.from",
     "email.from.address", Kept::kCopy},
    {"recipientList|Recipients", "email.to", "email.to.address", Kept::kCopy},
    {"Item.Subject|Subject", "email.subject", "email.subject", Kept::kCopy},
    {"Item.InternetMessageId|InternetMessageId", "email.message_uid", "email.message_id",
     Kept::kCopy},
    {"Item.Attachments", "email.files.name", "", Kept::kCopy},
    {"Item.Attachments|AffectedItems.Attachments", "web_resources.data.attachments.name", "",
     Kept::kCopy},
    {"SensitivityLabelId|SensitivityLabelEventData.SensitivityLabelId|LabelId",
     "file.data_classifications.uid", "", Kept::kCopy},
    {"EventData|Permission", "access_list", "", Kept::kCopy},
    {"PolicyDetails.Rules.ConditionsMatched.SensitiveInformation.SensitiveInformationTypeName|"
     "EndpointMetaData.SensitiveInformation.SensitiveInformationTypeName",
     "data_security.discovery_details.type", "", Kept::kCopy},
};

constexpr PairListPath kPairLists[] = {
    {Field::kParameters, "Parameters", "api.request.data.parameters", "name", "value"},
    {Field::kModifiedProperties, "ModifiedProperties", "unmapped.ModifiedProperties",
     "Name", "NewValue"},
    {Field::kExtendedProperties, "ExtendedProperties", "unmapped.ExtendedProperties",
     "Name", "Value"},
    {Field::kDeviceProperties, "DeviceProperties", "unmapped.DeviceProperties", "Name", "Value"},
    {Field::kOperationProperties, "OperationProperties", "unmapped.OperationProperties",
     "Name", "Value"},
};

struct ListNames {
  Field list;
  std::string_view names;  // separated by '|'
};
constexpr ListNames kListNames[] = {
    {Field::kParameters,
     "Identity|Name|Mailbox|User|Trustee|Member|Role|AccessRights|ForwardTo|RedirectTo|"
     "ForwardAsAttachmentTo|DeleteMessage|MoveToFolder|MarkAsRead|StopProcessingRules|From|"
     "SubjectContainsWords|SubjectOrBodyContainsWords|BodyContainsWords|FromAddressContainsWords|"
     "ForwardingSmtpAddress|ForwardingAddress|DeliverToMailboxAndForward|GrantSendOnBehalfTo|"
     "AuditEnabled|AuditBypassEnabled|AdminAuditLogEnabled|UnifiedAuditLogIngestionEnabled|"
     "BlindCopyTo|CopyTo|AddToRecipients|RedirectMessageTo|SetSCL|State|Enabled|"
     "AllowFederatedUsers|AllowGuestUser|AllowPublicUsers|AllowTeamsConsumer|AllowedDomains|"
     "SmtpClientAuthenticationDisabled|DomainName|ContentMatchQuery|SearchQuery|ExchangeLocation|"
     "Policy"},
    {Field::kModifiedProperties,
     "Role.DisplayName|Role.TemplateId|Role.ObjectID|Role.WellKnownObjectName|AppRole.Id|"
     "AppRole.Value|AppRole.DisplayName|ServicePrincipal.ObjectID|ServicePrincipal.DisplayName|"
     "ServicePrincipal.AppId|ServicePrincipal.Name|Application.ObjectID|Application.DisplayName|"
     "Application.AppId|User.ObjectID|User.UPN|Group.ObjectID|Group.DisplayName|"
     "ConsentAction.Permissions|ConsentContext.IsAdminConsent|ConsentContext.IsAppOnly|"
     "ConsentContext.OnBehalfOfAll|DelegatedPermissionGrant.Scope|"
     "DelegatedPermissionGrant.ConsentType|KeyDescription|Included Updated Properties|"
     "AccountEnabled|StrongAuthenticationMethod|StrongAuthenticationRequirement|"
     "StrongAuthenticationUserDetails|StrongAuthenticationPhoneAppDetail|"
     "StsRefreshTokensValidFrom|TargetId.UserType|UserPrincipalName|DisplayName|UserType|Mail|"
     "ProxyAddresses|Device.ObjectID|Device.DisplayName|SiteAdmin|AllowFederatedUsers|"
     "AllowGuestUser|AllowInvitesFrom|DefaultUserRolePermissions|"
     "Set federation settings on domain.|LiveType|AppAddress|RequiredResourceAccess|Name"},
    {Field::kExtendedProperties,
     "RequestType|ResultStatusDetail|UserAgent|UserAuthenticationMethod|KeepMeSignedIn|"
     "additionalDetails|extendedAuditEventCategory"},
    {Field::kDeviceProperties,
     "Id|DisplayName|OS|BrowserType|IsCompliant|IsCompliantAndManaged|SessionId|TrustType"},
    {Field::kOperationProperties,
     "MailAccessType|IsThrottled|RuleId|RuleName|RuleState|RuleCondition|RuleActions|"
     "RuleProvider|RuleOperation|MailSubject"},
};
// clang-format on

class PairNameTable {
 public:
  PairNameTable() : slots_(kSlots, 0) {
    names_.reserve(256);
    keys_.reserve(256);
    for (const ListNames& list : kListNames) {
      uint8_t number = 0;
      std::string_view rest = list.names;
      while (!rest.empty()) {
        const size_t bar = rest.find('|');
        const std::string_view name = rest.substr(0, bar);
        rest = bar == std::string_view::npos ? std::string_view() : rest.substr(bar + 1);
        // Elastic replaces dots and blanks with underscores. A dot would mean a nested member, and
        // blanks are unusual in field names.
        std::string key = "\"" + std::string(name) + "\":";
        for (char& c : key) {
          if (c == '.' || c == ' ') c = '_';
        }
        keys_.push_back(std::move(key));
        PICKET_CHECK(number < 64);
        names_.push_back({list.list, name, keys_.back(), number++});
        size_t at = Hash(list.list, name);
        while (slots_[at] != 0) at = (at + 1) & (kSlots - 1);
        slots_[at] = static_cast<uint8_t>(names_.size());
      }
    }
    PICKET_CHECK(names_.size() < 256);
  }

  const PairName* Find(Field list, std::string_view name) const {
    if (name.empty()) return nullptr;
    for (size_t at = Hash(list, name); slots_[at] != 0; at = (at + 1) & (kSlots - 1)) {
      const PairName& one = names_[slots_[at] - 1];
      if (one.list == list && one.name == name) return &one;
    }
    return nullptr;
  }

  absl::Span<const PairName> all() const { return names_; }

 private:
  static constexpr size_t kSlots = 1024;
  // The length and three bytes (first, middle, last) distinguish the names well enough.
  static size_t Hash(Field list, std::string_view name) {
    const auto byte = [&](size_t i) {
      return static_cast<uint32_t>(static_cast<uint8_t>(name[i]));
    };
    const uint32_t mixed = byte(0) | byte(name.size() / 2) << 8 | byte(name.size() - 1) << 16 |
                           static_cast<uint32_t>(name.size()) << 24;
    return (mixed * 0x9e3779b1u + static_cast<uint32_t>(list) * 0x85ebca6bu) >> 22 & (kSlots - 1);
  }

  std::vector<PairName> names_;
  std::vector<std::string> keys_;
  std::vector<uint8_t> slots_;  // the index of the name plus 1; 0 if the slot is empty
};

const PairNameTable& Names() {
  static const PairNameTable* const table = new PairNameTable();
  return *table;
}

}  // namespace

absl::Span<const FieldPath> FieldPaths() { return kFieldPaths; }
absl::Span<const PairName> PairNames() { return Names().all(); }
const PairName* FindPairName(Field list, std::string_view name) { return Names().Find(list, name); }
absl::Span<const PairListPath> PairListPaths() { return kPairLists; }

}  // namespace picket
