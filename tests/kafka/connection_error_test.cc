#include "kafka/connection_error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "kafka/client_config.h"

namespace picket::kafka {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

constexpr int kDebian12 = 0x020002ff;
constexpr char kInvalidCredentials[] =
    "sasl_ssl://127.0.0.1:9093/bootstrap: SASL authentication error: Authentication failed during "
    "authentication due to invalid credentials with SASL mechanism SCRAM-SHA-512 (after 309ms in "
    "state AUTH_REQ, 2 identical error(s) suppressed)";

TEST(ConnectionErrorTest, AFailedLoginWithScramNamesTheFaultOfTheLibraryAndNotThePassword) {
  const ExplainedError error = ExplainClientError(
      RD_KAFKA_RESP_ERR__AUTHENTICATION, kInvalidCredentials, {"SCRAM-SHA-512"}, kDebian12);
  EXPECT_TRUE(error.is_explained);
  EXPECT_THAT(error.text,
              AllOf(HasSubstr("the password may be right"), HasSubstr("librdkafka "),
                    HasSubstr("Apache Kafka 4"), HasSubstr("SCRAM-SHA-512"), HasSubstr("2.6.1")));
}

TEST(ConnectionErrorTest, AFailedLoginWithALaterLibraryOrAnotherMechanismNamesThePassword) {
  for (const auto& [mechanism, version] :
       {std::pair("SCRAM-SHA-512", kFirstVersionWithScram), std::pair("PLAIN", kDebian12)}) {
    const ExplainedError error = ExplainClientError(RD_KAFKA_RESP_ERR__AUTHENTICATION,
                                                    kInvalidCredentials, {mechanism}, version);
    EXPECT_THAT(error.text, AllOf(HasSubstr("refuse the user name or the password"),
                                  HasSubstr("kafka.sasl_password_file"), Not(HasSubstr("2.6.1"))));
  }
}

TEST(ConnectionErrorTest, ARefusedCertificateOfABrokerNamesTheFileWithTheCa) {
  const ExplainedError error = ExplainClientError(
      RD_KAFKA_RESP_ERR__SSL,
      "ssl://k1:9093/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate "
      "verify failed: broker certificate could not be verified, verify that ssl.ca.location is "
      "correctly configured or root CA certificates are installed (install ca-certificates "
      "package) (after 12ms in state SSL_HANDSHAKE)",
      {"", "/etc/ca.pem", ""}, kDebian12);
  EXPECT_EQ(error.text,
            "the certificate of broker k1:9093 is not signed by a CA in /etc/ca.pem; let "
            "ssl.ca.location name the file with the CA of the cluster");
}

TEST(ConnectionErrorTest, ABrokerThatWantsACertificateIsExplained) {
  const std::string alert =
      "ssl://k1:9093/1: SSL transport error: error:0A00045C:SSL routines::tlsv13 alert certificate "
      "required (after 5ms in state APIVERSION_QUERY)";
  EXPECT_THAT(ExplainClientError(RD_KAFKA_RESP_ERR__SSL, alert, {}, kDebian12).text,
              HasSubstr("broker k1:9093 requires a certificate of ours; set "
                        "ssl.certificate.location"));
  EXPECT_THAT(
      ExplainClientError(RD_KAFKA_RESP_ERR__SSL, alert, {"", "", "/etc/me.pem"}, kDebian12).text,
      HasSubstr("refuses our certificate /etc/me.pem (alert certificate required)"));
}

TEST(ConnectionErrorTest, OtherErrorsLoseOnlyThePartsThatDifferEachTime) {
  const ExplainedError error = ExplainClientError(
      RD_KAFKA_RESP_ERR__TRANSPORT,
      "k1:9093/1: Connect to ipv4#10.0.0.1:9093 failed: Connection refused (after 3ms in state "
      "CONNECT, 7 identical error(s) suppressed)",
      {}, kDebian12);
  EXPECT_FALSE(error.is_explained);
  EXPECT_EQ(error.text, "k1:9093/1: Connect to ipv4#10.0.0.1:9093 failed: Connection refused");
}

TEST(ConnectionErrorTest, AFileThatCannotBeReadIsNamed) {
  for (const char* property : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location"}) {
    KafkaConfig kafka;
    kafka.properties["security.protocol"] = "ssl";
    kafka.properties[property] = "/no/such/file.pem";
    auto conf = ChangelogConf(kafka);
    ASSERT_TRUE(conf.ok()) << conf.status();
    const auto handle = MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf));
    EXPECT_EQ(std::string(handle.status().message()),
              std::string("kafka.properties: ") + property +
                  ": read /no/such/file.pem: No such file or directory");
  }
}

TEST(ConnectionErrorTest, AFileThatIsNoKeyIsNamed) {
  KafkaConfig kafka;
  kafka.properties["security.protocol"] = "ssl";
  kafka.properties["ssl.key.location"] = "/etc/passwd";
  auto conf = ChangelogConf(kafka);
  ASSERT_TRUE(conf.ok()) << conf.status();
  EXPECT_THAT(std::string(MakeHandle(RD_KAFKA_CONSUMER, *std::move(conf)).status().message()),
              AllOf(HasSubstr("ssl.key.location: /etc/passwd contains no valid key"),
                    HasSubstr("kafka.ssl_key_password_file")));
}

TEST(ConnectionErrorTest, ScramIsWarnedOfUntilTheVersionThatCorrectsIt) {
  KafkaConfig kafka;
  EXPECT_THAT(ConnectionWarnings(kafka, kDebian12), IsEmpty());
  kafka.properties["sasl.mechanism"] = "SCRAM-SHA-256";
  EXPECT_THAT(ConnectionWarnings(kafka, kDebian12),
              ElementsAre(AllOf(HasSubstr("SCRAM-SHA-256"), HasSubstr("2.6.1"))));
  EXPECT_THAT(ConnectionWarnings(kafka, kFirstVersionWithScram), IsEmpty());
}

TEST(ConnectionErrorTest, OAuthIsRefusedIfTheLibraryWasBuiltWithoutIt) {
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(
      rd_kafka_conf_new(), rd_kafka_conf_destroy);
  const bool has_oidc = rd_kafka_conf_set(conf.get(), "sasl.oauthbearer.method", "oidc", nullptr,
                                          0) == RD_KAFKA_CONF_OK;
  for (const auto& [name, value] :
       {std::pair("sasl.mechanism", "OAUTHBEARER"), std::pair("sasl.mechanisms", "oauthbearer"),
        std::pair("sasl.oauthbearer.method", "oidc")}) {
    const std::string refusal = RefusalOfMechanism(name, value);
    EXPECT_EQ(refusal.empty(), has_oidc) << name;
    if (!has_oidc) {
      EXPECT_THAT(refusal,
                  AllOf(HasSubstr("OAUTHBEARER does not work"), HasSubstr("built without OIDC")));
    }
  }
  EXPECT_EQ(RefusalOfMechanism("sasl.mechanism", "PLAIN"), "");
}

}  // namespace
}  // namespace picket::kafka
