#include "tests/secured/secured_kafka.h"

#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <random>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/free_port.h"
#include "common/status_macros.h"
#include "tests/cli/command.h"
#include "tests/support/kafka/cluster_admin.h"

namespace picket {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> Run(const std::vector<std::string>& arguments) {
  const CommandResult result = RunProgram(arguments);
  if (result.exit_status == 0) return result.out;
  return absl::InternalError(absl::StrCat(
      arguments[0], " ", arguments.size() > 1 ? arguments[1] : "", ": ", result.err, result.out));
}

// Makes a key and a certificate that the CA of the folder signs, in NAME.key and NAME.pem. NAME.p
// contains both, as the broker reads them.
absl::Status MakeCertificate(const std::string& folder, const std::string& name,
                             const std::string& subject, const std::string& alternative_names,
                             int days) {
  const std::string base = absl::StrCat(folder, "/", name);
  RETURN_IF_ERROR(
      WriteFile(base + ".ext", absl::StrCat("subjectAltName=", alternative_names, "\n")));
  RETURN_IF_ERROR(Run({"openssl", "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
                       "-nodes", "-keyout", base + ".key", "-out", base + ".csr", "-subj", subject})
                      .status());
  RETURN_IF_ERROR(Run({"openssl", "x509", "-req", "-in", base + ".csr", "-CA", folder + "/ca.pem",
                       "-CAkey", folder + "/ca.key", "-CAcreateserial", "-days", absl::StrCat(days),
                       "-extfile", base + ".ext", "-out", base + ".pem"})
                      .status());
  ASSIGN_OR_RETURN(const std::string key, ReadFile(base + ".key"));
  ASSIGN_OR_RETURN(const std::string certificate, ReadFile(base + ".pem"));
  return WriteFile(base + ".p", key + certificate);
}

absl::Status MakeAuthority(const std::string& folder, const std::string& name) {
  return Run({"openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
              "-nodes", "-days", "30", "-subj", "/CN=" + name, "-keyout",
              absl::StrCat(folder, "/", name, ".key"), "-out",
              absl::StrCat(folder, "/", name, ".pem")})
      .status();
}

}  // namespace

absl::StatusOr<std::unique_ptr<SecuredKafka>> SecuredKafka::Start() {
  if (const char* const other = std::getenv("PICKET_TEST_KAFKA");
      other == nullptr || *other == '\0') {
    return absl::NotFoundError("PICKET_TEST_KAFKA is not set; run scripts/test");
  }
  // The tests run in the root of the source tree.
  const CommandResult fetched = RunProgram({"deploy/kafka/fetch"});
  if (fetched.exit_status != 0) {
    return absl::NotFoundError(absl::StrCat("no Kafka to test with: ", fetched.err));
  }
  std::unique_ptr<SecuredKafka> kafka(new SecuredKafka());
  kafka->folder_ = (fs::temp_directory_path() / absl::StrCat("picket-secured-", getpid(), "-",
                                                             absl::Hex(std::random_device{}())))
                       .string();
  fs::create_directories(kafka->folder_);
  for (int* const port : {&kafka->tls_port_, &kafka->mutual_port_, &kafka->login_port_,
                          &kafka->expired_port_, &kafka->other_port_}) {
    ASSIGN_OR_RETURN(*port, FreePort());
  }
  RETURN_IF_ERROR(kafka->MakeCertificates());
  RETURN_IF_ERROR(kafka->WriteProperties());
  kafka->is_started_ = true;
  setenv("PICKET_KAFKA_START_SECS", "300", /*overwrite=*/0);  // the machine may be busy
  ASSIGN_OR_RETURN(const std::string answer,
                   Run({"deploy/kafka/start", "--data", kafka->File("kafka"), "--properties",
                        kafka->File("broker.properties"), "--listener",
                        absl::StrCat("TLS=SSL:", kafka->tls_port_), "--listener",
                        absl::StrCat("MUTUAL=SSL:", kafka->mutual_port_), "--listener",
                        absl::StrCat("LOGIN=SASL_SSL:", kafka->login_port_), "--listener",
                        absl::StrCat("EXPIRED=SSL:", kafka->expired_port_), "--listener",
                        absl::StrCat("OTHER=SSL:", kafka->other_port_)}));
  const size_t begin = answer.find("bootstrap=");
  if (begin == std::string::npos) return absl::InternalError("no address: " + answer);
  kafka->bootstrap_servers_ = answer.substr(begin + 10, answer.find('\n', begin) - begin - 10);
  RETURN_IF_ERROR(kafka::AddScramUser(kafka->Administrator(), "scram", Password()));
  return kafka;
}

