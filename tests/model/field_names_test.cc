#include "model/field_names.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_join.h"
#include "model/field_paths.h"

namespace picket {
namespace {

// Returns all paths of an event to which a field name of a rule leads, joined by " | ". Each path
// has the form "a.b" or "a.b[member].key".
std::string Resolved(std::string_view name) {
  std::string text;
  for (const EventPath& path : ResolveFieldName(name)) {
    if (!text.empty()) text += " | ";
    for (size_t i = 0; i < path.segments.size(); ++i) {
      if (i > 0) text += ".";
      text += path.segments[i];
    }
    if (!path.member.empty()) text += "[" + path.member + "]." + path.member_key;
  }
  return text;
}

TEST(FieldNamesTest, RawNamesLeadToTheRecordsOwnValue) {
  EXPECT_EQ(Resolved("Operation"), "metadata.event_code");
  EXPECT_EQ(Resolved("UserId"), "actor.user.name");
  EXPECT_EQ(Resolved("Workload"), "metadata.product.feature.name");
  EXPECT_EQ(Resolved("ClientIP"), "unmapped.ClientIP");
  EXPECT_EQ(Resolved("clientip"), "unmapped.ClientIP");
  EXPECT_EQ(Resolved("UserType"), "unmapped.UserType | unmapped.UserType_text");
  EXPECT_EQ(Resolved("ExchangeMetaData.To"),
            "unmapped.ExchangeMetaData.To | unmapped.ExchangeMetaData.To_text");
  EXPECT_EQ(Resolved("Members.Role"), "unmapped.Members.Role | unmapped.Members.Role_text");
  EXPECT_EQ(Resolved("PolicyDetails.Rules.Severity"), "unmapped.PolicyDetails.Rules.Severity");
  EXPECT_EQ(Resolved("PolicyDetails.Rules.ConditionsMatched.SensitiveInformation.Count"),
            "unmapped.PolicyDetails.Rules.ConditionsMatched.SensitiveInformation.Count | "
            "unmapped.PolicyDetails.Rules.ConditionsMatched.SensitiveInformation.Count_text");
  EXPECT_EQ(Resolved("Status"), "unmapped.Status");
  EXPECT_EQ(Resolved("NeverSeenBefore"), "unmapped.NeverSeenBefore");
}

TEST(FieldNamesTest, NameValueListsAreAddressedByMember) {
  EXPECT_EQ(Resolved("Parameters.ForwardTo"), "api.request.data.parameters[ForwardTo].value");
  EXPECT_EQ(Resolved("ExtendedProperties.RequestType"),
            "unmapped.ExtendedProperties[RequestType].Value | "
            "unmapped.decoded[ExtendedProperties.RequestType].value");
  EXPECT_EQ(Resolved("ModifiedProperties.Role.DisplayName.NewValue"),
            "unmapped.ModifiedProperties[Role.DisplayName].NewValue | "
            "unmapped.decoded[ModifiedProperties.Role.DisplayName.NewValue].value");
  EXPECT_EQ(Resolved("ModifiedProperties.Role.DisplayName.OldValue"),
            "unmapped.ModifiedProperties[Role.DisplayName].OldValue | "
            "unmapped.decoded[ModifiedProperties.Role.DisplayName.OldValue].value");
  EXPECT_EQ(Resolved("ModifiedProperties.AccountEnabled"),
            "unmapped.ModifiedProperties[AccountEnabled].NewValue | "
            "unmapped.decoded[ModifiedProperties.AccountEnabled.NewValue].value");
  EXPECT_EQ(Resolved("ModifiedProperties.NewValue"), "unmapped.ModifiedProperties.NewValue");
  EXPECT_EQ(Resolved("DeviceProperties.SessionId"), "unmapped.DeviceProperties[SessionId].Value");
}

TEST(FieldNamesTest, OcsfPathsResolveToThemselves) {
  EXPECT_EQ(Resolved("actor.user.name"), "actor.user.name");
  EXPECT_EQ(Resolved("status"), "status");
  EXPECT_EQ(Resolved("unmapped.ClientIP"), "unmapped.ClientIP");
}

TEST(FieldNamesTest, EcsNamesAreUnderstood) {
  EXPECT_EQ(Resolved("event.action"), "metadata.event_code");
  EXPECT_EQ(Resolved("user.id"), "actor.user.name");
  EXPECT_EQ(Resolved("source.ip"), "src_endpoint.ip");
  EXPECT_EQ(Resolved("o365.audit.LogonError"), "unmapped.LogonError");
  EXPECT_EQ(Resolved("o365.audit.Parameters.ForwardTo"),
            "api.request.data.parameters[ForwardTo].value");
  EXPECT_EQ(Resolved("o365.audit.ModifiedProperties.Role_DisplayName.NewValue"),
            "unmapped.ModifiedProperties[Role_DisplayName].NewValue | "
            "unmapped.ModifiedProperties[Role.DisplayName].NewValue | "
            "unmapped.ModifiedProperties[Role DisplayName].NewValue | "
            "unmapped.decoded[ModifiedProperties.Role_DisplayName.NewValue].value | "
            "unmapped.decoded[ModifiedProperties.Role.DisplayName.NewValue].value | "
            "unmapped.decoded[ModifiedProperties.Role DisplayName.NewValue].value");
}

TEST(FieldNamesTest, JsonInsideStringsIsReachedByItsPath) {
  EXPECT_EQ(Resolved("Data.f3u"), "unmapped.Data.f3u | unmapped.decoded[Data.f3u].value");
  EXPECT_EQ(Resolved("o365.audit.AdditionalInfo.a.b"),
            "unmapped.AdditionalInfo.a.b | unmapped.decoded[AdditionalInfo.a.b].value");
}

TEST(FieldNamesTest, KeywordsSearchThePlacesOfTheRecordsOwnValues) {
  bool has_unmapped = false, has_user = false, leaves_out_decoded_names = false;
  for (const EventPath& path : ResolveFieldName("")) {
    const std::string place = absl::StrJoin(path.segments, ".");
    has_unmapped |= place == "unmapped" && !path.is_excluded;
    has_user |= place == "actor.user.name" && path.placeholder == "Unknown";
    leaves_out_decoded_names |= place == "unmapped.decoded.name" && path.is_excluded;
    for (const std::string_view added : {"metadata.type", "class_name", "status", "message",
                                         "src_endpoint.ip", "raw_data_hash", "time"}) {
      EXPECT_NE(place, added) << "a value that the normaliser adds or converts";
    }
  }
  EXPECT_TRUE(has_unmapped && has_user && leaves_out_decoded_names);
}

TEST(FieldNamesTest, TheFieldsOfAddressesAreMarked) {
  for (const char* const name : {"ClientIP", "clientip", "o365.audit.ActorIpAddress", "SenderIp"}) {
    const std::vector<EventPath> paths = ResolveFieldName(name);
    ASSERT_FALSE(paths.empty());
    EXPECT_TRUE(paths[0].is_address) << name;
  }
  for (const char* const name : {"UserId", "src_endpoint.ip", "Parameters.ClientIP", "IPFoo"}) {
    for (const EventPath& path : ResolveFieldName(name)) EXPECT_FALSE(path.is_address) << name;
  }
}

TEST(FieldNamesTest, EveryRowIsFoundByItsNames) {
  for (const FieldPath& row : FieldPaths()) {
    SCOPED_TRACE(row.sources);
    if (row.kept != Kept::kCopy) {
      EXPECT_EQ(row.sources.find('|'), std::string_view::npos);
      const bool is_list = row.sources == "Parameters";
      const std::string place =
          is_list ? "api.request.data.parameters.name" : std::string(row.ocsf);
      EXPECT_NE(Resolved(row.sources).find(place), std::string::npos) << Resolved(row.sources);
    }
    if (row.ecs.empty() || row.ecs.substr(0, 11) == "o365.audit.") continue;
    const std::string_view place = row.ocsf.empty() ? "unmapped." : row.ocsf;
    EXPECT_NE(Resolved(row.ecs).find(place), std::string::npos) << Resolved(row.ecs);
  }
}

}  // namespace
}  // namespace picket
