#include "detector/rule_watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <optional>
#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/time/clock.h"
#include "common/clock.h"
#include "common/strings.h"
#include "detector/detector.h"
#include "tests/support/temp_folder.h"

namespace picket::detector {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr std::string_view kContoso = "ce58a858-12c6-4de5-9620-2a6b24a71ad4";
constexpr std::string_view kFabrikam = "11111111-2222-3333-4444-555555555555";
const absl::Time kNow = absl::FromUnixSeconds(1767607200);  // 2026-01-05T10:00:00Z

std::string Rule(std::string_view id, std::string_view operation) {
  return absl::StrCat("title: Rule ", ToAbsl(id), "\nid: ", ToAbsl(id),
                      "\nlevel: high\nlogsource: {product: m365}\ndetection:\n  s: {Operation: ",
                      ToAbsl(operation), "}\n  condition: s\n");
}

std::string Event(std::string_view operation, std::string_view user = "adele@contoso.com") {
  return absl::StrCat(R"({"time":1767607200000,"metadata":{"uid":"u","event_code":")",
                      ToAbsl(operation), R"("},"actor":{"user":{"name":")", ToAbsl(user),
                      R"("}}})");
}

struct Bench {
  Bench() : watch(MakeRuleFolder(folder.Path("rules")), Options(folder), metrics) {}

  static RuleWatchOptions Options(const TempFolder& folder) {
    std::filesystem::create_directories(folder.Path("rules"));
    std::filesystem::create_directories(folder.Path("tenants"));
    return {.tenants_dir = folder.Path("tenants")};
  }

  // Checks twice: the first check only notices a change, and the second check reads the files.
  // Returns true if new rules are in force.
  bool Check(absl::Time now = kNow) {
    const bool first = watch.Check(now);
    return watch.Check(now) || first;
  }
  std::string Version() { return watch.StatusNow().version; }

  // Returns the ids of the rules that raise an alert.
  std::vector<std::string> Alerts(std::string_view tenant, std::string_view event,
                                  absl::Time arrival = kNow) {
    Detector detector(watch.rules().Get(), {}, metrics);
    std::vector<std::string> ids;
    detector.Process({.tenant = tenant, .timestamp_ms = absl::ToUnixMillis(arrival)}, event,
                     [&ids](const Alert& alert) { ids.emplace_back(alert.rule_id); });
    detector.Commit();
    return ids;
  }

  TempFolder folder;
  Metrics metrics;
  RuleWatch watch;
};

TEST(RuleWatchTest, AChangedFileComesIntoForce) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  ASSERT_TRUE(bench.Check());
  const std::string version = bench.Version();
  const uint64_t generation = bench.watch.rules().generation();
  EXPECT_EQ(version.size(), 16u);
  EXPECT_FALSE(bench.Check());
  EXPECT_EQ(bench.watch.rules().generation(), generation);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));

  bench.folder.Write("rules/a.yml", Rule("a", "Set-InboxRule"));
  ASSERT_TRUE(bench.Check());
  EXPECT_NE(bench.Version(), version);
  EXPECT_NE(bench.watch.rules().generation(), generation);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, Event("Set-InboxRule")), ElementsAre("a"));
}

TEST(RuleWatchTest, ABrokenFileLeavesAllOldRulesInForceAndIsReported) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("rules/b.yml", Rule("b", "FileDownloaded"));
  ASSERT_TRUE(bench.Check());
  const std::string version = bench.Version();

  // The rule `a` becomes invalid, and the rule `c` is added. The invalid rule must keep all changes
  // from coming into force.
  bench.folder.Write("rules/a.yml", absl::StrReplaceAll(Rule("a", "New-InboxRule"),
                                                        {{"Operation:", "Operation|contain:"}}));
  bench.folder.Write("rules/c.yml", Rule("c", "FileDownloaded"));
  EXPECT_FALSE(bench.Check());
  EXPECT_EQ(bench.Version(), version);
  EXPECT_THAT(bench.watch.StatusNow().faults,
              ElementsAre(HasSubstr("rules/a.yml:6:17: unknown modifier 'contain'")));
  EXPECT_THAT(bench.watch.StatusJson(), HasSubstr("unknown modifier"));
  EXPECT_EQ(bench.metrics.Sum("picket_rule_faults"), 1);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
  EXPECT_THAT(bench.Alerts(kContoso, Event("FileDownloaded")), ElementsAre("b"));

  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().faults, IsEmpty());
  EXPECT_EQ(bench.metrics.Sum("picket_rule_faults"), 0);
  EXPECT_THAT(bench.Alerts(kContoso, Event("FileDownloaded")), ElementsAre("b", "c"));
}

TEST(RuleWatchTest, RepairingAFileToTheSameRulesIsNotAChange) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  ASSERT_TRUE(bench.Check());
  bench.folder.Write("rules/a.yml", "title: broken\n");
  EXPECT_FALSE(bench.Check());
  bench.folder.Write("rules/a.yml", "# mended\n" + Rule("a", "New-InboxRule"));
  EXPECT_FALSE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().faults, IsEmpty());
}

