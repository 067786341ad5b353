// Tests SIGHUP on real processes. The tests need no broker, because a service reads its
// configuration again whether it can reach a broker or not.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <sys/stat.h>

#include <fstream>
#include <functional>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "common/free_port.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/pipeline.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kTenant[] = "11111111-2222-3333-4444-555555555555";

std::string Rule(std::string_view id) {
  return absl::StrCat("title: Rule ", std::string(id), "\nid: ", std::string(id),
                      "\nlevel: high\nlogsource: {product: m365}\ndetection:\n  s: {Operation: X}\n"
                      "  condition: s\n");
}

class ReloadTest : public testing::Test {
 protected:
  ReloadTest()
      : broker_(FreePort().value()), admin_(FreePort().value()), client_("127.0.0.1", admin_) {}

  // Writes picket.yaml with the lines of the test.
  void Configure(const std::string& kafka, const std::string& admin, const std::string& rest = "") {
    folder_.Write("picket.yaml",
                  absl::StrCat("kafka:\n  bootstrap_servers: 127.0.0.1:", broker_, "\n", kafka,
                               "admin:\n  listen: 127.0.0.1:", admin_, "\n", admin, rest));
  }
  void Start(const std::string& command) {
    service_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{PicketBinary(), command, "--config", folder_.Path("picket.yaml")},
        folder_.Path("log"));
    service_->Start();
  }
  bool WaitUntilHealthy() {
    return WaitFor(absl::Seconds(60), [&] {
      const httplib::Result answer = client_.Get("/healthz");
      return answer != nullptr && answer->status == 200;
    });
  }
  std::string Log() { return ReadFile(folder_.Path("log")).value_or(""); }
  // Sends SIGHUP and returns what the service has logged about it.
  std::string Reload() {
    const size_t before = Log().size();
    service_->Signal(SIGHUP);
    std::string log;
    EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
      log = Log().substr(before);
      return log.find(" reload_done ") != std::string::npos && log.ends_with("\n");
    })) << log;
    return log;
  }
  void ExpectItStopsCleanly() {
    service_->Signal(SIGTERM);
    EXPECT_EQ(service_->Wait(absl::Seconds(30)), 0);
  }

  TempFolder folder_;
  const int broker_, admin_;
  httplib::Client client_;
  std::unique_ptr<ChildProcess> service_;
};

// Returns true if the first thread of the process has blocked SIGHUP.
bool BlocksHangup(pid_t pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with("SigBlk:")) continue;
    return (std::stoull(line.substr(7), nullptr, 16) >> (SIGHUP - 1) & 1) != 0;
  }
  return false;
}

TEST_F(ReloadTest, SignalsDuringTheStartAndTheRunNeverEndTheProcess) {
  folder_.Write("tenants.d/a.yaml",
                absl::StrCat("tenant_id: ", kTenant, "\nparser: {ecs: true}\n"));
  Configure("", "", "tenants_dir: tenants.d\n");
  for (const char* command : {"parse", "detect"}) {
    Start(command);
    // Until main has blocked the signal, the signal ends the process, and the program cannot
    // prevent this.
    ASSERT_TRUE(WaitFor(absl::Seconds(30), [&] { return BlocksHangup(service_->pid()); }));
    for (int i = 0; i < 20; ++i) {
      service_->Signal(SIGHUP);
      absl::SleepFor(absl::Milliseconds(5));
    }
    ASSERT_TRUE(WaitUntilHealthy()) << Log();
    for (int i = 0; i < 20; ++i) {
      service_->Signal(SIGHUP);
      absl::SleepFor(absl::Milliseconds(15));
    }
    // The log leaves out lines of an event that is logged very often, so this may take some time.
    const size_t before = Log().size();
    EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
      service_->Signal(SIGHUP);
      absl::SleepFor(absl::Milliseconds(200));
      return Log().find("reload_done", before) != std::string::npos;
    })) << Log();
    EXPECT_TRUE(WaitUntilHealthy());
    ExpectItStopsCleanly();
  }
}

