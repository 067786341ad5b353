// Tests that the services accept the example configuration of deploy/.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "cli/picket_config.h"
#include "common/file.h"
#include "m365/tenant_config.h"

namespace picket {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ExampleConfigurationTest, HasNoFault) {
  PicketConfig config;
  EXPECT_THAT(LoadPicketConfig("deploy/picket.yaml", config), IsEmpty());
  EXPECT_EQ(config.kafka.bootstrap_servers, "kafka:9092");
  EXPECT_EQ(config.topics.replication_factor, 1);
  EXPECT_EQ(config.tenants_dir, "deploy/tenants.d");
}

TEST(ExampleConfigurationTest, TheTenantLacksOnlyItsSecret) {
  namespace fs = std::filesystem;
  const fs::path folder = fs::path(testing::TempDir()) / "example_config_test";
  fs::remove_all(folder);
  fs::create_directories(folder / "tenants.d");
  fs::create_directories(folder / "secrets");
  fs::copy_file("deploy/tenants.d/example.yaml", folder / "tenants.d/contoso.yaml");

  const m365::TenantFiles without = m365::LoadTenants(folder / "tenants.d");
  EXPECT_THAT(without.faults, ElementsAre(HasSubstr("client_secret_file")));

  ASSERT_TRUE(WriteFile(folder / "secrets/contoso", "a-secret-value\n").ok());
  const m365::TenantFiles with = m365::LoadTenants(folder / "tenants.d");
  EXPECT_THAT(with.faults, IsEmpty());
  ASSERT_THAT(with.tenants, SizeIs(1));
  EXPECT_EQ(with.tenants[0].name, "Contoso");
}

}  // namespace
}  // namespace picket