TEST(RuleWatchTest, AnEmptyFolderRemovesNoRules) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  ASSERT_TRUE(bench.Check());
  bench.folder.Remove("rules/a.yml");
  EXPECT_FALSE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().faults, ElementsAre(HasSubstr("there is no usable rule")));
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
}

TEST(RuleWatchTest, AtStartupTheValidRulesAreInForceDespiteBrokenOnes) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("rules/b.yml", "title: broken\n");
  EXPECT_TRUE(bench.Check());
  EXPECT_EQ(bench.watch.StatusNow().rules, 1u);
  EXPECT_EQ(bench.watch.StatusNow().faults.size(), 1u);
  EXPECT_EQ(bench.metrics.Sum("picket_rule_faults"), 1);
}

TEST(RuleWatchTest, NothingIsInForceUntilThereAreRules) {
  Bench bench;
  EXPECT_FALSE(bench.Check());
  EXPECT_EQ(bench.watch.rules().Get(), nullptr);
  EXPECT_THAT(bench.watch.StatusNow().faults, ElementsAre(HasSubstr("there is no usable rule")));
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  EXPECT_TRUE(bench.Check());
  EXPECT_NE(bench.watch.rules().Get(), nullptr);
}

TEST(RuleWatchTest, RulesThatNoEventHasMatchedAreListed) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("rules/b.yml", Rule("b", "FileDownloaded"));
  ASSERT_TRUE(bench.Check());
  bench.Alerts(kContoso, Event("FileDownloaded"));
  EXPECT_THAT(bench.watch.StatusNow().never_matched, ElementsAre("a"));
  bench.Check();
  EXPECT_EQ(bench.metrics.Sum("picket_rules_never_matched"), 1);
}

std::string Tenant(std::string_view id, std::string_view detector) {
  return absl::StrCat("tenant_id: ", ToAbsl(id), "\ndetector:\n", ToAbsl(detector));
}

TEST(RuleWatchTest, TenantsSettingsComeIntoForceForTheirTenantOnly) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  disable: [a]\n"));
  bench.folder.Write("tenants/silent.yaml",
                     "tenant_id: 33333333-2222-3333-4444-555555555555\nname: Silent\n");
  ASSERT_TRUE(bench.Check());
  EXPECT_EQ(bench.watch.StatusNow().tenants, 1u)
      << "only tenants with settings for the detector count";
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty());
  EXPECT_THAT(bench.Alerts(kFabrikam, Event("New-InboxRule")), ElementsAre("a"));

  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  enable: [a]\n"));
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  disable: [a]\n"));
  bench.Check();
  bench.folder.Remove("tenants/contoso.yaml");
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
}

TEST(RuleWatchTest, AFaultInATenantsFileLeavesOlderSettingsInForceAndAffectsNoOtherTenant) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  disable: [a]\n"));
  ASSERT_TRUE(bench.Check());
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  disabel: []\n"));
  bench.folder.Write("tenants/fabrikam.yaml", Tenant(kFabrikam, "  disable: ['level:high']\n"));
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().tenant_faults,
              ElementsAre(HasSubstr("contoso.yaml:3: detector.disabel: unknown key")));
  EXPECT_EQ(bench.metrics.Sum("picket_tenant_settings_faults"), 1);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty())
      << "the older settings are in force";
  EXPECT_THAT(bench.Alerts(kFabrikam, Event("New-InboxRule")), IsEmpty());
}

TEST(RuleWatchTest, ATenantsFilterFolderIsWatchedToo) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  const auto filter = [](std::string_view user) {
    return absl::StrCat(
        "title: Known\nlogsource: {product: m365}\nfilter:\n  rules: [a]\n  known: {UserId: ",
        ToAbsl(user), "}\n  condition: not known\n");
  };
  bench.folder.Write("filters/f.yml", filter("adele@contoso.com"));
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  filters_dir: ../filters\n"));
  ASSERT_TRUE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().tenant_faults, IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule", "bob@x.com")), ElementsAre("a"));
  EXPECT_THAT(bench.Alerts(kFabrikam, Event("New-InboxRule")), ElementsAre("a"));

  bench.folder.Write("filters/f.yml", filter("bob@x.com"));
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule", "bob@x.com")), IsEmpty());

  bench.folder.Write("filters/f.yml", "title: broken\n");
  bench.Check();
  EXPECT_THAT(bench.watch.StatusNow().tenant_faults, ElementsAre(HasSubstr("filters/f.yml:1:")));
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule", "bob@x.com")), IsEmpty());
}

TEST(RuleWatchTest, ARepairedFilterIsReadEvenIfTheTenantsFileHasNotChanged) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("filters/f.yml", "title: broken\n");
  bench.folder.Write("tenants/contoso.yaml", Tenant(kContoso, "  filters_dir: ../filters\n"));
  ASSERT_TRUE(bench.Check());
  EXPECT_EQ(bench.watch.StatusNow().tenant_faults.size(), 1u);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), ElementsAre("a"));
  EXPECT_FALSE(bench.Check()) << "the same fault is not a change";
  bench.folder.Write("filters/f.yml",
                     "title: Nobody\nlogsource: {product: m365}\nfilter:\n  rules: [a]\n"
                     "  s: {UserId: '*'}\n  condition: not s\n");
  EXPECT_TRUE(bench.Check());
  EXPECT_THAT(bench.watch.StatusNow().tenant_faults, IsEmpty());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty());
}

