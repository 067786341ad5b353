#include "model/tenant_settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace picket {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::UnorderedElementsAre;

class TenantSettingsTest : public testing::Test {
 protected:
  TenantSettingsTest() {
    dir_ = std::filesystem::path(testing::TempDir()) /
           testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_ / "filters");
  }
  ~TenantSettingsTest() override { std::filesystem::remove_all(dir_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
  }
  TenantSettingsFiles Load() { return LoadTenantSettings(dir_.string()); }

  std::filesystem::path dir_;
};

TEST_F(TenantSettingsTest, BothSectionsAreReadAndTheKeysOfTheFetcherAreIgnored) {
  Write("contoso.yaml",
        "tenant_id: CE58A858-12c6-4de5-9620-2a6b24a71ad4\n"
        "name: Contoso\ncloud: gcc\nclient_id: 22222222-2222-2222-2222-222222222222\n"
        "client_secret_file: no/such/file\ncontent_types: [DLP.All]\npublisher_id: ''\n"
        "audience: a\nlogin_url: b\napi_url: c\nweight: 3\n"
        "parser:\n"
        "  ecs: true\n"
        "  mask:\n"
        "    - field: UserId\n"
        "    - {field: Item.Subject, how: drop}\n"
        "detector:\n"
        "  disable: ['level:low']\n"
        "  lists:\n"
        "    domains: [contoso.com, contoso.de]\n"
        "  filters_dir: filters\n"
        "  suppressions:\n"
        "    - rule: abc\n"
        "      owner: soc@example.com\n"
        "      reason: a scanner\n"
        "      expires: 2026-12-31\n"
        "      where: {UserId: scanner@contoso.com}\n");
  const TenantSettingsFiles files = Load();
  ASSERT_THAT(files.faults, IsEmpty());
  ASSERT_EQ(files.tenants.size(), 1u);
  const TenantSettings& tenant = files.tenants[0];
  EXPECT_EQ(tenant.tenant_id, "ce58a858-12c6-4de5-9620-2a6b24a71ad4");
  EXPECT_TRUE(tenant.parser.ecs);
  ASSERT_EQ(tenant.parser.mask.size(), 2u);
  EXPECT_EQ(tenant.parser.mask[0].how, "hash");
  EXPECT_EQ(tenant.parser.mask[1].field, "Item.Subject");
  EXPECT_EQ(tenant.parser.mask[1].how, "drop");
  EXPECT_THAT(tenant.detector.lists,
              UnorderedElementsAre(Pair("domains", ElementsAre("contoso.com", "contoso.de"))));
  EXPECT_EQ(tenant.detector.filters_dir, (dir_ / "filters").string());
  ASSERT_EQ(tenant.detector.suppressions.size(), 1u);
  EXPECT_THAT(tenant.detector.suppressions[0].where,
              ElementsAre(Pair("UserId", "scanner@contoso.com")));
}

TEST_F(TenantSettingsTest, EachFaultHasItsLineAndAffectsOnlyItsFile) {
  Write("a.yaml",
        "tenant_id: 11111111-2222-3333-4444-555555555555\n"
        "parser:\n"
        "  mask:\n"
        "    - field: UserId\n"
        "      how: rot13\n"
        "    - how: drop\n"
        "detector:\n"
        "  lists: {domains: contoso.com}\n"
        "  suppressions:\n"
        "    - {rule: abc, owner: soc, reason: r, expires: soon}\n"
        "  supressions: []\n");
  Write("b.yaml", "tenant_id: 22222222-2222-3333-4444-555555555555\n");
  Write("c.yaml", "tenant_id: 22222222-2222-3333-4444-555555555555\n");
  const TenantSettingsFiles files = Load();
  EXPECT_EQ(files.tenants.size(), 1u);
  EXPECT_THAT(
      files.faults,
      ElementsAre(HasSubstr("a.yaml:5: parser.mask[0].how: 'rot13' is not one of hash, drop"),
                  HasSubstr("a.yaml:6: parser.mask[1].field: missing"),
                  HasSubstr("a.yaml:8: detector.lists.domains: expected a list"),
                  HasSubstr("a.yaml:10: detector.suppressions[0].expires: 'soon': must be"),
                  HasSubstr("a.yaml:11: detector.supressions: unknown key; did you mean "
                            "'suppressions'?"),
                  HasSubstr("is already described by")));
}

TEST_F(TenantSettingsTest, AFieldThatCannotBeMaskedIsAFaultWithItsLine) {
  Write("a.yaml",
        "tenant_id: 11111111-2222-3333-4444-555555555555\n"
        "parser:\n"
        "  mask:\n"
        "    - field: UserIdd\n"
        "    - {field: NewThing.Name, undocumented: true}\n"
        "    - field: creationtime\n"
        "    - field: Item..Subject\n"
        "    - field: objectid\n");
  EXPECT_THAT(Load().faults,
              ElementsAre(HasSubstr("a.yaml:4: parser.mask[0].field: 'UserIdd': no field 'UserIdd' "
                                    "is documented"),
                          HasSubstr("a.yaml:6: parser.mask[2].field: 'creationtime': "
                                    "'creationtime' cannot be masked"),
                          HasSubstr("a.yaml:7: parser.mask[3].field: 'Item..Subject': must be")));
}

TEST_F(TenantSettingsTest, AMissingFolderIsAFault) {
  EXPECT_EQ(LoadTenantSettings((dir_ / "none").string()).faults.size(), 1u);
}

TEST(MergeTenantSettingsTest, AFaultyFileKeepsTheOldSettingsOfItsTenant) {
  const auto tenant = [](std::string file, std::string id, bool ecs) {
    TenantSettings settings;
    settings.file = std::move(file);
    settings.tenant_id = std::move(id);
    settings.parser.ecs = ecs;
    return settings;
  };
  const std::vector<TenantSettings> in_force = {tenant("a", "1", true), tenant("b", "2", true),
                                                tenant("c", "3", true)};
  TenantSettingsFiles files;
  files.is_readable = true;
  files.tenants = {tenant("a", "1", false), tenant("d", "4", false)};
  files.faulty = {"b"};
  const std::vector<TenantSettings> merged = MergeTenantSettings(in_force, files);
  ASSERT_EQ(merged.size(), 3u);
  EXPECT_FALSE(merged[0].parser.ecs);
  EXPECT_EQ(merged[1].tenant_id, "4");
  EXPECT_EQ(merged[2].tenant_id, "2");
  EXPECT_TRUE(merged[2].parser.ecs);

  files.is_readable = false;
  EXPECT_EQ(MergeTenantSettings(in_force, files).size(), 3u);
}

}  // namespace
}  // namespace picket
