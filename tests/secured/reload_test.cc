// Tests that a service uses a renewed certificate after SIGHUP, without a restart of the process.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <signal.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/free_port.h"
#include "kafka/admin.h"
#include "tests/cli/command.h"
#include "tests/pipeline/child_process.h"
#include "tests/pipeline/raw_producer.h"
#include "tests/secured/secured_test.h"
#include "tests/support/kafka/cluster_admin.h"
#include "tests/support/wait_for.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr int kPartitions = 2;

class CertificateReloadTest : public SecuredTest {
 protected:
  void SetUp() override {
    SecuredTest::SetUp();
    if (IsSkipped() || HasFatalFailure()) return;
    topics_.prefix = "reload.";
    topics_.partitions = kPartitions;
    topics_.replication_factor = 1;
    ASSERT_TRUE(kafka().IssueCertificate("reload", "CN=first").ok());
    const kafka::KafkaConfig client = kafka().MutualTls("reload");
    std::string properties;
    for (const auto& [key, value] : client.properties) {
      absl::StrAppend(&properties, "    ", key, ": \"", value, "\"\n");
    }
    admin_ = FreePort().value();
    config_ = kafka().File("reload.yaml");
    ASSERT_TRUE(
        WriteFile(
            config_,
            absl::StrCat("kafka:\n  bootstrap_servers: ", client.bootstrap_servers,
                         "\n  instance: reload\n  workers: 1\n  properties:\n", properties,
                         "topics:\n  prefix: ", topics_.prefix, "\n  partitions: ", kPartitions,
                         "\n  replication_factor: 1\nadmin:\n  listen: 127.0.0.1:", admin_, "\n"))
            .ok());
    ASSERT_TRUE(kafka::CreateTopics(kafka().Administrator(), topics_).ok());
    service_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{PicketBinary(), "parse", "--config", config_},
        kafka().File("reload.log"));
  }

  // Returns the ACLs that the service needs as this user.
  std::vector<kafka::AclGrant> GrantsOf(const std::string& user) {
    const CommandResult acls =
        RunPicket({"topics", "acls", "--config", config_, "--service", "parse", "--user", user});
    EXPECT_EQ(acls.exit_status, 0) << acls.err;
    return kafka::ParseAclCommands(acls.out);
  }
  std::string Get(const std::string& page) {
    httplib::Client browser("127.0.0.1", admin_);
    const httplib::Result answer = browser.Get(page);
    return answer == nullptr ? "" : absl::StrCat(answer->status, " ", answer->body);
  }
  bool WaitUntilReady() {
    return WaitFor(absl::Seconds(120), [&] { return Get("/readyz").starts_with("200"); });
  }
  std::string Log() { return ReadFile(kafka().File("reload.log")).value_or(""); }
  // Sends SIGHUP and returns what the service has logged about it.
  std::string Reload() {
    const size_t before = Log().size();
    service_->Signal(SIGHUP);
    EXPECT_TRUE(WaitFor(absl::Seconds(60),
                        [&] { return Log().find("reload_done", before) != std::string::npos; }));
    return Log().substr(before);
  }
  // Sends a message that becomes a dead letter, and waits until the service has committed it.
  bool ProcessesAMessage() {
    RawProducer producer(kafka().Administrator(),
                         kafka::TopicName(topics_.prefix, kafka::Topic::kRaw), kPartitions);
    producer.SendForeign("11111111-2222-3333-4444-555555555555", "no JSON");
    ++sent_;
    const std::string expected = absl::StrCat("} ", sent_, "\n");
    return WaitFor(absl::Seconds(120), [&] {
      const std::string metrics = Get("/metrics");
      const size_t at = metrics.find("\npicket_messages_in_total{");
      return at != std::string::npos &&
             metrics.substr(at, metrics.find('\n', at + 1) + 1 - at).ends_with(expected);
    });
  }

  kafka::TopicsConfig topics_;
  int admin_ = 0;
  int sent_ = 0;
  std::string config_;
  std::unique_ptr<ChildProcess> service_;
};

TEST_F(CertificateReloadTest, ARenewedCertificateIsUsedWithoutARestart) {
  const std::vector<kafka::AclGrant> first = GrantsOf("CN=first");
  const std::vector<kafka::AclGrant> second = GrantsOf("CN=second");
  ASSERT_TRUE(kafka::Grant(kafka().Administrator(), first).ok());
  service_->Start();
  ASSERT_TRUE(WaitUntilReady()) << Get("/readyz") << Log();
  EXPECT_TRUE(ProcessesAMessage());

  // The new certificate is that of another user, so the ACLs show which certificate the clients
  // present.
  ASSERT_TRUE(kafka().IssueCertificate("reload", "CN=second").ok());
  EXPECT_THAT(Reload(), AllOf(HasSubstr("ssl.certificate.location"),
                              HasSubstr("is not used, because a trial with it failed")))
      << "the new user has no ACL yet";
  EXPECT_TRUE(ProcessesAMessage()) << "the old clients go on";

  ASSERT_TRUE(kafka::Grant(kafka().Administrator(), second).ok());
  const std::string log = Reload();
  EXPECT_THAT(log, AllOf(HasSubstr("ssl.certificate.location"), HasSubstr("faults=0")));
  ASSERT_TRUE(WaitFor(absl::Seconds(60),
                      [&] { return Log().find("kafka_clients_replaced") != std::string::npos; }));
  ASSERT_TRUE(kafka::Withdraw(kafka().Administrator(), first).ok());
  EXPECT_TRUE(ProcessesAMessage()) << Get("/readyz") << Log();
  EXPECT_TRUE(WaitUntilReady()) << Get("/readyz");

  // A broken file is refused, and the service goes on.
  ASSERT_TRUE(WriteFile(kafka().File("reload.pem"), "no certificate\n").ok());
  EXPECT_THAT(Reload(), AllOf(HasSubstr("reload_fault"), Not(HasSubstr("faults=0"))));
  EXPECT_TRUE(ProcessesAMessage());
  service_->Signal(SIGTERM);
  EXPECT_EQ(service_->Wait(absl::Seconds(30)), 0);
}

}  // namespace
}  // namespace picket
