#pragma once

// Finds the object that a record is about, for example a user, a group or a file.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/twins/dom_facts.h"

namespace picket::twins {

template <typename Dom>
struct DomSubject {
  using Value = typename Dom::Value;
  using Record = DomRecord<Dom>;

  DomFacts<Dom>& facts;
  Record& record = facts.record;
  const Mapping& mapping = facts.mapping;

  bool IsMember() const { return mapping.activity_id == 3 || mapping.activity_id == 4; }

  // Returns the folder whose permissions changed.
  const Value* PermissionFolder() const {
    const Value* const folder = record.Get(Field::kFolder);
    if (folder != nullptr && Dom::IsObject(*folder)) return folder;
    return Record::Member(record.Get(Field::kItem), "ParentFolder");
  }

  NamedOne DirectoryTarget() const {
    NamedOne user = {FirstOf(facts.target.upn, facts.target.name), facts.target.guid};
    if (mapping.subject == Subject::kRole) user.name = FirstOf(user.name, Text(Field::kObjectId));
    if (mapping.subject == Subject::kAppRole) {
      user = {FirstOf(Property("User.UPN"), user.name),
              FirstOf(Property("User.ObjectID"), user.uid)};
    }
    if (!user.known()) user.name = FirstOf(Text(Field::kTargetUserId), Text(Field::kObjectId));
    return user;
  }

  NamedOne TargetUser() const {
    switch (mapping.subject) {
      case Subject::kSignIn:
        return {Text(Field::kUserId), facts.user_uid};
      case Subject::kConsent:
        return {Text(Field::kUserId), {}};
      case Subject::kMailboxPermission:
        return {FirstOf(Parameter("User"), Parameter("Trustee")), {}};
      case Subject::kFolderPermission:
        return {MemberText(PermissionFolder(), "MemberUpn"),
                MemberText(PermissionFolder(), "MemberSid")};
      case Subject::kRoleAssignment:
        return {FirstOf(FirstOf(Parameter("User"), Parameter("Member")),
                        FirstOf(Parameter("SecurityGroup"), Parameter("App"))),
                {}};
      case Subject::kSiteAdmin:
        return {FirstOf(FirstOf(Text(Field::kTargetUserOrGroupName), facts.Modified("SiteAdmin")),
                        Text(Field::kUserId)),
                {}};
      case Subject::kGroup:
        return IsMember() ? DirectoryTarget() : NamedOne();
      case Subject::kSiteGroup:
        return {IsMember() ? Text(Field::kTargetUserOrGroupName) : std::string_view(), {}};
      case Subject::kTeam: {
        NamedOne user;
        Record::ForEach(record.Get(Field::kMembers), [&](const Value& member) {
          user.name = FirstOf(user.name, MemberText(&member, "UPN"));
        });
        return user;
      }
      default:
        return mapping.class_uid == ocsf::kAccountChange ||
                       mapping.class_uid == ocsf::kUserAccessManagement
                   ? DirectoryTarget()
                   : NamedOne();
    }
  }

  NamedOne Group() const {
    NamedOne group;
    switch (mapping.subject) {
      case Subject::kGroup:
        group = {Property("Group.DisplayName"), Property("Group.ObjectID")};
        if (!IsMember()) {
          group = {FirstOf(group.name, FirstOf(facts.target.name, Property("DisplayName"))),
                   FirstOf(group.uid, facts.target.guid)};
        }
        break;
      case Subject::kSiteGroup:
        group.name = OfEventData("Group");
        if (!IsMember()) {
          group.name =
              FirstOf(group.name, FirstOf(Text(Field::kTargetUserOrGroupName), Property("Name")));
        }
        break;
      case Subject::kTeam:
        group = {FirstOf(Text(Field::kTeamName), Text(Field::kGroupName)),
                 FirstOf(Text(Field::kTeamGuid), Text(Field::kAADGroupId))};
        break;
      default:
        return {};
    }
    if (!group.known()) group.name = Text(Field::kObjectId);
    return group;
  }

  // Returns the content of an XML element in the field EventData.
  std::string_view OfEventData(const std::string& tag) const {
    return Between(Text(Field::kEventData), "<" + tag + ">", "</" + tag + ">")
        .value_or(std::string_view());
  }

  std::string_view Permission() const {
    return FirstOf(OfEventData("Permissions granted"),
                   FirstOf(OfEventData("Type"), Text(Field::kPermission)));
  }

  std::string_view FileName() const {
    const std::string_view name = FirstOf(Text(Field::kSourceFileName), Text(Field::kFileName));
    if (!name.empty()) return name;
    const std::string_view path = Text(Field::kObjectId);
    const size_t slash = path.find_last_of("/\\");
    return slash == std::string_view::npos || slash + 1 == path.size() ? path
                                                                       : path.substr(slash + 1);
  }

  // Returns a string, or a number as a string. Returns an empty view for any other value.
  std::string_view Scalar(const Value* value) const {
    return value != nullptr && (Dom::IsText(*value) || Dom::IsNumber(*value))
               ? record.AsText(*value)
               : std::string_view();
  }

  // Returns the number of the enforcement mode: 1 audit, 2 warn, 3 warn and bypass, 4 block, 5
  // allow. Returns 0 if the mode is unknown.
  int EnforcementMode() const {
    const std::string_view mode =
        FirstOf(Scalar(record.Get(Field::kEnforcementMode)),
                Scalar(Record::Member(record.Get(Field::kEndpointMetaData), "EnforcementMode")));
    int number = 0;
    for (const std::string_view word : {"Audit", "Warn", "WarnAndBypass", "Block", "Allow"}) {
      ++number;
      if (mode == std::to_string(number) || EqualsIgnoreCase(mode, word)) return number;
    }
    return 0;
  }

  // Returns the name and the size of each attachment of an email. In the text, an attachment looks
  // like "report.pdf (123b)", and semicolons separate attachments. An unknown size is -1.
  static std::vector<std::pair<std::string_view, int64_t>> Attachments(std::string_view text) {
    std::vector<std::pair<std::string_view, int64_t>> all;
    size_t begin = 0;
    while (begin < text.size()) {
      // A name may contain "b)", too. Therefore, an attachment ends only where a semicolon or the
      // end of the text follows "(123b)".
      size_t end = text.find("b)", begin);
      for (; end != std::string_view::npos; end = text.find("b)", end + 1)) {
        const bool is_last = end + 2 == text.size() || text[end + 2] == ';';
        const size_t open = text.rfind(" (", end);
        if (!is_last || open == std::string_view::npos || open < begin) continue;
        const std::string_view digits = text.substr(open + 2, end - open - 2);
        if (digits.empty() || digits.size() > 16 ||
            !std::all_of(digits.begin(), digits.end(), IsDigit)) {
          continue;
        }
        all.emplace_back(text.substr(begin, open - begin), std::stoll(std::string(digits)));
        break;
      }
      if (end == std::string_view::npos) {
        all.emplace_back(text.substr(begin), -1);
        break;
      }
      begin = text.find_first_not_of(' ', end + 3);
      if (begin == std::string_view::npos) break;
    }
    return all;
  }

 private:
  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Parameter(std::string_view name) const { return facts.Parameter(name); }
  std::string_view Property(std::string_view name) const { return facts.Property(name); }
  static std::string_view MemberText(const Value* object, std::string_view name) {
    return Record::MemberText(object, name);
  }
};

}  // namespace picket::twins
