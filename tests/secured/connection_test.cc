// Tests the ways in which a client can connect to a secured Kafka, and the sentence that describes
// each failure.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>

#include <filesystem>
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "cli/exit_status.h"
#include "common/file.h"
#include "common/free_port.h"
#include "kafka/admin.h"
#include "kafka/connection_error.h"
#include "tests/cli/command.h"
#include "tests/pipeline/child_process.h"
#include "tests/secured/secured_test.h"

namespace picket {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class ConnectionTest : public SecuredTest {
 protected:
  // Returns the error of a first contact, or an empty string.
  static std::string ErrorOf(const kafka::KafkaConfig& client) {
    return std::string(kafka::DescribeTopics(client, {}, kafka::AllTopicUses(), absl::Seconds(3))
                           .status()
                           .message());
  }
};

TEST_F(ConnectionTest, TlsMutualTlsAndPlainOverTlsWork) {
  EXPECT_EQ(ErrorOf(kafka().Tls()), "");
  EXPECT_EQ(ErrorOf(kafka().MutualTls("picket-detect")), "");
  EXPECT_EQ(ErrorOf(kafka().Plain("picket-parse")), "");
}

TEST_F(ConnectionTest, ScramWorksOnlyWithALibraryThatHasTheCorrection) {
  const std::string error = ErrorOf(kafka().Scram());
  if (rd_kafka_version() >= kafka::kFirstVersionWithScram) {
    EXPECT_EQ(error, "");
  } else {
    EXPECT_THAT(error, AllOf(HasSubstr("the password may be right: librdkafka "),
                             HasSubstr("cannot log in to Apache Kafka 4 with SCRAM-SHA-512"),
                             HasSubstr("2.6.1")));
  }
}

TEST_F(ConnectionTest, AWrongPasswordIsAnErrorAboutThePassword) {
  kafka::KafkaConfig client = kafka().Plain("picket-parse");
  client.sasl_password_file = kafka().File("wrong-password");
  EXPECT_THAT(ErrorOf(client),
              AllOf(HasSubstr("the brokers refuse the user name or the password (PLAIN)"),
                    HasSubstr("kafka.sasl_password_file"), Not(HasSubstr("wrong"))));
}

TEST_F(ConnectionTest, AForeignCaIsAnErrorThatNamesTheFile) {
  kafka::KafkaConfig client = kafka().Tls();
  client.properties["ssl.ca.location"] = kafka().File("foreign.pem");
  EXPECT_THAT(ErrorOf(client),
              AllOf(HasSubstr("the certificate of broker 127.0.0.1:"),
                    HasSubstr("is not signed by a CA in " + kafka().File("foreign.pem")),
                    HasSubstr("ssl.ca.location"), Not(HasSubstr("is Kafka running"))));
}

TEST_F(ConnectionTest, AnExpiredCertificateIsAnErrorWithItsLastDay) {
  EXPECT_THAT(ErrorOf(kafka().ExpiredCertificate()),
              AllOf(HasSubstr("the certificate of broker 127.0.0.1:"), HasSubstr(" expired on 20"),
                    HasSubstr("must renew it"), Not(HasSubstr("ssl.ca.location"))));
}

TEST_F(ConnectionTest, ACertificateOfAnotherHostIsAnErrorWithTheNamesThatItHas) {
  EXPECT_THAT(ErrorOf(kafka().CertificateOfAnotherHost()),
              AllOf(HasSubstr("is for another name (kafka.example)"),
                    HasSubstr("kafka.bootstrap_servers"), Not(HasSubstr("ssl.ca.location"))));
}

TEST_F(ConnectionTest, ABrokerThatWantsACertificateSaysSo) {
  kafka::KafkaConfig client = kafka().MutualTls("picket-detect");
  client.properties.erase("ssl.certificate.location");
  client.properties.erase("ssl.key.location");
  EXPECT_THAT(ErrorOf(client), HasSubstr("requires a certificate of ours; set "
                                         "ssl.certificate.location and ssl.key.location"));
}

TEST_F(ConnectionTest, AFileThatDoesNotExistIsNamed) {
  kafka::KafkaConfig client = kafka().Tls();
  client.properties["ssl.ca.location"] = kafka().File("missing.pem");
  EXPECT_EQ(ErrorOf(client),
            absl::StrCat("kafka.properties: ssl.ca.location: read ", kafka().File("missing.pem"),
                         ": No such file or directory"));
}

TEST_F(ConnectionTest, AServiceReportsTheReasonOnceItIsStarted) {
  const int admin = FreePort().value();
  const std::string config = kafka().File("service.yaml");
  ASSERT_TRUE(WriteFile(config, absl::StrCat("kafka:\n  bootstrap_servers: ",
                                             kafka().Tls().bootstrap_servers,
                                             "\n  properties:\n    security.protocol: ssl\n"
                                             "    ssl.ca.location: ",
                                             kafka().File("foreign.pem"),
                                             "\nadmin:\n  listen: 127.0.0.1:", admin, "\n"))
                  .ok());
  ChildProcess service({PicketBinary(), "parse", "--config", config}, kafka().File("service.log"));
  service.Start();
  httplib::Client browser("127.0.0.1", admin);
  std::string reason;
  for (int i = 0; i < 300 && reason.find("foreign.pem") == std::string::npos; ++i) {
    const httplib::Result answer = browser.Get("/readyz");
    if (answer != nullptr && answer->status == 503) reason = answer->body;
    absl::SleepFor(absl::Milliseconds(100));
  }
  EXPECT_THAT(reason, HasSubstr("is not signed by a CA in " + kafka().File("foreign.pem")));
  EXPECT_THAT(ReadFile(kafka().File("service.log")).value_or(""),
              HasSubstr("is not signed by a CA in " + kafka().File("foreign.pem")));
  service.Signal(SIGTERM);
  EXPECT_EQ(service.Wait(absl::Seconds(15)), 0);
}

TEST_F(ConnectionTest, OAuthIsRefusedWhenTheFileIsRead) {
  const std::string config = kafka().File("oauth.yaml");
  ASSERT_TRUE(WriteFile(config,
                        "kafka:\n  bootstrap_servers: 127.0.0.1:1\n  properties:\n"
                        "    security.protocol: sasl_ssl\n    sasl.mechanism: OAUTHBEARER\n")
                  .ok());
  const bool has_oidc = kafka::RefusalOfMechanism("sasl.mechanism", "OAUTHBEARER").empty();
  if (has_oidc) GTEST_SKIP() << "this librdkafka has OIDC";
  for (const char* command : {"parse", "config check"}) {
    std::vector<std::string> arguments = {"parse", "--config", config};
    if (std::string(command) != "parse") arguments = {"config", "check", "--config", config};
    const CommandResult result = RunPicket(arguments);
    EXPECT_EQ(result.exit_status, kExitWrongUsage);
    EXPECT_THAT(result.err + result.out,
                HasSubstr("OAUTHBEARER does not work, because librdkafka "));
  }
}

}  // namespace
}  // namespace picket
