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

// A server certificate with its key, and the certificate of the authority that signed it.
struct ServerIdentity {
  std::unique_ptr<evp_pkey_st, KeyDeleter> key;
  std::unique_ptr<x509_st, CertificateDeleter> certificate;
  std::string ca_pem;  // the authority's certificate, which clients must trust
};

// Creates an identity for the host names and addresses in `hosts`, signed by a new authority. The
// identity is valid from one hour ago until 30 days from now. Uses P-256 keys, because the creation
// of RSA keys takes longer.
absl::StatusOr<ServerIdentity> MakeServerIdentity(const std::vector<std::string>& hosts);

}  // namespace picket::simulator
