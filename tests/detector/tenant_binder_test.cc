#include "detector/tenant_binder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "detector/active_rules.h"
#include "detector/detector.h"
#include "tests/sigma/sigma_testing.h"
#include "tests/support/ocsf_schema.h"
#include "tests/support/temp_folder.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr std::string_view kContoso = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";
constexpr std::string_view kFabrikam = "11111111-2222-3333-4444-555555555555";

constexpr std::string_view kRules = R"(title: Forward
id: forward
level: high
tags: [attack.collection, attack.t1114.003]
logsource: {product: m365, service: exchange}
detection: {s: {Operation: New-InboxRule}, condition: s}
---
title: Download
id: download
name: download
level: low
logsource: {product: m365, service: sharepoint}
detection: {s: {Operation: FileDownloaded}, condition: s}
---
title: Any download
id: any-download
level: low
tags: [attack.collection]
logsource: {product: m365}
detection: {s: {Operation: FileDownloaded}, condition: s}
---
title: Many downloads
id: many
level: medium
correlation:
  type: event_count
  rules: [download]
  group-by: [UserId]
  timespan: 10m
  condition: {gte: 3}
  generate: true
)";

std::string Event(std::string_view operation, int n = 0,
                  std::string_view user = "adele@contoso.com") {
  return absl::StrCat(
      R"({"time":)", 1767607200000 + n * 1000, R"(,"class_uid":6003,"metadata":{"uid":"e)", n,
      R"("},"Workload":")", operation == "New-InboxRule" ? "Exchange" : "SharePoint",
      R"(","Operation":")", ToAbsl(operation), R"(","UserId":")", ToAbsl(user), R"("})");
}

// Rules whose field names are used without translation, and the settings of tenants.
struct Bench {
  explicit Bench(std::string_view rules = kRules) : binder(LiteralFieldName) {
    std::vector<sigma::RuleFault> faults;
    pack = CompileRulePack({{"rules/x.yml", std::string(rules)}}, LiteralFieldName, faults);
    EXPECT_EQ(Faults(faults), "");
    binder.Use(pack);
    active = std::make_shared<ActiveRules>();
    active->pack = pack;
    active->without_settings = binder.Bind(nullptr, nullptr, faults);
  }

  // Reads a tenant's settings, or the defaults for all tenants. `text` is the content of the
  // section `detector:`. Adds errors to `faults`.
  std::shared_ptr<const TenantOverlay> Read(std::string_view text, bool is_defaults = false) {
    const std::string file =
        is_defaults ? absl::StrCat("detector:\n", ToAbsl(text))
                    : absl::StrCat("tenant_id: ", ToAbsl(kContoso), "\ndetector:\n", ToAbsl(text));
    TenantSettings settings;
    settings.file = folder.Path("t.yaml");
    const std::vector<std::string> wrong =
        is_defaults ? ReadTenantDefaults(file, settings) : ReadTenantSettings(file, settings);
    EXPECT_THAT(wrong, IsEmpty());
    auto overlay = std::make_shared<TenantOverlay>();
    if (!ReadTenantOverlay(std::move(settings), file, overlay.get(), faults)) return nullptr;
    return overlay;
  }
  void Set(std::string_view tenant, std::string_view text) {
    const auto overlay = Read(text);
    ASSERT_NE(overlay, nullptr) << Faults(faults);
    active->tenants[std::string(tenant)] = binder.Bind(overlay.get(), defaults.get(), faults);
  }
  void SetDefaults(std::string_view text) {
    defaults = Read(text, true);
    ASSERT_NE(defaults, nullptr) << Faults(faults);
    active->without_settings = binder.Bind(nullptr, defaults.get(), faults);
  }

  // Processes the events in a new detector. Returns the rule id of each alert.
  std::vector<std::string> Alerts(std::string_view tenant, const std::vector<std::string>& events,
                                  int64_t arrival_ms = 1767607200000) {
    Detector detector(active, {}, metrics);
    std::vector<std::string> ids;
    for (const std::string& event : events) {
      detector.Process({.tenant = tenant, .timestamp_ms = arrival_ms}, event,
                       [&](const Alert& alert) {
                         ids.emplace_back(alert.rule_id);
                         json.emplace_back(alert.json);
                       });
    }
    detector.Commit();
    return ids;
  }