TEST_F(ReloadTest, TheLogNamesWhatChangedAndWhatNeedsARestart) {
  Configure("  instance: a\n", "", "");
  Start("parse");
  ASSERT_TRUE(WaitUntilHealthy()) << Log();
  EXPECT_THAT(Reload(), HasSubstr("changed=nothing needs_restart=nothing faults=0"));

  Configure("  instance: b\n  properties: {linger.ms: 7}\n", "");
  EXPECT_THAT(Reload(), HasSubstr("reload_fault")) << "the property is not allowed";

  Configure("  instance: b\n", "  log_level: debug\n");
  const std::string log = Reload();
  EXPECT_THAT(log, HasSubstr("changed=\"admin.log_level is debug\""));
  EXPECT_THAT(log, HasSubstr("needs_restart=kafka.instance"));
  ExpectItStopsCleanly();
}

TEST_F(ReloadTest, ABrokenFileKeepsTheOldConfigurationAndIsReported) {
  Configure("", "");
  Start("parse");
  ASSERT_TRUE(WaitUntilHealthy()) << Log();
  folder_.Write("picket.yaml", "admin:\n  log_level: loud\n  colour: red\n: [\n");
  EXPECT_THAT(Reload(), HasSubstr("reload_fault"));
  folder_.Write("picket.yaml", "admin:\n  log_level: loud\n");
  const std::string log = Reload();
  EXPECT_THAT(log, HasSubstr("'loud' is not one of"));
  EXPECT_THAT(log, HasSubstr("faults=1"));
  std::filesystem::remove(folder_.Path("picket.yaml"));
  EXPECT_THAT(Reload(), HasSubstr("reload_fault"));
  ASSERT_TRUE(WaitUntilHealthy());
  Configure("", "  log_level: debug\n");
  EXPECT_THAT(Reload(), HasSubstr("admin.log_level is debug"));
  ExpectItStopsCleanly();
}

TEST_F(ReloadTest, TheDetectorReadsRulesAtOnceAndUsesANewToken) {
  folder_.Write("rules/a.yml", Rule("aaaaaaaa-0000-4000-8000-000000000001"));
  const std::string detector = "detector:\n  rules_dir: rules\n  reload_interval_secs: 3600\n";
  Configure("", "", detector);
  Start("detect");
  ASSERT_TRUE(WaitUntilHealthy()) << Log();
  const auto rules = [&] {
    const httplib::Result answer = client_.Get("/rules");
    return answer == nullptr ? std::string() : answer->body;
  };
  ASSERT_TRUE(WaitFor(absl::Seconds(30), [&] {
    return rules().find("\"rules\":1") != std::string::npos;
  })) << rules();

  folder_.Write("rules/b.yml", Rule("bbbbbbbb-0000-4000-8000-000000000002"));
  Reload();
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] {
    return rules().find("\"rules\":2") != std::string::npos;
  })) << rules();

  folder_.Write("token", "0123456789abcdef\n");
  chmod(folder_.Path("token").c_str(), 0600);
  Configure("", "  token_file: token\n", detector);
  EXPECT_THAT(Reload(), HasSubstr("changed=\"admin.token_file"));
  const httplib::Result refused = client_.Get("/rules");
  ASSERT_NE(refused, nullptr);
  EXPECT_EQ(refused->status, 401);
  const httplib::Result read =
      client_.Get("/rules", httplib::Headers{{"Authorization", "Bearer 0123456789abcdef"}});
  ASSERT_NE(read, nullptr);
  EXPECT_EQ(read->status, 200);
  EXPECT_THAT(Log(), Not(HasSubstr("0123456789abcdef")));
  ExpectItStopsCleanly();
}

TEST_F(ReloadTest, TheFetcherReportsChangedTenants) {
  const std::vector<simulator::Tenant> tenants = simulator::InventTenants(2, 7);
  ASSERT_TRUE(simulator::WriteTenantFiles(folder_.Path(), {tenants[0]}, "http://127.0.0.1:1").ok());
  Configure("", "", "tenants_dir: tenants.d\n");
  Start("fetch");
  ASSERT_TRUE(WaitUntilHealthy()) << Log();
  ASSERT_TRUE(simulator::WriteTenantFiles(folder_.Path(), tenants, "http://127.0.0.1:1").ok());
  EXPECT_THAT(Reload(), HasSubstr(absl::StrCat("1 tenant added (", tenants[1].id, ")")));

  folder_.Write("tenants.d/broken.yaml", "tenant_id: nonsense\n");
  const std::string log = Reload();
  EXPECT_THAT(log, HasSubstr("broken.yaml:1: tenant_id"));
  EXPECT_THAT(log, HasSubstr("changed=nothing"));
  ExpectItStopsCleanly();
}

}  // namespace
}  // namespace picket
