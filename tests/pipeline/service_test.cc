// Tests a service whose cluster cannot be reached.

#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>
#include <unistd.h>

#include <filesystem>
#include <random>

#include "common/file.h"
#include "common/free_port.h"
#include "common/strings.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/pipeline.h"

namespace picket {
namespace {

TEST(ServiceTest, WithoutABrokerItIsNotReadyReportsItAndRetries) {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() /
      absl::StrCat("picket-service-test-", getpid(), "-", absl::Hex(std::random_device{}()));
  std::filesystem::create_directories(folder);
  const int broker = FreePort().value();
  const int admin = FreePort().value();
  const std::string config = (folder / "picket.yaml").string();
  const std::string log = (folder / "log").string();
  ASSERT_TRUE(WriteFile(config, absl::StrCat("kafka:\n  bootstrap_servers: 127.0.0.1:", broker,
                                             "\nadmin:\n  listen: 127.0.0.1:", admin, "\n"))
                  .ok());
  ChildProcess service({PicketBinary(), "parse", "--config", config}, log);
  service.Start();

  httplib::Client client("127.0.0.1", admin);
  std::string reason;
  EXPECT_TRUE(WaitFor(absl::Seconds(30), [&] {
    const httplib::Result answer = client.Get("/readyz");
    if (answer == nullptr || answer->status != 503) return false;
    reason = answer->body;
    return reason.find("broker unreachable") != std::string::npos;
  })) << reason;
  EXPECT_NE(reason.find(absl::StrCat("127.0.0.1:", broker)), std::string::npos) << reason;
  const httplib::Result health = client.Get("/healthz");
  ASSERT_NE(health, nullptr);
  EXPECT_EQ(health->status, 200);
  // The service logs the failure more than once, which shows that the service retries.
  EXPECT_TRUE(WaitFor(absl::Seconds(60), [&] {
    const std::string text = ReadFile(log).value_or("");
    const size_t first = text.find("topics_check_failed");
    return first != std::string::npos &&
           text.find("topics_check_failed", first + 1) != std::string::npos;
  })) << ReadFile(log).value_or("");
  service.Signal(SIGTERM);
  EXPECT_EQ(service.Wait(absl::Seconds(15)), 0);
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace picket