  TempFolder folder;
  Metrics metrics;
  TenantBinder binder;
  std::shared_ptr<const RulePack> pack;
  std::shared_ptr<const TenantOverlay> defaults;
  std::shared_ptr<ActiveRules> active;
  std::vector<sigma::RuleFault> faults;
  std::vector<std::string> json;
};

TEST(TenantBinderTest, ARuleIsOffForTheTenantThatDisablesIt) {
  Bench bench;
  bench.Set(kContoso, "  disable: [download]\n");
  EXPECT_EQ(Faults(bench.faults), "");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}), ElementsAre("any-download"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {Event("FileDownloaded")}),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, ARuleThatIsOffFeedsNoCorrelation) {
  Bench bench;
  bench.Set(kContoso, "  disable: [download]\n");
  const std::vector<std::string> three = {Event("FileDownloaded", 0), Event("FileDownloaded", 1),
                                          Event("FileDownloaded", 2)};
  EXPECT_THAT(bench.Alerts(kContoso, three), Not(testing::Contains("many")));
  EXPECT_THAT(bench.Alerts(kFabrikam, three), testing::Contains("many"));
}

TEST(TenantBinderTest, ACorrelationCanBeOffByItself) {
  Bench bench;
  bench.Set(kContoso, "  disable: [many]\n");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded", 0), Event("FileDownloaded", 1),
                                      Event("FileDownloaded", 2)}),
              Not(testing::Contains("many")));
}

TEST(TenantBinderTest, TheMostSpecificSelectorWinsAndAmongEqualsEnable) {
  Bench bench;
  const auto alerts = [&bench](std::string_view settings) {
    bench.Set(kContoso, settings);
    return bench.Alerts(kContoso, {Event("FileDownloaded")});
  };
  EXPECT_THAT(alerts("  disable: ['level:low']\n"), IsEmpty());
  EXPECT_THAT(alerts("  disable: ['level:low']\n  enable: [download]\n"), ElementsAre("download"));
  EXPECT_THAT(alerts("  disable: ['level:low']\n  enable: ['tag:attack.collection']\n"),
              ElementsAre("any-download"));
  EXPECT_THAT(alerts("  disable: ['tag:attack.collection']\n  enable: ['level:low']\n"),
              ElementsAre("download"));
  EXPECT_THAT(alerts("  disable: [download]\n  enable: [download]\n"),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, ATenantsSettingsOverrideTheDefaults) {
  Bench bench;
  bench.SetDefaults("  disable: [download, any-download]\n");
  bench.Set(kContoso, "  enable: ['level:low']\n");
  EXPECT_THAT(bench.Alerts(kFabrikam, {Event("FileDownloaded")}), IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, AFilterNarrowsTheRulesItNamesForItsTenantOnly) {
  Bench bench;
  bench.folder.Write("filters/f.yml",
                     "title: Adele may\nlogsource: {product: m365}\nfilter:\n"
                     "  rules: [download]\n  adele: {UserId: adele@contoso.com}\n"
                     "  condition: not adele\n");
  bench.Set(kContoso, absl::StrCat("  filters_dir: ", bench.folder.Path("filters"), "\n"));
  EXPECT_EQ(Faults(bench.faults), "");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}), ElementsAre("any-download"));
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded", 0, "bob")}),
              ElementsAre("download", "any-download"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {Event("FileDownloaded")}),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, AFilterThatNamesNoRulesNarrowsThoseItsLogSourceCovers) {
  Bench bench;
  bench.folder.Write("filters/f.yml",
                     "title: Nobody\nlogsource: {product: m365, service: sharepoint}\nfilter:\n"
                     "  rules: any\n  s: {UserId: '*'}\n  condition: not s\n");
  bench.Set(kContoso, absl::StrCat("  filters_dir: ", bench.folder.Path("filters"), "\n"));
  EXPECT_EQ(Faults(bench.faults), "");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded"), Event("New-InboxRule")}),
              ElementsAre("any-download", "forward"));
}

