// Compares ECS events with the reference of the Elastic Common Schema 8.17: the names and types of
// fields, and the values of event.kind, event.category, event.type and event.outcome.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <set>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "tests/parser/mapping/path_types.h"
#include "tests/parser/record_testing.h"
#include "tests/support/ecs_types.h"

namespace picket::parser {
namespace {

struct EcsField {
  const char* type;  // the JSON type
  bool is_list = false;
};
// Returns all fields that an ECS event can have, except for those in `o365` and `picket`.
const std::map<std::string, EcsField>& EcsFields() {
  static const auto* const fields =
      new std::map<std::string, EcsField>{{".@timestamp", {"string"}},
                                          {".ecs.version", {"string"}},
                                          {".event.kind", {"string"}},
                                          {".event.category", {"string", true}},
                                          {".event.type", {"string", true}},
                                          {".event.module", {"string"}},
                                          {".event.dataset", {"string"}},
                                          {".event.action", {"string"}},
                                          {".event.code", {"string"}},
                                          {".event.provider", {"string"}},
                                          {".event.id", {"string"}},
                                          {".event.outcome", {"string"}},
                                          {".event.severity", {"number"}},
                                          {".event.original", {"string"}},
                                          {".organization.id", {"string"}},
                                          {".organization.name", {"string"}},
                                          {".user.id", {"string"}},
                                          {".user.name", {"string"}},
                                          {".user.email", {"string"}},
                                          {".user.domain", {"string"}},
                                          {".user.target.id", {"string"}},
                                          {".user.target.name", {"string"}},
                                          {".user.target.email", {"string"}},
                                          {".user.target.domain", {"string"}},
                                          {".related.user", {"string", true}},
                                          {".related.ip", {"string", true}},
                                          {".source.address", {"string"}},
                                          {".source.ip", {"string"}},
                                          {".source.port", {"number"}},
                                          {".client.address", {"string"}},
                                          {".client.ip", {"string"}},
                                          {".client.port", {"number"}},
                                          {".user_agent.original", {"string"}},
                                          {".device.id", {"string"}},
                                          {".host.id", {"string"}},
                                          {".host.name", {"string"}},
                                          {".host.os.full", {"string"}},
                                          {".url.original", {"string"}},
                                          {".group.id", {"string"}},
                                          {".group.name", {"string"}},
                                          {".file.name", {"string"}},
                                          {".file.extension", {"string"}},
                                          {".file.directory", {"string"}},
                                          {".file.path", {"string"}},
                                          {".file.size", {"number"}},
                                          {".rule.id", {"string"}},
                                          {".rule.name", {"string"}},
                                          {".email.from.address", {"string", true}},
                                          {".email.sender.address", {"string"}},
                                          {".email.to.address", {"string", true}},
                                          {".email.subject", {"string"}},
                                          {".email.message_id", {"string"}},
                                          {".tags", {"string", true}},
                                          {".error.message", {"string", true}}};
  return *fields;
}

void ForEachEcsEvent(const std::function<void(const Tree&)>& check) {
  Metrics metrics;
  Normalizer normalizer({.raw_data = true}, metrics);
  NormalizedBatch batch;
  size_t events = 0;
  const auto all = [&](const std::vector<std::string>& records) {
    for (const std::string& record : records) {
      normalizer.Normalize({.ecs = true}, record, batch);
      for (const NormalizedBatch::Event& event : batch.events) {
        check(ParseTree(batch.Ecs(event)));
        ++events;
      }
    }
  };
  all(AllRecords().records);
  all(ReadRecords("tests/data/records/rows.ndjson"));
  EXPECT_GE(events, AllRecords().missing.empty() ? 9900u : 300u);
}

TEST(EcsSchemaTest, FieldsHaveTheNamesAndTypesOfTheSchema) {
  PathTypes types;
  ForEachEcsEvent([&](const Tree& event) { types.Add(event.root); });
  std::set<std::string> objects{""};
  for (const auto& [path, field] : EcsFields()) {
    for (size_t dot = path.find('.', 1); dot != std::string::npos; dot = path.find('.', dot + 1)) {
      objects.insert(path.substr(0, dot));
    }
  }
  size_t seen = 0;
  for (const auto& [path, kinds] : types.types()) {
    if (absl::StartsWith(path, ".o365") || absl::StartsWith(path, ".picket")) continue;
    if (kinds == std::set<std::string>{"object"} && objects.count(path) > 0) continue;
    const bool is_element = absl::EndsWith(path, "[]");
    const auto found = EcsFields().find(is_element ? path.substr(0, path.size() - 2) : path);
    ASSERT_NE(found, EcsFields().end()) << path << " is not a field of the schema";
    const char* const wanted = found->second.is_list && !is_element ? "array" : found->second.type;
    EXPECT_EQ(kinds, std::set<std::string>{wanted}) << path;
    EXPECT_TRUE(!is_element || found->second.is_list) << path << " is a list";
    seen += !is_element;
  }
  EXPECT_EQ(seen, EcsFields().size()) << "a field is never written";
}

TEST(EcsSchemaTest, TheCategoriesOfEventsAreThoseOfTheSchema) {
  std::map<std::string, int> categories;
  ForEachEcsEvent([&](const Tree& event) {
    const std::string kind = At(event, "/event/kind");
    EXPECT_TRUE(kind == "event" || kind == "alert") << kind;
    const std::string outcome = At(event, "/event/outcome");
    EXPECT_TRUE(outcome == "success" || outcome == "failure" || outcome == "unknown") << outcome;
    std::set<std::string> allowed;
    const auto texts = [&](const char* pointer) {
      std::vector<std::string> found;
      const simdjson::dom::array array = event.root.at_pointer(pointer).get_array().value();
      for (const simdjson::dom::element text : array) {
        found.emplace_back(text.get_string().value());
      }
      EXPECT_FALSE(found.empty()) << pointer;
      return found;
    };
    for (const std::string& category : texts("/event/category")) {
      ASSERT_EQ(EcsTypesByCategory().count(category), 1u) << category;
      allowed.insert(EcsTypesByCategory().at(category).begin(),
                     EcsTypesByCategory().at(category).end());
      ++categories[category];
    }
    for (const std::string& type : texts("/event/type")) {
      EXPECT_EQ(allowed.count(type), 1u) << type << " of " << event.text;
    }
  });
  EXPECT_EQ(categories.size(), EcsTypesByCategory().size());
}

// Elastic publishes rules for Microsoft 365. Each rule below searches for an operation together
// with a value of event.category. The rule finds nothing if our event has another category.
TEST(EcsSchemaTest, ElasticsRulesFindTheirCategories) {
  static constexpr struct {
    const char* workload;
    const char* operation;
    const char* category;
  } kExpectedCategories[] = {{"Exchange", "New-InboxRule", "web"},
                             {"Exchange", "Set-InboxRule", "web"},
                             {"Exchange", "New-TransportRule", "web"},
                             {"Exchange", "Remove-TransportRule", "web"},
                             {"Exchange", "Disable-AntiPhishRule", "web"},
                             {"Exchange", "Remove-AntiPhishPolicy", "web"},
                             {"Exchange", "Disable-MalwareFilterRule", "web"},
                             {"Exchange", "Remove-MalwareFilterPolicy", "web"},
                             {"Exchange", "Disable-SafeLinksRule", "web"},
                             {"Exchange", "Disable-SafeAttachmentRule", "web"},
                             {"Exchange", "Set-DkimSigningConfig", "web"},
                             {"Exchange", "Remove-DlpPolicy", "web"},
                             {"Exchange", "Set-MailboxAuditBypassAssociation", "web"},
                             {"Exchange", "Add-MailboxPermission", "web"},
                             {"Exchange", "New-ManagementRoleAssignment", "web"},
                             {"SkypeForBusiness", "Set-CsTeamsClientConfiguration", "web"},
                             {"SkypeForBusiness", "Set-CsTenantFederationConfiguration", "web"},
                             {"MicrosoftTeams", "Set-CsTeamsAppPermissionPolicy", "web"},
                             {"SecurityComplianceCenter", "New-ComplianceSearchAction", "web"},
                             {"AzureActiveDirectory", "Add member to role.", "iam"},
                             {"AzureActiveDirectory", "UserLoginFailed", "authentication"},
                             {"AzureActiveDirectory", "UserLoggedIn", "authentication"},
                             {"SharePoint", "FileDownloaded", "file"}};
  for (const auto& expected : kExpectedCategories) {
    const Normalized result(RecordWith(expected.workload, expected.operation, ""), {.ecs = true});
    ASSERT_EQ(result.size(), 1u);
    const std::string category =
        At(ParseTree(result.batch.Ecs(result.batch.events[0])), "/event/category");
    EXPECT_NE(category.find(absl::StrCat("\"", expected.category, "\"")), std::string::npos)
        << expected.operation << ": " << category;
  }
}

// The number of fields in a search index is limited. Therefore, undocumented members must not add
// fields to it, whatever names their objects contain.
TEST(EcsSchemaTest, TheContentOfUndocumentedMembersAddsNoFieldsToAnIndex) {
  PathTypes types;
  size_t before = 0;
  for (int i = 0; i < 300; ++i) {
    const std::string n = absl::StrCat(i);
    const Normalized result(
        RecordWith(
            "MicrosoftTeams", "Unheard",
            absl::StrCat(R"(,"Odd":{"k)", n, R"(":{"a)", n, R"(":1}},"Few":[{"k)", n,
                         R"(":"v"}],"dotted.k)", n, R"(":)", i % 2 == 0 ? "\"t\"" : "7",
                         R"(,"qu\"o.te)", n, R"(\\":[1],"Plain":[1,2],"Parameters":[{"Name":"p)", n,
                         R"(","Value":"v"}],"ExtraProperties":[{"Key":"k)", n, R"("}])")),
        {.ecs = true});
    ASSERT_EQ(result.size(), 1u);
    const Tree event = ParseTree(result.batch.Ecs(result.batch.events[0]));
    types.Add(event.root);
    if (i == 0) before = types.types().size();
    EXPECT_EQ(At(event, "/o365/audit/undocumented/0/name"), "Odd");
    EXPECT_EQ(At(event, "/o365/audit/undocumented/0/value"),
              absl::StrCat(R"({"k)", n, R"(":{"a)", n, R"(":1}})"));
    EXPECT_EQ(At(event, "/o365/audit/undocumented/2/name"), "dotted.k" + n);
    EXPECT_EQ(At(event, "/o365/audit/undocumented/2/value"), i % 2 == 0 ? "t" : "7");
    EXPECT_EQ(At(event, "/o365/audit/undocumented/3/name"), "qu\"o.te" + n + "\\");
    EXPECT_EQ(At(event, "/o365/audit/Plain"), "[1,2]");
    // The OCSF event keeps the undocumented members unchanged.
    EXPECT_EQ(result.At("/unmapped/Few"), absl::StrCat(R"([{"k)", n, R"(":"v"}])"));
  }
  EXPECT_EQ(types.types().size(), before);
  types.Expect();
}

