#include "kafka/connection_error.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <map>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/mutex.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

// Why the certificate of a broker was refused.
struct CertificateFault {
  int error = X509_V_OK;
  std::string not_after;
  std::string names;  // such as "DNS:kafka1, IP:10.0.0.1"
};

// The newest fault of each broker's certificate, indexed by host:port. librdkafka reports a refused
// certificate only as "certificate verify failed", while its callback for certificates knows the
// reason.
// Threads: Any thread may use it. Lifetime: It exists as long as the process. Failure: None.
class CertificateFaults {
 public:
  static CertificateFaults& Get() {
    static CertificateFaults& faults = *new CertificateFaults();
    return faults;
  }
  void Set(const std::string& broker, CertificateFault fault) {
    MutexLock lock(mu_);
    faults_[broker] = std::move(fault);
  }
  CertificateFault Find(const std::string& broker) const {
    MutexLock lock(mu_);
    const auto found = faults_.find(broker);
    return found == faults_.end() ? CertificateFault() : found->second;
  }

 private:
  mutable Mutex mu_;
  std::map<std::string, CertificateFault> faults_ ABSL_GUARDED_BY(mu_);
};

std::string NamesOf(const X509* certificate) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free);
  std::vector<std::string> texts;
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()) && i < 10; ++i) {
    const GENERAL_NAME* const name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == GEN_DNS) {
      texts.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         ASN1_STRING_length(name->d.dNSName));
    } else if (name->type == GEN_IPADD && ASN1_STRING_length(name->d.iPAddress) == 4) {
      const unsigned char* const bytes = ASN1_STRING_get0_data(name->d.iPAddress);
      texts.push_back(absl::StrCat(bytes[0], ".", bytes[1], ".", bytes[2], ".", bytes[3]));
    }
  }
  return absl::StrJoin(texts, ", ");
}

std::string TimeText(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "";
  std::array<char, 32> text{};
  return std::strftime(text.data(), text.size(), "%Y-%m-%d", &parts) > 0 ? text.data() : "";
}

// librdkafka calls this function on the broker's thread for each certificate of the chain.
int OnCertificate(rd_kafka_t*, const char* broker, int32_t, int* x509_error, int, const char* der,
                  size_t size, char* text, size_t text_size, void*) {
  if (*x509_error == X509_V_OK) return 1;
  CertificateFault fault{*x509_error, "", ""};
  const auto* bytes = reinterpret_cast<const unsigned char*>(der);
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(
      d2i_X509(nullptr, &bytes, static_cast<long>(size)), X509_free);
  if (certificate != nullptr) {
    fault.not_after = TimeText(X509_get0_notAfter(certificate.get()));
    fault.names = NamesOf(certificate.get());
  }
  std::snprintf(text, text_size, "%s", X509_verify_cert_error_string(*x509_error));
  CertificateFaults::Get().Set(broker, std::move(fault));
  return 0;
}

std::string ValueOf(const rd_kafka_conf_t* conf, const char* name) {
  std::array<char, 1024> value{};
  size_t size = value.size();
  if (rd_kafka_conf_get(conf, name, value.data(), &size) != RD_KAFKA_CONF_OK) return "";
  return value.data();
}

// Returns the host:port in a text such as "ssl://host:port/1: …", or an empty string if there is
// none.
std::string BrokerIn(std::string_view text) {
  const size_t scheme = text.find("://");
  if (scheme == std::string_view::npos) return "";
  const size_t begin = scheme + 3;
  const size_t end = text.find('/', begin);
  return end == std::string_view::npos ? "" : std::string(text.substr(begin, end - begin));
}

// Removes an end such as "(after 3ms in state CONNECT, 2 identical error(s) suppressed)", which
// differs each time.
std::string WithoutNoise(std::string_view text) {
  const size_t noise = text.rfind(" (after ");
  const bool is_last = noise != std::string_view::npos && text.back() == ')' &&
                       text.find(" in state ", noise) != std::string_view::npos;
  return std::string(is_last ? text.substr(0, noise) : text);
}

std::string ExplainCertificate(const std::string& broker, const LoginProperties& login) {
  const CertificateFault fault = CertificateFaults::Get().Find(broker);
  const std::string whose = absl::StrCat("the certificate of broker ", broker);
  switch (fault.error) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return absl::StrCat(whose, " expired on ", fault.not_after,
                          "; the owner of the cluster must renew it");
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return absl::StrCat(whose, " is not valid yet; is the clock of this host right?");
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return absl::StrCat(whose, " is for another name (",
                          fault.names.empty() ? "it contains none" : fault.names,
                          "); use a name of the certificate in kafka.bootstrap_servers and in the "
                          "brokers' advertised.listeners");
    case X509_V_OK:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE:
      return absl::StrCat(
          whose, " is not signed by a CA ",
          login.ca.empty() ? "that this host trusts" : absl::StrCat("in ", login.ca),
          "; let ssl.ca.location name the file with the CA of the cluster");
    default:
      return absl::StrCat(whose, " is refused: ", X509_verify_cert_error_string(fault.error));
  }
}

bool IsScram(std::string_view mechanism) {
  return absl::StartsWithIgnoreCase(ToAbsl(mechanism), "SCRAM-");
}

std::string ScramFault(const std::string& mechanism) {
  return absl::StrCat("librdkafka ", rd_kafka_version_str(),
                      " cannot log in to Apache Kafka 4 with ", mechanism,
                      " (a fault of the library that 2.6.1 corrects)");
}