TEST(TenantBinderTest, AFilterThatNamesAnUnknownRuleIsReportedAndNotApplied) {
  Bench bench;
  bench.folder.Write("filters/f.yml",
                     "title: F\nlogsource: {product: m365}\nfilter:\n  rules: [nobody]\n"
                     "  s: {UserId: x}\n  condition: not s\n");
  bench.Set(kContoso, absl::StrCat("  filters_dir: ", bench.folder.Path("filters"), "\n"));
  EXPECT_THAT(Faults(bench.faults), HasSubstr("f.yml:4:11: no detection rule has the id"));
  EXPECT_THAT(bench.Alerts(kContoso, {Event("New-InboxRule")}), ElementsAre("forward"));
}

TEST(TenantBinderTest, ARuleInTheFilterFolderIsAFault) {
  Bench bench;
  bench.folder.Write("filters/f.yml", std::string(kRules));
  EXPECT_EQ(bench.Read(absl::StrCat("  filters_dir: ", bench.folder.Path("filters"), "\n")),
            nullptr);
  EXPECT_THAT(Faults(bench.faults), HasSubstr("f.yml:1:1: this is not a filter"));
}

constexpr std::string_view kSuppressed =
    "  suppressions:\n"
    "    - {rule: download, owner: soc, reason: migration, expires: 2026-01-05}\n";

TEST(TenantBinderTest, ASuppressedMatchRaisesNoAlertButIsCountedAndFeedsCorrelations) {
  Bench bench;
  bench.Set(kContoso, kSuppressed);
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded", 0), Event("FileDownloaded", 1),
                                      Event("FileDownloaded", 2)}),
              ElementsAre("any-download", "any-download", "any-download", "many"));
  EXPECT_THAT(bench.metrics.Render(),
              HasSubstr("picket_alerts_suppressed_total{rule=\"download\"} 3"));
  EXPECT_THAT(bench.metrics.Render(), HasSubstr("picket_rule_matches_total{rule=\"download\"} 3"));
}

TEST(TenantBinderTest, ASuppressionAppliesUntilTheEndOfItsLastDay) {
  Bench bench;
  bench.Set(kContoso, kSuppressed);
  const int64_t midnight = 1767657600000;  // 2026-01-06T00:00:00Z
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}, midnight - 1),
              ElementsAre("any-download"));
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}, midnight),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, IfTheArrivalTimeIsUnknownTheEventsOwnTimeDecides) {
  Bench bench;
  bench.Set(kContoso, kSuppressed);
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}, 0), ElementsAre("any-download"));
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded", 14 * 3600)}, 0),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, WhereNarrowsASuppression) {
  Bench bench;
  bench.Set(
      kContoso,
      "  suppressions:\n"
      "    - rule: 'level:low'\n      owner: soc\n      reason: r\n      expires: 2026-01-05\n"
      "      where: {'UserId|endswith': '@CONTOSO.com', Operation: 'File*'}\n");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}), IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded", 0, "bob@x.com")}),
              ElementsAre("download", "any-download"));
}

TEST(TenantBinderTest, ASuppressedCorrelationKeepsItsEpisode) {
  Bench bench;
  bench.Set(kContoso,
            "  disable: [any-download]\n  suppressions:\n"
            "    - {rule: many, owner: soc, reason: r, expires: 2026-01-05}\n"
            "    - {rule: download, owner: soc, reason: r, expires: 2026-12-31}\n");
  Detector detector(bench.active, {}, bench.metrics);
  int alerts = 0;
  const auto process = [&](int n, int64_t arrival_ms) {
    detector.Process({.tenant = kContoso, .timestamp_ms = arrival_ms}, Event("FileDownloaded", n),
                     [&alerts](const Alert&) { ++alerts; });
  };
  for (int n = 0; n < 4; ++n) process(n, 1767607200000);
  // The suppression has expired, but the episode that began before is still open. Therefore, a
  // further event raises no alert.
  process(4, 1767657600000);
  detector.Commit();
  EXPECT_EQ(alerts, 0);
  EXPECT_THAT(bench.metrics.Render(), HasSubstr("picket_alerts_suppressed_total{rule=\"many\"} 1"));
}

