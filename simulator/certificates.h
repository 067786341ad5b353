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

// A certificate authority made on the spot and a server certificate of it.
struct ServerIdentity {
  std::unique_ptr<evp_pkey_st, KeyDeleter> key;
  std::unique_ptr<x509_st, CertificateDeleter> certificate;
  std::string ca_pem;  // what a client must trust
};

// For the host names and addresses in `hosts`; valid from an hour ago for 30 days. P-256 keys: RSA would cost a start
// half a second.
absl::StatusOr<ServerIdentity> MakeServerIdentity(const std::vector<std::string>& hosts);

}  // namespace picket::simulator
