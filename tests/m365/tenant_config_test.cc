#include "m365/tenant_config.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace picket::m365 {
namespace {

constexpr char kHeader[] =
    "tenant_id: CE58A858-12c6-4de5-9620-2a6b24a71ad4\n"
    "client_id: 22222222-2222-2222-2222-222222222222\n";

class LoadTenantsTest : public testing::Test {
 protected:
  LoadTenantsTest() {
    dir_ = std::filesystem::path(testing::TempDir()) /
           testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(dir_);
    std::filesystem::create_directories(dir_);
    Write("secret", "the-value\r\n");
  }
  ~LoadTenantsTest() override { std::filesystem::remove_all(dir_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(dir_ / name) << text;
  }
  TenantFiles Load() { return LoadTenants(dir_.string()); }
  static std::string Faults(const TenantFiles& files) { return absl::StrJoin(files.faults, "\n"); }

  std::filesystem::path dir_;
};

TEST_F(LoadTenantsTest, EachFileIsATenantAndItsSecretIsTrimmed) {
  Write("contoso.yaml", absl::StrCat(kHeader, "client_secret_file: secret\n"));
  const TenantFiles files = Load();
  ASSERT_TRUE(files.faults.empty()) << Faults(files);
  ASSERT_EQ(files.tenants.size(), 1u);
  const TenantConfig& tenant = files.tenants[0];
  EXPECT_EQ(tenant.tenant_id, "ce58a858-12c6-4de5-9620-2a6b24a71ad4");
  EXPECT_EQ(tenant.client_secret.Reveal(), "the-value");
  EXPECT_EQ(tenant.content_types.size(), 4u);
  EXPECT_EQ(EndpointsOf(tenant).api_url, "https://manage.office.com");
}

TEST_F(LoadTenantsTest, TheFaultsOfAllFilesAreReportedAndTheValidFileIsUsed) {
  Write("a.yaml", "tenant_id: contoso.onmicrosoft.com\nclient_id: x\ncolour: red\n");
  Write("b.yaml", absl::StrCat(kHeader, "client_secret_file: missing\n"));
  Write("c.yaml", absl::StrCat(kHeader, "client_secret_file: secret\n"));
  Write("notes.txt", "not a tenant");
  const TenantFiles files = Load();
  EXPECT_EQ(files.tenants.size(), 1u);
  const std::string faults = Faults(files);
  for (const char* expected :
       {"a.yaml:1: tenant_id", "a.yaml:2: client_id", "colour", "client_secret_file", "missing"}) {
    EXPECT_NE(faults.find(expected), std::string::npos) << expected << " in\n" << faults;
  }
}

TEST_F(LoadTenantsTest, TheIdOfASecretInsteadOfItsValueIsReported) {
  Write("id", "33333333-3333-3333-3333-333333333333\n");
  Write("a.yaml", absl::StrCat(kHeader, "client_secret_file: id\n"));
  const std::string faults = Faults(Load());
  EXPECT_NE(faults.find("looks like the secret's ID"), std::string::npos) << faults;
  EXPECT_EQ(faults.find("33333333"), std::string::npos) << "not even the id is shown";
}

TEST_F(LoadTenantsTest, TwoFilesForOneTenantAreAFault) {
  Write("a.yaml", absl::StrCat(kHeader, "client_secret_file: secret\n"));
  Write("b.yaml", absl::StrCat(kHeader, "client_secret_file: secret\n"));
  EXPECT_NE(Faults(Load()).find("already collected by"), std::string::npos);
}

TEST_F(LoadTenantsTest, ACustomCloudNeedsHostsAndMayUsePlainHttpOnlyOnThisMachine) {
  const std::string head = absl::StrCat(kHeader, "client_secret_file: secret\ncloud: custom\n");
  Write("a.yaml", head);
  EXPECT_NE(Faults(Load()).find("api_url: needed"), std::string::npos);
  Write("a.yaml", head + "login_url: http://127.0.0.1:8080/\napi_url: http://localhost:8080\n");
  const TenantFiles files = Load();
  ASSERT_TRUE(files.faults.empty()) << Faults(files);
  EXPECT_EQ(EndpointsOf(files.tenants[0]).login_url, "http://127.0.0.1:8080");
  Write("a.yaml", head + "login_url: https://login.example\napi_url: http://api.example\n");
  EXPECT_NE(Faults(Load()).find("must begin with https://"), std::string::npos);
}

TEST_F(LoadTenantsTest, ATenantOfAMicrosoftCloudCannotSetItsOwnHosts) {
  Write("a.yaml",
        absl::StrCat(kHeader, "client_secret_file: secret\napi_url: https://evil.example\n"));
  EXPECT_NE(Faults(Load()).find("cloud: custom"), std::string::npos);
}

TEST_F(LoadTenantsTest, AnEmptyFolderAndAMissingOneAreFaults) {
  EXPECT_EQ(Load().faults.size(), 1u);
  EXPECT_EQ(LoadTenants((dir_ / "none").string()).faults.size(), 1u);
}

class CompareTenantsTest : public LoadTenantsTest {
 protected:
  // Writes the file of a tenant whose id ends in `digit`.
  void WriteTenant(int digit, const std::string& more = "") {
    Write(absl::StrCat("t", digit, ".yaml"),
          absl::StrCat("tenant_id: 00000000-0000-0000-0000-00000000000", digit,
                       "\nclient_id: 22222222-2222-2222-2222-222222222222\n"
                       "client_secret_file: secret\n",
                       more));
  }
  static std::string IdOf(int digit) {
    return absl::StrCat("00000000-0000-0000-0000-00000000000", digit);
  }
  using Ids = std::vector<std::string>;
};

TEST_F(CompareTenantsTest, AddedRemovedAndChangedTenantsAreNamed) {
  for (int digit : {1, 2, 3}) WriteTenant(digit);
  const std::vector<TenantConfig> in_force = Load().tenants;
  WriteTenant(2, "weight: 5\n");
  std::filesystem::remove(dir_ / "t3.yaml");
  WriteTenant(4);
  const TenantChanges changes = CompareTenants(in_force, Load());
  EXPECT_EQ(changes.added, Ids{IdOf(4)});
  EXPECT_EQ(changes.removed, Ids{IdOf(3)});
  EXPECT_EQ(changes.changed, Ids{IdOf(2)});
  EXPECT_EQ(changes.tenants.size(), 3u);
}

TEST_F(CompareTenantsTest, AChangedSecretOrNameIsAChangeAndASettingOfTheParserIsNot) {
  WriteTenant(1);
  const std::vector<TenantConfig> in_force = Load().tenants;
  WriteTenant(1, "parser: {ecs: true}\n");
  EXPECT_TRUE(CompareTenants(in_force, Load()).changed.empty());
  WriteTenant(1, "name: Contoso\n");
  EXPECT_EQ(CompareTenants(in_force, Load()).changed, Ids{IdOf(1)});
  WriteTenant(1);
  Write("secret", "another-value\n");
  EXPECT_EQ(CompareTenants(in_force, Load()).changed, Ids{IdOf(1)});
}

TEST_F(CompareTenantsTest, ATenantWhoseFileHasAnErrorKeepsItsSettings) {
  for (int digit : {1, 2}) WriteTenant(digit);
  const std::vector<TenantConfig> in_force = Load().tenants;
  Write("t1.yaml", "tenant_id: nonsense\n");
  WriteTenant(3);
  TenantFiles files = Load();
  EXPECT_FALSE(files.faults.empty());
  const TenantChanges changes = CompareTenants(in_force, std::move(files));
  EXPECT_TRUE(changes.removed.empty());
  EXPECT_EQ(changes.added, Ids{IdOf(3)});
  EXPECT_EQ(changes.tenants.size(), 3u);
}

TEST_F(CompareTenantsTest, AnEmptyOrMissingFolderChangesNothing) {
  WriteTenant(1);
  const std::vector<TenantConfig> in_force = Load().tenants;
  std::filesystem::remove(dir_ / "t1.yaml");
  EXPECT_EQ(CompareTenants(in_force, Load()).tenants.size(), 1u);
  std::filesystem::remove_all(dir_);
  EXPECT_EQ(CompareTenants(in_force, Load()).tenants.size(), 1u);
}

}  // namespace
}  // namespace picket::m365
