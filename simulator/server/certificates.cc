#include "simulator/server/certificates.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/status_macros.h"

namespace picket::simulator {
namespace {

using Key = std::unique_ptr<evp_pkey_st, KeyDeleter>;
using Certificate = std::unique_ptr<x509_st, CertificateDeleter>;

absl::Status OpenSslError(const char* what) {
  char text[256] = "unknown";
  ERR_error_string_n(ERR_get_error(), text, sizeof(text));
  return absl::InternalError(absl::StrCat("cannot create a certificate: ", what, ": ", text));
}

absl::Status AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (extension == nullptr) return OpenSslError("extension");
  const int added = X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  return added == 1 ? absl::OkStatus() : OpenSslError("extension");
}

absl::StatusOr<Certificate> NewCertificate(const std::string& name, EVP_PKEY* key, X509* issuer) {
  Certificate certificate(X509_new());
  uint64_t serial = 0;
  RAND_bytes(reinterpret_cast<unsigned char*>(&serial), sizeof(serial));
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate.get()), serial >> 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 30 * 24 * 3600);
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  if (X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8,
                                 reinterpret_cast<const unsigned char*>(name.data()),
                                 static_cast<int>(name.size()), -1, 0) != 1 ||
      X509_set_issuer_name(certificate.get(),
                           issuer == nullptr ? subject : X509_get_subject_name(issuer)) != 1 ||
      X509_set_pubkey(certificate.get(), key) != 1) {
    return OpenSslError("fields");
  }
  return certificate;
}

}  // namespace

void KeyDeleter::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void CertificateDeleter::operator()(x509_st* certificate) const { X509_free(certificate); }

absl::StatusOr<ServerIdentity> MakeServerIdentity(const std::vector<std::string>& hosts) {
  const Key ca_key(EVP_EC_gen("P-256"));
  ServerIdentity identity;
  identity.key.reset(EVP_EC_gen("P-256"));
  if (ca_key == nullptr || identity.key == nullptr) return OpenSslError("key");

  ASSIGN_OR_RETURN(const Certificate ca,
                   NewCertificate("Picket simulator authority", ca_key.get(), nullptr));
  RETURN_IF_ERROR(AddExtension(ca.get(), ca.get(), NID_basic_constraints, "critical,CA:TRUE"));
  RETURN_IF_ERROR(AddExtension(ca.get(), ca.get(), NID_key_usage, "critical,keyCertSign,cRLSign"));
  RETURN_IF_ERROR(AddExtension(ca.get(), ca.get(), NID_subject_key_identifier, "hash"));
  if (X509_sign(ca.get(), ca_key.get(), EVP_sha256()) == 0) return OpenSslError("signature");

  ASSIGN_OR_RETURN(identity.certificate,
                   NewCertificate("Picket simulator", identity.key.get(), ca.get()));
  X509* const server = identity.certificate.get();
  std::vector<std::string> names;
  for (const std::string& host : hosts) {
    unsigned char address[16];
    const bool is_address = inet_pton(AF_INET, host.c_str(), address) == 1 ||
                            inet_pton(AF_INET6, host.c_str(), address) == 1;
    names.push_back(absl::StrCat(is_address ? "IP:" : "DNS:", host));
  }
  RETURN_IF_ERROR(AddExtension(server, ca.get(), NID_basic_constraints, "critical,CA:FALSE"));
  RETURN_IF_ERROR(AddExtension(server, ca.get(), NID_ext_key_usage, "serverAuth"));
  RETURN_IF_ERROR(AddExtension(server, ca.get(), NID_authority_key_identifier, "keyid"));
  RETURN_IF_ERROR(AddExtension(server, ca.get(), NID_subject_alt_name, absl::StrJoin(names, ",")));
  if (X509_sign(server, ca_key.get(), EVP_sha256()) == 0) return OpenSslError("signature");

  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, ca.get());
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  identity.ca_pem.assign(text, static_cast<size_t>(length));
  BIO_free(memory);
  return identity;
}

}  // namespace picket::simulator