TEST(RuleWatchTest, ASuppressionEndsWithItsLastDayAndIsCountedAsExpired) {
  Bench bench;
  bench.folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  bench.folder.Write("tenants/contoso.yaml",
                     Tenant(kContoso,
                            "  suppressions:\n    - {rule: a, owner: soc, reason: migration, "
                            "expires: 2026-01-05}\n"));
  ASSERT_TRUE(bench.Check());
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule")), IsEmpty());
  EXPECT_EQ(bench.metrics.Sum("picket_alerts_suppressed_total"), 1);
  EXPECT_EQ(bench.metrics.Sum("picket_alerts_total"), 0);
  EXPECT_THAT(bench.metrics.Render(), HasSubstr("picket_suppressions{state=\"in_force\"} 1"));

  const absl::Time next_day = kNow + absl::Hours(14);
  EXPECT_THAT(bench.Alerts(kContoso, Event("New-InboxRule"), next_day), ElementsAre("a"));
  bench.Check(next_day);
  EXPECT_THAT(bench.metrics.Render(), HasSubstr("picket_suppressions{state=\"expired\"} 1"));
}

// A source that returns what the test says.
class ScriptedSource final : public RuleSource {
 public:
  absl::StatusOr<std::optional<RuleReading>> Poll() override {
    if (!error.ok()) return error;
    return std::exchange(next, std::nullopt);
  }
  void ReplaceClient() override { ++replaced; }
  std::string Name() const override { return "a script"; }

  std::optional<RuleReading> next;
  absl::Status error;
  std::atomic<int> replaced = 0;
};

TEST(RuleWatchTest, ASourceThatCannotBeReadIsReportedUntilItCanBeReadAgain) {
  auto made = std::make_unique<ScriptedSource>();
  ScriptedSource& source = *made;
  source.next = RuleReading{{{"a.yml", Rule("a", "New-InboxRule")}, {"b.yml", "title: ["}}, {}};
  Metrics metrics;
  RuleWatch watch(std::move(made), {}, metrics);
  EXPECT_TRUE(watch.Check(kNow));
  const std::vector<std::string> of_rules = watch.StatusNow().faults;
  EXPECT_EQ(of_rules.size(), 1u) << "b.yml is broken";

  source.error = absl::UnavailableError("read topic rules: login refused");
  testing::internal::CaptureStderr();
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(watch.Check(kNow));
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("login refused"));
  EXPECT_EQ(log.find("rules_refused"), log.rfind("rules_refused")) << log;
  EXPECT_THAT(watch.StatusNow().faults, ElementsAre("read topic rules: login refused"));
  EXPECT_EQ(watch.StatusNow().rules, 1u) << "the rules stay in force";

  source.error = absl::OkStatus();
  EXPECT_FALSE(watch.Check(kNow));
  EXPECT_EQ(watch.StatusNow().faults, of_rules);
  EXPECT_EQ(metrics.Sum("picket_rule_faults"), 1);
}

TEST(RuleWatchTest, AReplacedClientIsUsedAtOnce) {
  auto made = std::make_unique<ScriptedSource>();
  ScriptedSource& source = *made;
  source.next = RuleReading{{{"a.yml", Rule("a", "New-InboxRule")}}, {}};
  Metrics metrics;
  RuleWatch watch(std::move(made), {.interval = absl::Hours(1)}, metrics);
  SystemClock clock;
  std::jthread runner([&](const std::stop_token& stop) { watch.Run(clock, stop); });
  ASSERT_TRUE(watch.WaitForRules(clock, {}).ok());
  EXPECT_EQ(source.replaced, 0);
  watch.ReplaceClient();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (source.replaced == 0 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(source.replaced, 1);
}

TEST(RuleWatchTest, ARequestedCheckComesAtOnceAndUsesTheChange) {
  TempFolder folder;
  folder.Write("rules/a.yml", Rule("a", "New-InboxRule"));
  Metrics metrics;
  RuleWatchOptions options = Bench::Options(folder);
  options.interval = absl::Hours(1);
  RuleWatch watch(MakeRuleFolder(folder.Path("rules")), options, metrics);
  SystemClock clock;
  std::jthread runner([&](const std::stop_token& stop) { watch.Run(clock, stop); });
  ASSERT_TRUE(watch.WaitForRules(clock, {}).ok());
  EXPECT_EQ(watch.StatusNow().rules, 1u);
  for (int i = 0; i < 20; ++i) watch.CheckSoon();

  folder.Write("rules/b.yml", Rule("b", "FileDownloaded"));
  watch.CheckSoon();
  const absl::Time end = absl::Now() + absl::Seconds(20);
  while (watch.StatusNow().rules != 2 && absl::Now() < end) absl::SleepFor(absl::Milliseconds(5));
  EXPECT_EQ(watch.StatusNow().rules, 2u);
}

}  // namespace
}  // namespace picket::detector