TEST(TenantBinderTest, FaultsOfSettingsNameTheirLine) {
  Bench bench;
  EXPECT_EQ(bench.Read("  disable: ['level:lo']\n"
                       "  suppressions:\n"
                       "    - rule: download\n      owner: o\n      reason: r\n"
                       "      expires: 2026-01-05\n      where: {'UserId|contain': x}\n"),
            nullptr);
  EXPECT_THAT(Faults(bench.faults),
              HasSubstr("t.yaml:3:1: detector.disable[0]: unknown level in 'level:lo'"));
  EXPECT_THAT(Faults(bench.faults),
              HasSubstr("t.yaml:5:1: detector.suppressions[0].where: unknown modifier 'contain'"));
}

TEST(TenantBinderTest, SettingsThatNameUnknownRulesAreReportedAndTheRestApplies) {
  Bench bench;
  bench.Set(kContoso,
            "  disable: [download, nobody]\n  suppressions:\n"
            "    - {rule: ghost, owner: o, reason: r, expires: 2026-01-05}\n");
  EXPECT_THAT(Faults(bench.faults),
              HasSubstr("t.yaml:3:1: detector.disable[1]: no rule has the id, name, title or file "
                        "name 'nobody'"));
  EXPECT_THAT(Faults(bench.faults),
              HasSubstr("t.yaml:5:1: detector.suppressions[0]: no rule is named by 'ghost'"));
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}), ElementsAre("any-download"));
}

TEST(TenantBinderTest, TenantsWithEqualSettingsShareOneView) {
  Bench bench;
  constexpr std::string_view kSettings =
      "  disable: [forward]\n  suppressions:\n    - {rule: download, owner: o, reason: r, "
      "expires: 2026-01-05, where: {UserId: x}}\n";
  bench.Set(kContoso, kSettings);
  bench.Set(kFabrikam, kSettings);
  EXPECT_EQ(&bench.active->Of(kContoso), &bench.active->Of(kFabrikam));
  // Now only Contoso disables a rule. The suppressions are still equal, so the tenants share their
  // compiled conditions.
  bench.Set(kFabrikam,
            "  suppressions:\n    - {rule: download, owner: o, reason: r, expires: 2026-01-05, "
            "where: {UserId: x}}\n");
  EXPECT_NE(&bench.active->Of(kContoso), &bench.active->Of(kFabrikam));
  EXPECT_EQ(bench.active->Of(kContoso).conditions, bench.active->Of(kFabrikam).conditions);
  EXPECT_EQ(bench.binder.conditions_compiled(), 1u);
}

TEST(TenantBinderTest, AnAlertNamesTheVersionsOfRulesAndSettings) {
  Bench bench;
  bench.Set(kContoso, "  disable: [any-download]\n");
  bench.Alerts(kContoso, {Event("FileDownloaded")});
  bench.Alerts(kFabrikam, {Event("New-InboxRule")});
  ASSERT_EQ(bench.json.size(), 2u);
  for (const std::string& json : bench.json) {
    EXPECT_THAT(json, HasSubstr(absl::StrCat(R"("feature":{"name":"Sigma rules","version":")",
                                             bench.pack->version, R"("})")));
    EXPECT_THAT(OcsfSchemas::Get().Validate(json), IsEmpty()) << json;
  }
  EXPECT_THAT(bench.json[0], HasSubstr(absl::StrCat(R"("tenant_settings":")",
                                                    bench.active->Of(kContoso).version, R"(")")));
  EXPECT_THAT(bench.json[1], Not(HasSubstr("tenant_settings")));
}

constexpr std::string_view kPlaceholders = R"(title: Not by an admin
id: not-admin
level: high
logsource: {product: m365}
detection:
  s: {Operation: New-InboxRule}
  admin: {'UserId|expand': '%admins%'}
  condition: s and not admin
---
title: By a guest
id: guest
level: low
logsource: {product: m365}
detection:
  s: {'UserId|expand|endswith': '@%guests%'}
  condition: s
---
title: Anything
id: anything
level: low
logsource: {product: m365}
detection:
  s: {Operation: '*'}
  condition: s
)";