SecuredKafka::~SecuredKafka() {
  if (is_started_) RunProgram({"deploy/kafka/stop", "--purge", "--data", File("kafka")});
  if (std::getenv("PICKET_KEEP_TEST_FOLDERS") == nullptr) fs::remove_all(folder_);
}

absl::Status SecuredKafka::MakeCertificates() const {
  RETURN_IF_ERROR(MakeAuthority(folder_, "ca"));
  RETURN_IF_ERROR(MakeAuthority(folder_, "foreign"));
  const std::string host = "DNS:localhost,IP:127.0.0.1";
  RETURN_IF_ERROR(MakeCertificate(folder_, "broker", "/CN=broker", host, 30));
  RETURN_IF_ERROR(MakeCertificate(folder_, "expired", "/CN=broker", host, -1));
  RETURN_IF_ERROR(MakeCertificate(folder_, "other", "/CN=broker", "DNS:kafka.example", 30));
  RETURN_IF_ERROR(MakeCertificate(folder_, "picket-detect", "/CN=picket-detect", "DNS:x", 30));
  RETURN_IF_ERROR(WriteFile(File("password"), absl::StrCat(Password(), "\n")));
  return WriteFile(File("wrong-password"), "wrong\n");
}

absl::Status SecuredKafka::IssueCertificate(const std::string& name,
                                            const std::string& subject) const {
  return MakeCertificate(folder_, name, "/" + subject, "DNS:x", 30);
}

absl::Status SecuredKafka::WriteProperties() const {
  std::string text = absl::StrCat(
      "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer\n"
      // The user of the administrator's port and of the broker itself.
      "super.users=User:ANONYMOUS\n"
      "sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512\n"
      "listener.name.login.scram-sha-512.sasl.jaas.config="
      "org.apache.kafka.common.security.scram.ScramLoginModule required;\n"
      "listener.name.login.plain.sasl.jaas.config="
      "org.apache.kafka.common.security.plain.PlainLoginModule required");
  for (const char* user : {"picket-fetch", "picket-parse", "picket-detect", "picket-admin"}) {
    absl::StrAppend(&text, " user_", user, "=\"", Password(), "\"");
  }
  absl::StrAppend(&text, ";\nlistener.name.mutual.ssl.client.auth=required\n");
  for (const auto& [listener, certificate] :
       std::vector<std::pair<const char*, const char*>>{{"tls", "broker"},
                                                        {"mutual", "broker"},
                                                        {"login", "broker"},
                                                        {"expired", "expired"},
                                                        {"other", "other"}}) {
    const std::string prefix = absl::StrCat("listener.name.", listener, ".ssl.");
    absl::StrAppend(&text, prefix, "keystore.type=PEM\n", prefix,
                    "keystore.location=", File(absl::StrCat(certificate, ".p")), "\n", prefix,
                    "truststore.type=PEM\n", prefix, "truststore.location=", File("ca.pem"), "\n");
  }
  return WriteFile(File("broker.properties"), text);
}

std::string SecuredKafka::Address(int port) const { return absl::StrCat("127.0.0.1:", port); }

kafka::KafkaConfig SecuredKafka::Client(int port) const {
  kafka::KafkaConfig kafka;
  kafka.bootstrap_servers = Address(port);
  kafka.properties = {{"security.protocol", "ssl"}, {"ssl.ca.location", File("ca.pem")}};
  return kafka;
}

kafka::KafkaConfig SecuredKafka::Administrator() const {
  kafka::KafkaConfig kafka;
  kafka.bootstrap_servers = bootstrap_servers_;
  return kafka;
}

kafka::KafkaConfig SecuredKafka::Tls() const { return Client(tls_port_); }

kafka::KafkaConfig SecuredKafka::MutualTls(const std::string& user) const {
  kafka::KafkaConfig kafka = Client(mutual_port_);
  kafka.properties["ssl.certificate.location"] = File(user + ".pem");
  kafka.properties["ssl.key.location"] = File(user + ".key");
  return kafka;
}

kafka::KafkaConfig SecuredKafka::Plain(const std::string& user) const {
  kafka::KafkaConfig kafka = Client(login_port_);
  kafka.properties["security.protocol"] = "sasl_ssl";
  kafka.properties["sasl.mechanism"] = "PLAIN";
  kafka.properties["sasl.username"] = user;
  kafka.sasl_password_file = File("password");
  return kafka;
}

kafka::KafkaConfig SecuredKafka::Scram() const {
  kafka::KafkaConfig kafka = Plain("scram");
  kafka.properties["sasl.mechanism"] = "SCRAM-SHA-512";
  return kafka;
}

kafka::KafkaConfig SecuredKafka::ExpiredCertificate() const { return Client(expired_port_); }
kafka::KafkaConfig SecuredKafka::CertificateOfAnotherHost() const { return Client(other_port_); }

}  // namespace picket