bool HasOidc() {
  const std::unique_ptr<rd_kafka_conf_t, decltype(&rd_kafka_conf_destroy)> conf(
      rd_kafka_conf_new(), rd_kafka_conf_destroy);
  return rd_kafka_conf_set(conf.get(), "sasl.oauthbearer.method", "oidc", nullptr, 0) ==
         RD_KAFKA_CONF_OK;
}

std::string MechanismOf(const KafkaConfig& kafka) {
  for (const char* name : {"sasl.mechanism", "sasl.mechanisms"}) {
    const auto found = kafka.properties.find(name);
    if (found != kafka.properties.end()) return found->second;
  }
  return "";
}

}  // namespace

LoginProperties LoginPropertiesOf(const rd_kafka_conf_t* conf) {
  LoginProperties login;
  if (absl::StartsWithIgnoreCase(ValueOf(conf, "security.protocol"), "sasl")) {
    login.mechanism = ValueOf(conf, "sasl.mechanisms");
  }
  login.ca = ValueOf(conf, "ssl.ca.location");
  login.certificate = ValueOf(conf, "ssl.certificate.location");
  return login;
}

ExplainedError ExplainClientError(rd_kafka_resp_err_t code, std::string_view text,
                                  const LoginProperties& login, int version) {
  const std::string broker = BrokerIn(text);
  const auto contains = [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  };
  if (code == RD_KAFKA_RESP_ERR__AUTHENTICATION) {
    if (IsScram(login.mechanism) && version < kFirstVersionWithScram) {
      return {absl::StrCat(
                  "the login failed, but the password may be right: ", ScramFault(login.mechanism),
                  "; use mutual TLS, PLAIN over TLS or a newer librdkafka"),
              true};
    }
    return {absl::StrCat("the brokers refuse the user name or the password (",
                         login.mechanism.empty() ? "no SASL" : login.mechanism,
                         "); check sasl.username in kafka.properties and "
                         "kafka.sasl_password_file"),
            true};
  }
  if (!broker.empty() && contains("certificate verify failed")) {
    return {ExplainCertificate(broker, login), true};
  }
  if (!broker.empty() && contains(" alert ")) {
    if (login.certificate.empty()) {
      return {absl::StrCat("broker ", broker,
                           " requires a certificate of ours; set ssl.certificate.location and "
                           "ssl.key.location in kafka.properties"),
              true};
    }
    const std::string_view alert = text.substr(text.find(" alert ") + 1);
    return {absl::StrCat("broker ", broker, " refuses our certificate ", login.certificate, " (",
                         absl::StripTrailingAsciiWhitespace(
                             ToAbsl(alert.substr(0, alert.find_first_of(":(")))),
                         "); is it valid, and does the broker trust its CA?"),
            true};
  }
  return {WithoutNoise(text), false};
}

std::string ExplainCreationError(const rd_kafka_conf_t* conf, std::string_view error) {
  for (const char* property : {"ssl.ca.location", "ssl.certificate.location", "ssl.key.location",
                               "ssl.keystore.location", "ssl.crl.location"}) {
    if (error.find(property) == std::string_view::npos) continue;
    const std::string path = ValueOf(conf, property);
    if (path.empty()) break;
    FILE* const file = std::fopen(path.c_str(), "r");
    if (file == nullptr) {
      return absl::StrCat("kafka.properties: ", property, ": read ", path, ": ", ErrnoText(errno));
    }
    std::fclose(file);
    const bool is_key = std::string_view(property) == "ssl.key.location" ||
                        std::string_view(property) == "ssl.keystore.location";
    return absl::StrCat("kafka.properties: ", property, ": ", path, " contains no valid ",
                        is_key ? "key, or its password is wrong (kafka.ssl_key_password_file)"
                               : "certificate in PEM form");
  }
  return absl::StrCat("kafka.properties: ", ToAbsl(error));
}

void RememberCertificateFaults(rd_kafka_conf_t* conf) {
  // The call fails only if librdkafka was built without TLS, and then there are no certificates.
  (void)rd_kafka_conf_set_ssl_cert_verify_cb(conf, OnCertificate);
}

std::string RefusalOfMechanism(std::string_view name, std::string_view value) {
  const bool is_mechanism = name == "sasl.mechanism" || name == "sasl.mechanisms";
  const bool is_oauth = (is_mechanism && absl::EqualsIgnoreCase(ToAbsl(value), "OAUTHBEARER")) ||
                        name.starts_with("sasl.oauthbearer.");
  if (!is_oauth || HasOidc()) return "";
  return absl::StrCat("OAUTHBEARER does not work, because librdkafka ", rd_kafka_version_str(),
                      " was built without OIDC; use mutual TLS or PLAIN over TLS");
}

std::vector<std::string> ConnectionWarnings(const KafkaConfig& kafka, int version) {
  std::vector<std::string> warnings;
  const std::string mechanism = MechanismOf(kafka);
  if (IsScram(mechanism) && version < kFirstVersionWithScram) {
    warnings.push_back(absl::StrCat(ScramFault(mechanism),
                                    "; for Kafka 4, use mutual TLS, PLAIN over TLS or a newer "
                                    "librdkafka"));
  }
  return warnings;
}

}  // namespace picket::kafka
