// Runs the three services of one machine from one picket.yaml.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <array>
#include <cstdlib>
#include <memory>
#include <random>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/file.h"
#include "common/free_port.h"
#include "kafka/admin.h"
#include "simulator/feed.h"
#include "simulator/simulator.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/pipeline.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

constexpr std::array<const char*, 3> kServices = {"fetch", "parse", "detect"};

// Starts three processes with the same file. Only their flags differ.
class SharedConfigTest : public testing::Test {
 protected:
  void Start(const std::string& kafka) {
    auto started = simulator::Simulator::Start({.tenants = simulator::InventTenants(2, 7)}, clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    ASSERT_TRUE(
        simulator::WriteTenantFiles(folder_.Path(), simulator_->tenants(), simulator_->url()).ok());
    // The simulator already uses the address in the file, so a service that ignored --listen would
    // not start.
    folder_.Write("picket.yaml", absl::StrCat(kafka, "tenants_dir: tenants.d\nadmin:\n  listen: ",
                                              "127.0.0.1:", simulator_->port(), "\n"));
    for (size_t i = 0; i < kServices.size(); ++i) {
      ports_[i] = FreePort().value();
      services_[i] = std::make_unique<ChildProcess>(
          std::vector<std::string>{PicketBinary(), kServices[i], "--config",
                                   folder_.Path("picket.yaml"), "--listen",
                                   absl::StrCat("127.0.0.1:", ports_[i]), "--instance",
                                   absl::StrCat(kServices[i], "-1")},
          folder_.Path(absl::StrCat(kServices[i], ".log")));
      services_[i]->Start();
    }
  }
  // Waits until every service answers the page with this status.
  void ExpectStatus(const char* page, int status) {
    for (size_t i = 0; i < kServices.size(); ++i) {
      httplib::Client client("127.0.0.1", ports_[i]);
      std::string last;
      EXPECT_TRUE(WaitFor(absl::Seconds(90),
                          [&] {
                            const httplib::Result answer = client.Get(page);
                            if (answer != nullptr) last = answer->body;
                            return answer != nullptr && answer->status == status;
                          }))
          << kServices[i] << ": " << last << "\n"
          << ReadFile(services_[i]->log_path()).value_or("");
    }
  }
  void ExpectTheyStopCleanly() {
    for (const auto& service : services_) service->Signal(SIGTERM);
    for (const auto& service : services_) EXPECT_EQ(service->Wait(absl::Seconds(60)), 0);
  }

  TempFolder folder_;
  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::array<int, 3> ports_ = {};
  std::array<std::unique_ptr<ChildProcess>, 3> services_;
};

TEST_F(SharedConfigTest, EachServiceHasItsOwnAddressAndInstance) {
  Start(absl::StrCat("kafka:\n  bootstrap_servers: 127.0.0.1:", FreePort().value(), "\n"));
  ExpectStatus("/healthz", 200);
  ExpectStatus("/readyz", 503);  // there is no broker
  for (size_t i = 0; i < kServices.size(); ++i) {
    EXPECT_THAT(ReadFile(services_[i]->log_path()).value_or(""),
                testing::HasSubstr(absl::StrCat("instance=", kServices[i], "-1")));
  }
  ExpectTheyStopCleanly();
}

TEST_F(SharedConfigTest, AllThreeAreReadyOnARealKafka) {
  const char* const servers = std::getenv("PICKET_TEST_KAFKA");
  if (servers == nullptr) GTEST_SKIP() << "PICKET_TEST_KAFKA is not set";
  kafka::KafkaConfig kafka;
  kafka.bootstrap_servers = servers;
  kafka::TopicsConfig topics;
  topics.prefix = absl::StrCat("shared-", absl::Hex(std::random_device{}()), ".");
  topics.partitions = 4;
  topics.replication_factor = 1;
  const auto made = kafka::CreateTopics(kafka, topics);
  ASSERT_TRUE(made.ok()) << made.status();
  Start(absl::StrCat("kafka:\n  bootstrap_servers: ", servers,
                     "\n  workers: 1\ntopics:\n  prefix: ", topics.prefix,
                     "\n  partitions: 4\n  replication_factor: 1\n"));
  ExpectStatus("/readyz", 200);
  ExpectTheyStopCleanly();
}

}  // namespace
}  // namespace picket
