// Runs test cases that other Sigma engines publish. A case consists of a rule, an event and the
// expected result.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "detector/matching/matcher.h"
#include "sigma/placeholders.h"
#include "sigma/sigma_document.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/shared_data.h"

namespace picket::detector {
namespace {

struct Case {
  std::string name;
  std::string rule;
  std::string event;
  bool expected = false;
};

std::vector<Case> ReadCases(const std::string& path) {
  std::vector<Case> cases;
  simdjson::dom::parser parser;
  simdjson::dom::document_stream stream;
  const simdjson::padded_string text = simdjson::padded_string::load(path);
  if (parser.parse_many(text, 4 << 20).get(stream)) return cases;
  for (auto line : stream) {
    Case each;
    std::string_view test, rule;
    if (line["test"].get(test) && line["rule_path"].get(test)) continue;
    if (line["rule_yaml"].get(rule) || line["expected"].get(each.expected)) continue;
    each.name = test;
    each.rule = rule;
    // Cases with a Windows event contain it twice. Rules use the field names of `event_flat`.
    simdjson::dom::element event = line["event"];
    simdjson::dom::element flat;
    if (!line["event_flat"].get(flat) && flat.is_object()) event = flat;
    each.event = simdjson::minify(event);
    cases.push_back(std::move(each));
  }
  return cases;
}

// A case in which Picket deliberately differs from the expected result. `corner` is the id of a row
// in docs/sigma.md that gives the reason.
struct Deviation {
  std::string_view name;
  std::string_view corner;
};
constexpr Deviation kChosenDeviations[] = {
    {"test_match_null_fields", "A1"},
    {"test_expand_modifier_yaml", "P1"},
};

bool IsChosen(const Case& each) {
  return std::any_of(std::begin(kChosenDeviations), std::end(kChosenDeviations),
                     [&](const Deviation& deviation) { return deviation.name == each.name; });
}

// Returns the value lists that a case provides. Only one case provides lists.
sigma::ValueLists ListsOf(const Case& each) {
  if (each.name != "sigma/win_security_admin_logon.yml") return {};
  return {{"Admins_Workstations", {"OtherAdminMachine", "AdminMachine"}}};
}

// Returns a line for each case that does not have its expected result. Also returns a line for each
// case in kChosenDeviations that does.
std::vector<std::string> Deviations(const std::vector<Case>& cases) {
  std::vector<std::string> deviations;
  for (const Case& each : cases) {
    std::vector<sigma::RuleFault> faults;
    const auto rules =
        RuleSet::Compile({{"rules/x.yml", each.rule}}, LiteralFieldName, faults, ListsOf(each));
    Matcher matcher(rules);
    const bool matches = !matcher.Match(each.event).empty();
    const bool is_as_expected = faults.empty() && matcher.ok() && matches == each.expected;
    if (IsChosen(each)) {
      if (is_as_expected) deviations.push_back(each.name + ": deviates no longer");
    } else if (!faults.empty()) {
      deviations.push_back(absl::StrCat(each.name, ": ", faults[0].ToString()));
    } else if (!is_as_expected) {
      deviations.push_back(absl::StrCat(each.name, ": expected ", each.expected, ", got ", matches,
                                        " for ", each.event.substr(0, 300)));
    }
  }
  return deviations;
}

TEST(SigmaConformanceTest, DeliberateDeviationsAreDocumented) {
  const absl::StatusOr<std::string> text = ReadFile("docs/sigma.md");
  ASSERT_TRUE(text.ok());
  for (const Deviation& deviation : kChosenDeviations) {
    EXPECT_THAT(*text, ::testing::HasSubstr(absl::StrCat("| ", ToAbsl(deviation.corner), " |")));
    EXPECT_THAT(*text, ::testing::HasSubstr(std::string(deviation.name)));
  }
}

TEST(SigmaConformanceTest, StatelessCasesGiveTheExpectedResults) {
  const auto path = SharedData("sigma/conformance-stateless.jsonl");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/conformance-stateless.jsonl";
  const std::vector<Case> cases = ReadCases(*path);
  ASSERT_EQ(cases.size(), 106u);
  EXPECT_THAT(Deviations(cases), ::testing::IsEmpty());
}

TEST(SigmaConformanceTest, RegressionCasesOfPublicRulesGiveTheExpectedResults) {
  const auto path = SharedData("sigma/regression.jsonl");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/regression.jsonl";
  const std::vector<Case> cases = ReadCases(*path);
  ASSERT_EQ(cases.size(), 93u);
  EXPECT_THAT(Deviations(cases), ::testing::IsEmpty());
}

std::set<std::string> FilesOf(const std::vector<sigma::RuleFault>& faults) {
  std::set<std::string> files;
  for (const sigma::RuleFault& fault : faults) {
    files.insert(std::filesystem::path(fault.file).filename().string());
  }
  return files;
}

TEST(SigmaConformanceTest, AllPublicMicrosoftRulesWithoutListsLoad) {
  const auto path = SharedData("sigma/rules-m365-azure");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/rules-m365-azure";
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = sigma::ReadRuleFiles(*path, faults);
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  for (const sigma::RuleFault& fault : faults) {
    EXPECT_THAT(fault.message, ::testing::HasSubstr("has no values: there is no list"));
  }
  EXPECT_EQ(FilesOf(faults),
            (std::set<std::string>{
                "azure_ad_account_created_deleted_nonapproved_user.yml",
                "azure_ad_auth_to_important_apps_using_single_factor_auth.yml",
                "azure_ad_authentications_from_countries_you_do_not_operate_out_of.yml",
                "azure_ad_failed_auth_from_countries_you_do_not_operate_out_of.yml",
                "azure_ad_guest_users_invited_to_tenant_by_non_approved_inviters.yml",
                "azure_privileged_account_sigin_expected_controls.yml",
                "azure_users_authenticating_to_other_azure_ad_tenants.yml"}));
  EXPECT_EQ(rules->rules().size(), 152u - 7u);

  sigma::ValueLists lists;
  for (const sigma::RuleFile& file : files) {
    for (const sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      for (const std::string& list : sigma::PlaceholdersOf(document)) lists[list] = {"a value"};
    }
  }
  faults.clear();
  EXPECT_EQ(RuleSet::Compile(files, LiteralFieldName, faults, lists)->rules().size(), 152u);
  EXPECT_EQ(Faults(faults), "");
}

TEST(SigmaConformanceTest, AllPublicRulesLoad) {
  const auto path = SharedData("sigma/sigmahq-3132-rules.tar.xz");
  if (!path.has_value()) GTEST_SKIP() << "SHARED DATA MISSING: sigma/sigmahq-3132-rules.tar.xz";
  std::string folder = ::testing::TempDir() + "public-rules-XXXXXX";
  ASSERT_NE(mkdtemp(folder.data()), nullptr);
  ASSERT_EQ(std::system(absl::StrCat("tar -xJf '", *path, "' -C '", folder, "'").c_str()), 0)
      << "tar and xz unpack the rules";
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = sigma::ReadRuleFiles(folder, faults);
  std::filesystem::remove_all(folder);
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  EXPECT_EQ(Faults(faults), "");
  EXPECT_EQ(rules->rules().size(), 3132u);
}

}  // namespace
}  // namespace picket::detector
