#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

struct evp_pkey_st;
struct x509_st;

namespace picket::simulator {

struct KeyDeleter {
  void operator()(evp_pkey_st* key) const;
};
struct CertificateDeleter {
  void operator()(x509_st* certificate) const;
};

// A server certificate and the newly created certificate authority that signed the certificate.
struct ServerIdentity {
  std::unique_ptr<evp_pkey_st, KeyDeleter> key;
  std::unique_ptr<x509_st, CertificateDeleter> certificate;
  std::string ca_pem;  // the authority's certificate, which clients must trust
};

// Creates an identity for the host names and addresses in `hosts`, valid from one hour ago for 30
// days. Uses P-256 keys, because RSA keys would delay the start by half a second.
absl::StatusOr<ServerIdentity> MakeServerIdentity(const std::vector<std::string>& hosts);

}  // namespace picket::simulator