TEST(EcsSchemaTest, ANameOfOnlyBlanksIsNotAField) {
  const Normalized result(RecordWith("MicrosoftTeams", "Unheard", R"(,"":"x"," ":5,"a b":1)"),
                          {.ecs = true});
  ASSERT_EQ(result.size(), 1u);
  const Tree event = ParseTree(result.batch.Ecs(result.batch.events[0]));
  EXPECT_EQ(At(event, "/o365/audit/undocumented"),
            R"([{"name":"","value":"x"},{"name":" ","value":"5"}])");
  EXPECT_EQ(At(event, "/o365/audit/a b"), "1");
  EXPECT_EQ(result.At("/unmapped/ "), "5");
}

TEST(EcsSchemaTest, AFieldWithTheNameOfTheListBecomesADuplicate) {
  const Normalized result(RecordWith("MicrosoftTeams", "Unheard", R"(,"undocumented":1,"Odd":{})"),
                          {.ecs = true});
  ASSERT_EQ(result.size(), 1u);
  const Tree event = ParseTree(result.batch.Ecs(result.batch.events[0]));
  EXPECT_EQ(At(event, "/o365/audit/duplicate_keys"), R"([{"name":"undocumented","value":"1"}])");
  EXPECT_EQ(At(event, "/o365/audit/undocumented"), R"([{"name":"Odd","value":"{}"}])");
}

}  // namespace
}  // namespace picket::parser
