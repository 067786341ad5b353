#include "model/field_names.h"

#include <gtest/gtest.h>

#include <string>

namespace picket {
namespace {

// "a.b" or "a.b[member].key", joined by " | ".
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

TEST(FieldNamesTest, RawNamesLeadToTheSourcesOwnText) {
  EXPECT_EQ(Resolved("Operation"), "metadata.event_code");
  EXPECT_EQ(Resolved("UserId"), "actor.user.name");
  EXPECT_EQ(Resolved("Workload"), "metadata.product.feature.name");
  EXPECT_EQ(Resolved("ClientIP"), "unmapped.ClientIP");
  EXPECT_EQ(Resolved("clientip"), "unmapped.ClientIP");
  EXPECT_EQ(Resolved("UserType"), "unmapped.UserType | unmapped.UserType_text");
  EXPECT_EQ(Resolved("Status"), "unmapped.Status");
  EXPECT_EQ(Resolved("NeverSeenBefore"), "unmapped.NeverSeenBefore");
}

TEST(FieldNamesTest, NameValueListsAreAddressedByMember) {
  EXPECT_EQ(Resolved("Parameters.ForwardTo"), "api.request.data.parameters[ForwardTo].value");
  EXPECT_EQ(Resolved("ExtendedProperties.RequestType"),
            "unmapped.ExtendedProperties[RequestType].Value");
  EXPECT_EQ(Resolved("ModifiedProperties.Role.DisplayName.NewValue"),
            "unmapped.ModifiedProperties[Role.DisplayName].NewValue");
  EXPECT_EQ(Resolved("ModifiedProperties.Role.DisplayName.OldValue"),
            "unmapped.ModifiedProperties[Role.DisplayName].OldValue");
  EXPECT_EQ(Resolved("ModifiedProperties.AccountEnabled"),
            "unmapped.ModifiedProperties[AccountEnabled].NewValue");
  EXPECT_EQ(Resolved("ModifiedProperties.NewValue"), "unmapped.ModifiedProperties.NewValue");
  EXPECT_EQ(Resolved("DeviceProperties.SessionId"), "unmapped.DeviceProperties[SessionId].Value");
}

TEST(FieldNamesTest, OcsfPathsStandForThemselves) {
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
            "unmapped.ModifiedProperties[Role DisplayName].NewValue");
}

}  // namespace
}  // namespace picket
