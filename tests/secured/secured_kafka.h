#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "kafka/config.h"

namespace picket {

// A real Kafka of one broker with TLS, logins and ACLs. At the start, it creates a CA and the
// certificates. The administrator's port has no encryption, and its user is a super user.
//
// The users picket-fetch, picket-parse, picket-detect and picket-admin log in with PLAIN, and the
// user `scram` logs in with SCRAM-SHA-512. Password() is the password of each. None has any ACL at
// first.
// Threads: One thread uses it. Lifetime: The destructor stops the broker and removes all files.
// Failure: Start returns an error.
class SecuredKafka {
 public:
  // Returns NotFound if PICKET_TEST_KAFKA is not set or Kafka cannot be fetched.
  static absl::StatusOr<std::unique_ptr<SecuredKafka>> Start();
  ~SecuredKafka();
  SecuredKafka(const SecuredKafka&) = delete;
  SecuredKafka& operator=(const SecuredKafka&) = delete;

  // A client with one of these configurations can connect. Scram() needs librdkafka 2.6.1 or later.
  kafka::KafkaConfig Administrator() const;
  kafka::KafkaConfig Tls() const;  // encryption, no login
  kafka::KafkaConfig MutualTls(const std::string& user) const;
  kafka::KafkaConfig Plain(const std::string& user) const;
  kafka::KafkaConfig Scram() const;
  // With these configurations, the client must refuse the certificate of the broker.
  kafka::KafkaConfig ExpiredCertificate() const;
  kafka::KafkaConfig CertificateOfAnotherHost() const;

  // Creates the key NAME.key and the certificate NAME.pem of the user `subject`, such as "CN=x",
  // for MutualTls(NAME). Replaces existing files.
  absl::Status IssueCertificate(const std::string& name, const std::string& subject) const;

  static const char* Password() { return "correct horse"; }
  const std::string& folder() const { return folder_; }
  std::string File(const std::string& name) const { return folder_ + "/" + name; }

 private:
  SecuredKafka() = default;
  absl::Status MakeCertificates() const;
  absl::Status WriteProperties() const;
  std::string Address(int port) const;
  kafka::KafkaConfig Client(int port) const;

  std::string folder_;
  std::string bootstrap_servers_;
  bool is_started_ = false;
  int tls_port_ = 0;
  int mutual_port_ = 0;
  int login_port_ = 0;
  int expired_port_ = 0;
  int other_port_ = 0;
};

}  // namespace picket
