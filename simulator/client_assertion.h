#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct evp_pkey_st;

namespace picket::simulator {

// A certificate that is registered for an application, or the public key of a federated issuer.
struct TrustedKey {
  std::shared_ptr<evp_pkey_st> key;
  // The thumbprints of a certificate, as in the header of an assertion. They are empty for a public
  // key.
  std::string sha1;    // x5t
  std::string sha256;  // x5t#S256
  absl::Time not_before = absl::InfinitePast();
  absl::Time not_after = absl::InfiniteFuture();
};

// Reads a PEM text with a certificate or with a public key (RSA).
absl::StatusOr<TrustedKey> ReadTrustedKey(std::string_view pem);

// With a federated credential, the application trusts assertions of this issuer about this subject.
struct FederatedCredential {
  std::string issuer;
  std::string subject;
  std::string audience = "api://AzureADTokenExchange";
  TrustedKey key;
};

struct AssertionContext {
  std::string_view client_id;
  std::vector<std::string> token_urls;  // the accepted audiences if a certificate is used
  const std::vector<TrustedKey>& certificates;
  const std::vector<FederatedCredential>& federated;
  absl::Time now;
};

// The reason for the rejection of an assertion.
struct AssertionFault {
  int code = 0;  // the number of the AADSTS code
  std::string message;
};

// Checks a client assertion (a JWT) as Entra does. If its issuer is the application, checks the
// signature (PS256 or RS256) with the registered certificate that the header names, the subject,
// the audience and the times. Otherwise, checks the assertion against the federated credentials.
// Returns nullopt if the assertion is accepted.
std::optional<AssertionFault> CheckAssertion(std::string_view assertion,
                                             const AssertionContext& context);

}  // namespace picket::simulator
