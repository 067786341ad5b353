#include "simulator/attack_behaviours.h"

#include "common/check.h"

namespace picket::simulator {
namespace {

constexpr Behaviour kBehaviours[] = {
    {"inbox_rule_forwards_outside", "ffcf1345-d160-4057-849b-718cfbdf2a22", "high", "T1114.003"},
    {"mailbox_forwarding_set", "7781bdf2-cee1-4552-a6f8-1d5aad5ebfd6", "high", "T1114.003"},
    {"inbox_rule_hides_mail", "37216d25-6a6b-4dd0-a8b0-f09738c1f191", "high", "T1564.008"},
    {"mailbox_full_access_granted", "5c80344e-03a9-43ff-b37c-126a111ab64a", "medium", "T1098.002"},
    {"mailbox_audit_bypass", "772347bd-a5c3-41fb-9880-8bb8264fc4fb", "high", "T1562.008"},
    {"audit_log_disabled", "3c19913d-288f-4ec5-8b99-1336fc0c0624", "critical", "T1562.008"},
    {"antiphish_removed", "ec8be4b9-7bc2-4378-9ef5-ebd50a390e51", "high", "T1562.001"},
    {"oauth_consent_to_mail", "9ae34fd3-f638-48e6-aa41-fc67c977eb9b", "high", "T1528"},
    {"app_credential_added", "24c6f601-a126-459d-8fd2-b0fab77a80ec", "high", "T1098.001"},
    {"privileged_role_granted", "5d0347d7-3d1e-4986-b0d3-0a55e76fe379", "high", "T1098.003"},
    {"mfa_disabled", "1361f7e0-1d31-4953-9515-f08ec0da8059", "high", "T1556.006"},
    {"anonymous_link_created", "d58ec08f-5c4b-4a5b-9e73-bf7516399ff3", "medium", "T1567"},
    {"transport_rule_copies_mail", "0a91d70c-da9d-4aca-a08e-4fc0c41a9993", "high", "T1114.003"},
    {"federation_changed", "2ccd775c-21ac-4284-b466-f03192749bf9", "critical", "T1484.002"},
    {"site_admin_added", "50b0ac5b-34d8-43d9-aae6-bca6564435ef", "medium", "T1098"},
    {"password_spray", "c5cf094b-983c-44bf-a075-19ac2a1026fb", "high", "T1110.003"},
    {"password_guessing", "0c6a38a0-e520-4873-ad57-d0c9e055f447", "medium", "T1110.001"},
    {"mass_download", "a075ba19-ce32-4c20-88b3-8e9a11949bc0", "high", "T1530"},
    {"admin_consent_granted", "7458dd35-c67b-4159-b087-6b76a793aec7", "medium", "T1528"},
    {"admin_opened_mail", "6aef8610-acd5-4e02-ae06-22a6d9a9b072", "medium", "T1114.002"},
    {"advanced_audit_removed", "9d15243a-e91b-4b63-adca-0209f65fd988", "high", "T1562.008"},
    {"anonymous_link_used", "1a2fa438-8410-4ba9-b0fb-2fe7041c27af", "low", "T1567"},
    {"app_owner_added", "b0ba69ce-b69c-4797-8755-ad9e8c61a1b8", "medium", "T1098"},
    {"app_permissions_requested", "506168a8-e62d-4702-8323-5b43c08fd5c7", "medium", "T1098.003"},
    {"conditional_access_changed", "ac53bd66-8c3f-44f0-b917-0f890eb03684", "medium", "T1556.009"},
    {"conditional_access_off", "0426e399-ff05-45fe-9bb9-0ecb46ac471d", "high", "T1556.009"},
    {"cross_tenant_access_changed", "5566b9d5-cf23-4e72-86ed-41dc56c83e80", "high", "T1484.002"},
    {"dkim_signing_off", "1f1071c6-89d6-4766-a878-4abfd0096584", "medium", "T1562.001"},
    {"dlp_policy_removed", "e0533342-44ac-4703-aa88-ff7db318513f", "high", "T1562.001"},
    {"dlp_rule_matched", "d757d873-640b-4e06-9340-38b6e3b0ba1c", "low", "T1048"},
    {"dlp_rule_matched_high", "0c1815a8-b220-4ab3-be21-5fe8621c68ce", "high", "T1048"},
    {"domain_added", "eb666f26-15f7-4875-82a6-4627bb972c52", "medium", "T1484.002"},
    {"double_extension_uploaded", "9e782230-0f83-4ce2-ba3b-543d36eb358d", "high", "T1036.007"},
    {"ediscovery_access_granted", "7fdf2c98-0825-4395-af07-e48daff3fad8", "medium", "T1098.003"},
    {"ediscovery_case_opened", "763b8b27-90eb-46c9-a8f0-005cde0e446a", "low", "T1213"},
    {"ediscovery_exported", "002ab88c-517f-4be6-8b7b-d0f0d5ea189c", "high", "T1114.002"},
    {"ediscovery_search_run", "17d6e065-a18b-4cad-8a9c-ba4e2b5c8fb7", "medium", "T1114.002"},
    {"exchange_role_assigned", "a81ad1ef-e9fa-4aa4-8220-2dfa8463cfe2", "high", "T1098.003"},
    {"exchange_role_group_joined", "a368b9a4-34f8-44c2-9ced-bd0bd5c870cd", "high", "T1098.003"},
    {"executable_uploaded", "382861b2-d8a1-463e-9844-a2373eff990a", "low", "T1080"},
    {"fake_help_desk_chat", "4195073b-cfa9-44cb-b712-5fe411b7c3dc", "high", "T1566.003"},
    {"file_shared_with_guest", "7e56b894-7e25-4bc2-a47c-af23b7c15a59", "low", "T1567"},
    {"graph_role_granted", "18bde49f-630b-48c3-a5e4-a830eae2d4bc", "high", "T1098.003"},
    {"guest_invitations_opened", "ccc4bbd1-13f9-4ac4-b548-03eebaa4c803", "medium", "T1484"},
    {"guest_invited", "112bcc8b-d0b4-40df-aeea-b77b4946a2af", "low", "T1136.003"},
    {"inbox_rule_name_is_a_sign", "53175560-d4c5-40ac-930f-8c824d7e571a", "medium", "T1564.008"},
    {"mail_removed_after_delivery", "4f150789-c5a4-4a61-bc7c-a33309e733a0", "medium", "T1566"},
    {"mailbox_folder_shared_with_all", "3db7024d-ef22-43dd-ba0d-a65e4ec035a1", "high", "T1098.002"},
    {"mailbox_forwarded_to_recipient", "db2b87c1-3542-4864-8f17-c03a2bf7e58f", "medium",
     "T1114.003"},
    {"mailbox_opened_by_administrator", "0527fe3c-d984-484b-807d-67d627aecfc3", "medium",
     "T1114.002"},
    {"mailbox_send_as_granted", "cb108997-b484-45fe-932b-cd13fbc55fde", "medium", "T1098.002"},
    {"mailbox_send_on_behalf_granted", "f4cd9597-3f18-4cfe-8270-e35fe541f955", "low", "T1098.002"},
    {"malicious_file_detected", "bfa57de5-d781-4945-ab26-ed1ba6d76c06", "high", "T1204.002"},
    {"malware_filter_removed", "ad15fbd9-83c3-4595-bf9d-6051a67d3bfd", "high", "T1562.001"},
    {"malware_in_site", "b3010274-a1c0-40bf-8ba1-5f10e4610042", "high", "T1204.002"},
    {"mfa_method_changed", "8358dafa-7f92-4da7-90ca-16010f7cc450", "low", "T1098.005"},
    {"mfa_methods_cleared", "56787837-53cf-4691-816a-747961b4cbac", "high", "T1556.006"},
    {"mfa_notice_deleted", "ab2c050c-855e-40cf-abca-679e9fa0e3ba", "medium", "T1070.008"},
    {"mfa_trusted_address_changed", "9cfe7bb2-e9a0-40aa-aeb3-885a903babc7", "high", "T1562.007"},
    {"partner_added", "01df69f6-94a4-4e50-ba60-6ef1c876af87", "high", "T1484.002"},
    {"permission_level_added", "0036b55a-3847-4f6f-814e-bf7affc16ecb", "medium", "T1098"},
    {"phishing_mail_delivered", "463f66cb-040d-4386-a05e-bdecd4b7fc77", "high", "T1566"},
    {"quarantine_exported", "9c03ede9-40bf-42f1-9916-7838232ce6d1", "medium", "T1114.002"},
    {"quarantine_released", "31779393-0fd0-45e6-9d2e-f2f2237284de", "medium", "T1566"},
    {"risky_consent_allowed", "74d44045-8df8-4357-9ef8-52b2c4460e20", "high", "T1562.001"},
    {"risky_consent_refused", "0fa5a9c5-167f-4a35-b6dd-c61d906ddcf0", "low", "T1528"},
    {"safe_attachments_off", "262ce244-bef3-44f4-b23e-869dea1489de", "high", "T1562.001"},
    {"safe_links_off", "e55dfd2f-79f4-402e-987c-5323a6cff5d7", "high", "T1562.001"},
    {"search_for_secrets", "d05899ad-4b91-4124-84ea-b8ec97fe6d42", "medium", "T1213.002"},
    {"sharing_policy_weakened", "02446e1a-4717-4bb4-b09f-18e1a9675497", "high", "T1484"},
    {"teams_bot_added", "c367f763-363d-4f47-87d0-9a20dc2e558d", "low", "T1136"},
    {"teams_custom_apps_allowed", "3970ee6e-4bee-40ba-8769-b02b863c72eb", "medium", "T1484"},
    {"teams_external_access_opened", "91cbb079-a04c-4e2d-a4c3-b1f11ef08cad", "medium", "T1484"},
    {"teams_guest_access_opened", "54206af2-2525-4619-9287-e6420c161a95", "medium", "T1484"},
    {"transport_rule_removed", "c2a759d1-d096-4053-b2b8-a2aae761075b", "medium", "T1562.001"},
    {"vendor_alert_high", "51257d91-72f9-4638-b5a4-eeb9ad158c73", "high", "T1078.004"},
    {"vendor_alert_informational", "755706ba-7dc0-47a9-9cb4-c9346bb6d46c", "informational",
     "T1078.004"},
    {"vendor_alert_low", "c07b87b0-cac2-4537-b8e6-44e15e7ebd74", "low", "T1078.004"},
    {"vendor_alert_medium", "b4e21ce7-2fc4-463a-81d5-0c5ab81efa47", "medium", "T1078.004"},
};

}  // namespace

std::span<const Behaviour> Behaviours() { return kBehaviours; }

const Behaviour& FindBehaviour(std::string_view name) {
  for (const Behaviour& behaviour : kBehaviours) {
    if (behaviour.name == name) return behaviour;
  }
  PICKET_CHECK(false);
  return kBehaviours[0];
}

}  // namespace picket::simulator
