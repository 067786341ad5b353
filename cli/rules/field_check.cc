#include "cli/rules/field_check.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/audit_fields.h"
#include "model/field_names.h"
#include "model/field_paths.h"
#include "sigma/search_item.h"

namespace picket {
namespace {

// Parameters of the cmdlets of Exchange Online and Security & Compliance PowerShell
// (https://learn.microsoft.com/powershell/exchange) that rules may name, besides PairNames().
constexpr std::string_view kParameters =
    "AccessRight Action Actions ActiveSyncEnabled AddressBookPolicy Alias AllowClickThrough "
    "AllowedSenders AllowedSenderDomains AllowExternalAccess AllowTeamsConsumerInbound "
    "ApplyCategory ApplyClassification ApplyHtmlDisclaimerText AuditAdmin AuditDelegate "
    "AuditLogAgeLimit AuditOwner AutomapIn AutoMapping BccMessageTo BlockedSenders "
    "BlockedSenderDomains BlockUrls BypassSpamFiltering CalendarAutoProcess CaseId CopyToFolder "
    "CustomAttribute1 DelegatedTo DeleteAttachmentsBeforeDelivery Delegate Department Description "
    "Disabled DisplayName Domain Domains DomainController Ediscovery EmailAddresses "
    "EnableATPForSPOTeamsODB "
    "EnableFileFilter EnableSafeDocs EnableSafeLinksForEmail EnableSafeLinksForTeams Except "
    "ExceptIfFrom ExceptIfSubjectContainsWords ExceptIfRecipientDomainIs ExchangeLocationException "
    "ExternalDsnReportingAddress ExternalOofOptions FileTypes FlaggedForAction Force "
    "ForwardAsAttachmentToRecipients FromAddressMatchesPatterns FromMemberOf FromScope FullAccess "
    "Group Groups HasAttachment HeaderContainsMessageHeader HeaderContainsWords "
    "HeaderMatchesPatterns "
    "HiddenFromAddressListsEnabled HighConfidencePhishAction HighConfidenceSpamAction Importance "
    "ImapEnabled InboundConnectorId InternalOofEnabled IPAllowList IPBlockList IsEnabled "
    "IsHidden IsDefault ItemKind JournalEmailAddress LitigationHoldEnabled MailboxFolderPermission "
    "ManagedBy MarkImportance MapiEnabled Members MessageTypeMatches Mode ModerateMessageByUser "
    "MyNameInCcBox MyNameInToBox MyNameInToOrCcBox Notes NotesAction NotifyUser Office "
    "OneDriveLocation "
    "Organization Owner OwaEnabled Parameters Password PhishThresholdLevel PolicyName PopEnabled "
    "PrependSubject PrimarySmtpAddress Priority PublicFolderLocation QuarantineTag Quarantine "
    "RecipientAddressContainsWords RecipientContainsWords RecipientDomainIs RecipientLimits "
    "RecipientRestrictionFilter RedirectToRecipients RemoteDomain RemoveHeader "
    "RemoveOMEv2 RequireTls ResetPasswordOnNextLogon RetainDeletedItemsFor RetentionPolicy Roles "
    "RoleGroup "
    "RuleName RuleScope ScanUrls SecurityGroup SendToRecipients SenderAddressLocation "
    "SenderDomainIs SenderIpRanges "
    "SenderManagementRelationship SentOnlyToMe SentTo SentToMe SentToMemberOf SentToScope "
    "SetHeaderName SetHeaderValue ShareUsingAnonymousLinks ShareWithGuests SharePointLocation "
    "IsPublic "
    "SmartHosts SmtpClientAuthenticationDisabled SpamAction StartDate EndDate StatusMailRecipients "
    "StopRuleProcessing SubjectMatchesPatterns SubjectOrBodyMatchesPatterns TeamsLocation "
    "TlsSettings TrackClicks Type UserId Users UseDatabaseQuotaDefaults ValidateOutgoing "
    "WithImportance WithinDateRange WithinSizeRangeMaximum WithinSizeRangeMinimum WithSensitivity "
    "Workload "
    "WorkloadType ZapEnabled PhishZapEnabled SpamZapEnabled MalwareZapEnabled";

// The parts of a field name such as Parameters.ForwardTo, which names a Name/Value list and one of
// the Names in it.
struct PairReference {
  const PairListPath* list;
  std::string member;
};

std::optional<PairReference> PairReferenceOf(std::string_view name) {
  constexpr std::string_view kElasticPrefix = "o365.audit.";
  if (name.starts_with(kElasticPrefix)) name.remove_prefix(kElasticPrefix.size());
  const size_t dot = name.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  for (const PairListPath& list : PairListPaths()) {
    if (!EqualsIgnoreCase(list.name, name.substr(0, dot))) continue;
    std::string member(name.substr(dot + 1));
    for (const std::string_view suffix : {".NewValue", ".OldValue", ".Value"}) {
      if (member.size() > suffix.size() && member.ends_with(suffix)) {
        member.resize(member.size() - suffix.size());
      }
    }
    return PairReference{&list, std::move(member)};
  }
  return std::nullopt;
}

std::vector<std::string_view> MembersOf(const PairListPath& list) {
  std::vector<std::string_view> names = {"Name", "Value", "NewValue", "OldValue"};
  for (const PairName& pair : PairNames()) {
    if (pair.list == list.field) names.push_back(pair.name);
  }
  if (list.field != Field::kParameters) return names;
  for (const absl::string_view name : absl::StrSplit(ToAbsl(kParameters), ' ')) {
    names.emplace_back(name.data(), name.size());
  }
  return names;
}

// Returns true if one name is the other with an added "s". Such a name is not a spelling mistake,
// because both names may exist.
bool DifferInPlural(std::string_view a, std::string_view b) {
  if (a.size() > b.size()) std::swap(a, b);
  return b.size() == a.size() + 1 && b.starts_with(a) && b.back() == 's';
}

// Returns the name in lower case, with a dot in place of each blank and underscore. Elastic writes
// an underscore in place of a dot or a blank.
std::string Comparable(std::string_view name) {
  std::string comparable = LowerAscii(name);
  for (char& c : comparable) {
    if (c == '_' || c == ' ') c = '.';
  }
  return comparable;
}

// Returns the nearest known name that differs from `word` by one edit, or by two edits if `word` is
// long. Returns "" if there is no such name or if `word` is itself known.
std::string_view NearMiss(std::string_view word, const std::vector<std::string_view>& known) {
  constexpr size_t kLong = 7;  // two edits of a shorter word often make another word
  const std::string lower = Comparable(word);
  std::string_view nearest;
  size_t least = (word.size() < kLong ? 1 : 2) + 1;
  for (const std::string_view name : known) {
    const std::string candidate = Comparable(name);
    if (candidate == lower) return "";
    if (word.size() < 4 || DifferInPlural(lower, candidate)) continue;
    const size_t distance = EditDistance(lower, candidate, /*allows_swaps=*/true);
    if (distance >= least) continue;
    least = distance;
    nearest = name;
  }
  return nearest;
}

// Returns the known member name that is similar to the misspelt name in `pair`, or "".
std::string_view SimilarMember(const PairReference& pair) {
  return NearMiss(pair.member, MembersOf(*pair.list));
}

std::vector<std::string_view> TopFields() {
  std::vector<std::string_view> names;
  const AuditField* const table = AuditFieldTable();
  for (size_t i = 1; i < kMostAuditFields && table[i].key_size > 0; ++i) {
    if (table[i].owner == 0) names.push_back(table[i].name());
  }
  for (const FieldPath& row : FieldPaths()) {
    if (!row.ocsf.empty()) names.push_back(row.ocsf);
    if (!row.ecs.empty()) names.push_back(row.ecs);
  }
  return names;
}

void AddFields(const sigma::Expression& expression, std::set<std::string>& fields) {
  const bool names_field = expression.kind == sigma::Expression::Kind::kField ||
                           expression.kind == sigma::Expression::Kind::kElements;
  if (names_field && !expression.field.empty()) fields.insert(expression.field);
  if (expression.kind == sigma::Expression::Kind::kPlaceholder) {
    const std::string& key = expression.placeholder->key.text;
    fields.insert(key.substr(0, key.find('|')));
  }
  // The tests below this expression name keys of a list's elements, not fields of the event.
  if (expression.kind == sigma::Expression::Kind::kElements) return;
  for (const sigma::Test& test : expression.tests) {
    if (test.kind == sigma::Test::Kind::kReference) fields.insert(test.text);
  }
  for (const sigma::ExpressionPtr& child : expression.children) AddFields(*child, fields);
}

// Returns the position of the first use of `name` in the text of a file, from the line of
// `document` onwards. Returns `document` if the name is not found.
sigma::SourcePosition PositionOf(std::string_view text, sigma::SourcePosition document,
                                 std::string_view name) {
  int number = 0;
  const auto is_part = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '.';
  };
  while (!text.empty()) {
    ++number;
    const std::string_view line = text.substr(0, text.find('\n'));
    for (size_t at = line.find(name); number >= document.line && at != std::string_view::npos;
         at = line.find(name, at + 1)) {
      const size_t end = at + name.size();
      const bool is_whole =
          (at == 0 || !is_part(line[at - 1])) && (end == line.size() || !is_part(line[end]));
      if (is_whole) return {number, static_cast<int>(at) + 1};
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return document;
}

}  // namespace

bool IsKnownField(std::string_view name) {
  if (const std::optional<PairReference> pair = PairReferenceOf(name)) {
    return SimilarMember(*pair).empty();
  }
  for (const EventPath& path : ResolveFieldName(name)) {
    if (path.segments.empty() || path.segments[0] != "unmapped") return true;
    if (path.segments.size() > 1 && FindAuditField(path.segments[1]) != nullptr) return true;
  }
  return false;
}

std::string SimilarField(std::string_view name) {
  if (const std::optional<PairReference> pair = PairReferenceOf(name)) {
    const std::string_view member = SimilarMember(*pair);
    return member.empty() ? "" : absl::StrCat(ToAbsl(pair->list->name), ".", ToAbsl(member));
  }
  static const std::vector<std::string_view>* const known =
      new std::vector<std::string_view>(TopFields());
  const size_t dot = name.find('.');
  const std::string_view root = name.substr(0, dot);
  if (std::string_view nearest = NearMiss(name, *known); !nearest.empty()) {
    return std::string(nearest);
  }
  if (dot == std::string_view::npos) return "";
  const std::string_view nearest = NearMiss(root, *known);
  return nearest.empty() ? "" : absl::StrCat(ToAbsl(nearest), ToAbsl(name.substr(dot)));
}

std::string WhyNoRecordHas(std::string_view name) {
  if (IsKnownField(name)) return "";
  const std::string similar = SimilarField(name);
  return absl::StrCat("no record has ", ToAbsl(name),
                      similar.empty() ? "" : absl::StrCat("; did you mean ", similar, "?"));
}

std::vector<std::string> FieldsOfCorrelation(const sigma::CorrelationSpec& spec) {
  std::vector<std::string> fields;
  const auto add = [&fields](const std::string& field) {
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
  };
  for (const std::string& name : spec.group_by) {
    size_t named = 0;  // the number of rules for which an alias names the field
    for (const auto& [alias, by_rule] : spec.aliases) {
      if (alias != name) continue;
      named += by_rule.size();
      for (const auto& [rule, field] : by_rule) add(field);
    }
    if (named < spec.rules.size()) add(name);
  }
  if (!spec.value_field.empty()) add(spec.value_field);
  return fields;
}

std::vector<sigma::RuleFault> FieldWarnings(const sigma::RuleFile& file,
                                            const sigma::SigmaDocument& document) {
  std::vector<sigma::RuleFault> warnings;
  const auto warn = [&](const std::string& field, std::string message) {
    const sigma::SourcePosition at = PositionOf(file.text, document.position, field);
    warnings.push_back(
        {file.path, at.line, at.column, std::move(message), sigma::RuleFault::Severity::kWarning});
  };
  if (document.kind == sigma::SigmaDocument::Kind::kCorrelation) {
    for (const std::string& field : FieldsOfCorrelation(document.correlation)) {
      const std::string why = WhyNoRecordHas(field);
      if (!why.empty()) warn(field, absl::StrCat("the correlation counts no event: ", why));
    }
    return warnings;
  }
  std::set<std::string> fields;
  AddFields(*document.expression, fields);
  fields.erase("");  // keywords
  for (const std::string& field : fields) {
    if (!IsKnownField(field) && !SimilarField(field).empty()) warn(field, WhyNoRecordHas(field));
  }
  return warnings;
}

}  // namespace picket