TEST(TenantBinderTest, PlaceholdersUseTheListsOfTheTenant) {
  Bench bench(kPlaceholders);
  bench.Set(kContoso, "  lists: {admins: [adele@contoso.com], guests: [x.com, y.com]}\n");
  bench.Set(kFabrikam, "  lists: {admins: [bob@x.com], guests: [contoso.com]}\n");
  EXPECT_EQ(Faults(bench.faults), "");
  const std::string adele = Event("New-InboxRule"), bob = Event("New-InboxRule", 1, "bob@x.com");
  EXPECT_THAT(bench.Alerts(kContoso, {adele}), ElementsAre("anything"));
  EXPECT_THAT(bench.Alerts(kContoso, {bob}), ElementsAre("not-admin", "guest", "anything"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {adele}), ElementsAre("not-admin", "guest", "anything"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {bob}), ElementsAre("anything"));
}

TEST(TenantBinderTest, AnAlertShowsWhatTheListMatched) {
  Bench bench(kPlaceholders);
  bench.Set(kContoso, "  disable: [anything]\n  lists: {admins: [a], guests: [x.com]}\n");
  bench.Alerts(kContoso, {Event("Other", 1, "bob@x.com")});
  ASSERT_EQ(bench.json.size(), 1u);
  EXPECT_THAT(bench.json[0], HasSubstr(R"("matched":[{"name":"UserId","value":"bob@x.com"}])"));
  EXPECT_THAT(bench.json[0],
              HasSubstr(absl::StrCat(R"("version":")", bench.pack->info(1).version, R"(")")))
      << "the version is the rule's and does not depend on the list";
}

TEST(TenantBinderTest, ARuleWithoutItsListIsOffAndReportedAndThePlaceholderIsNoLiteral) {
  Bench bench(kPlaceholders);
  bench.Set(kContoso, "  lists: {admins: [], guests: [x.com]}\n");
  EXPECT_EQ(Faults(bench.faults), "");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("New-InboxRule", 0, "%admins%")}),
              ElementsAre("anything"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {Event("New-InboxRule", 0, "a@%guests%")}),
              ElementsAre("anything"));
  EXPECT_THAT(RulesWithoutList(*bench.active),
              ElementsAre("guest: no list 'guests': off for 0 of 1 tenants with settings and for "
                          "all without",
                          "not-admin: no list 'admins': off for 1 of 1 tenants with settings and "
                          "for all without"));
}

TEST(TenantBinderTest, TenantsWithoutListsUseTheDefaultLists) {
  Bench bench(kPlaceholders);
  bench.SetDefaults("  lists: {admins: [adele@contoso.com], guests: [x.com]}\n");
  bench.Set(kContoso, "  lists: {guests: [y.com]}\n");
  const std::string bob = Event("New-InboxRule", 1, "bob@x.com");
  EXPECT_THAT(bench.Alerts(kFabrikam, {bob}), ElementsAre("not-admin", "guest", "anything"));
  EXPECT_THAT(bench.Alerts(kContoso, {bob}), ElementsAre("not-admin", "anything"));
  EXPECT_THAT(RulesWithoutList(*bench.active), IsEmpty());
}

TEST(TenantBinderTest, ASharedFilterUsesTheListsOfEachTenantAndIsNotAppliedWithoutThem) {
  Bench bench(absl::StrCat(ToAbsl(kRules), R"(---
title: Known downloaders
logsource: {product: m365, service: sharepoint}
filter:
  rules: [download]
  known: {'UserId|expand': '%downloaders%'}
  condition: not known
)"));
  bench.Set(kContoso, "  lists: {downloaders: [adele@contoso.com]}\n");
  EXPECT_THAT(bench.Alerts(kContoso, {Event("FileDownloaded")}), ElementsAre("any-download"));
  EXPECT_THAT(bench.Alerts(kFabrikam, {Event("FileDownloaded")}),
              ElementsAre("download", "any-download"));
  EXPECT_THAT(RulesWithoutList(*bench.active),
              ElementsAre(HasSubstr("Known downloaders: no list 'downloaders'")));
}

TEST(TenantBinderTest, TheListsOfAThousandTenantsAreCompiledOncePerContent) {
  Bench bench(kPlaceholders);
  for (int i = 0; i < 1000; ++i) {
    bench.Set(absl::StrCat("tenant-", i),
              absl::StrCat("  lists: {admins: [a", i % 10, "], guests: [x.com]}\n"));
  }
  EXPECT_EQ(bench.binder.conditions_compiled(), 10u);
  EXPECT_EQ(&bench.active->Of("tenant-3"), &bench.active->Of("tenant-993"));
}

}  // namespace
}  // namespace picket::detector
