#include "simulator/client_assertion.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include <algorithm>
#include <array>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "simdjson.h"
#include "simulator/server/http.h"

namespace picket::simulator {
namespace {

// Entra accepts this difference between the clocks.
constexpr absl::Duration kTolerance = absl::Minutes(5);

std::string Thumbprint(X509* certificate, const EVP_MD* algorithm) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  X509_digest(certificate, algorithm, digest, &length);
  return Base64UrlEncode(std::string_view(reinterpret_cast<const char*>(digest), length));
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm fields = {};
  return ASN1_TIME_to_tm(time, &fields) == 1 ? absl::FromTM(fields, absl::UTCTimeZone())
                                             : absl::InfinitePast();
}

// The parts of a JWT that the check needs.
struct Assertion {
  std::string algorithm;
  std::string sha1;
  std::string sha256;
  std::string issuer;
  std::string subject;
  std::string audience;
  absl::Time not_before = absl::InfinitePast();
  absl::Time expires = absl::InfinitePast();
  std::string signed_text;
  std::string signature;
};

std::string StringOf(simdjson::dom::element object, const char* name) {
  std::string_view value;
  return object[name].get(value) == simdjson::SUCCESS ? std::string(value) : std::string();
}

absl::Time TimeClaim(simdjson::dom::element object, const char* name, absl::Time absent) {
  int64_t seconds = 0;
  return object[name].get(seconds) == simdjson::SUCCESS ? absl::FromUnixSeconds(seconds) : absent;
}

std::optional<Assertion> Parse(std::string_view text) {
  const size_t first = text.find('.');
  const size_t second = first == std::string_view::npos ? first : text.find('.', first + 1);
  if (second == std::string_view::npos) return std::nullopt;
  const std::optional<std::string> header = Base64UrlDecode(text.substr(0, first));
  const std::optional<std::string> claims =
      Base64UrlDecode(text.substr(first + 1, second - first - 1));
  const std::optional<std::string> signature = Base64UrlDecode(text.substr(second + 1));
  if (!header.has_value() || !claims.has_value() || !signature.has_value()) return std::nullopt;

  simdjson::dom::parser header_parser;
  simdjson::dom::parser claims_parser;
  simdjson::dom::element head;
  simdjson::dom::element body;
  if (header_parser.parse(*header).get(head) != simdjson::SUCCESS ||
      claims_parser.parse(*claims).get(body) != simdjson::SUCCESS || !head.is_object() ||
      !body.is_object()) {
    return std::nullopt;
  }
  Assertion assertion;
  assertion.algorithm = StringOf(head, "alg");
  assertion.sha1 = StringOf(head, "x5t");
  assertion.sha256 = StringOf(head, "x5t#S256");
  assertion.issuer = StringOf(body, "iss");
  assertion.subject = StringOf(body, "sub");
  assertion.audience = StringOf(body, "aud");
  assertion.not_before = TimeClaim(body, "nbf", absl::InfinitePast());
  assertion.expires = TimeClaim(body, "exp", absl::InfinitePast());
  assertion.signed_text = std::string(text.substr(0, second));
  assertion.signature = *signature;
  return assertion;
}

bool HasValidSignature(const Assertion& assertion, const TrustedKey& trusted) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key_context = nullptr;
  bool valid =
      EVP_DigestVerifyInit(context, &key_context, EVP_sha256(), nullptr, trusted.key.get()) == 1;
  if (valid && assertion.algorithm == "PS256") {
    valid = EVP_PKEY_CTX_set_rsa_padding(key_context, RSA_PKCS1_PSS_PADDING) == 1 &&
            EVP_PKEY_CTX_set_rsa_pss_saltlen(key_context, RSA_PSS_SALTLEN_DIGEST) == 1;
  }
  valid = valid && EVP_DigestVerify(
                       context, reinterpret_cast<const unsigned char*>(assertion.signature.data()),
                       assertion.signature.size(),
                       reinterpret_cast<const unsigned char*>(assertion.signed_text.data()),
                       assertion.signed_text.size()) == 1;
  EVP_MD_CTX_free(context);
  return valid;
}

std::optional<AssertionFault> CheckTimes(const Assertion& assertion, absl::Time now) {
  if (now + kTolerance >= assertion.not_before && now - kTolerance <= assertion.expires) {
    return std::nullopt;
  }
  return AssertionFault{500133, "Assertion is not within its valid time range."};
}

std::optional<AssertionFault> CheckCertificate(const Assertion& assertion,
                                               const AssertionContext& context) {
  const std::string name = assertion.sha256.empty() ? assertion.sha1 : assertion.sha256;
  const auto not_registered = [&name](const char* reason) {
    return AssertionFault{
        700027, absl::StrCat("The certificate with identifier used to sign the "
                             "client assertion is not registered on application. "
                             "[Reason - ",
                             reason, ", Thumbprint of key used by client: '", name, "']")};
  };
  if (assertion.algorithm != "PS256" && assertion.algorithm != "RS256") {
    return AssertionFault{50012, absl::StrCat("Client assertion has the algorithm '",
                                              assertion.algorithm, "', not PS256 or RS256.")};
  }
  const auto key = std::find_if(
      context.certificates.begin(), context.certificates.end(), [&](const TrustedKey& known) {
        return !name.empty() && (assertion.sha256.empty() ? known.sha1 == assertion.sha1
                                                          : known.sha256 == assertion.sha256);
      });
  if (key == context.certificates.end()) return not_registered("The key was not found.");
  if (!HasValidSignature(assertion, *key)) return not_registered("The signature is invalid.");
  if (context.now < key->not_before || context.now > key->not_after) {
    return not_registered("The key used is expired.");
  }
  if (assertion.subject != context.client_id) {
    return AssertionFault{50012, "Client assertion subject is not the application."};
  }
  if (std::find(context.token_urls.begin(), context.token_urls.end(), assertion.audience) ==
      context.token_urls.end()) {
    return AssertionFault{50012,
                          absl::StrCat("Client assertion audience claim '", assertion.audience,
                                       "' does not match the token endpoint.")};
  }
  return CheckTimes(assertion, context.now);
}

std::optional<AssertionFault> CheckFederated(const Assertion& assertion,
                                             const AssertionContext& context) {
  const auto fault = [](int code, const char* what, const std::string& value) {
    return AssertionFault{code, absl::StrCat("No matching federated identity record found for "
                                             "presented assertion ",
                                             what, " '", value, "'.")};
  };
  std::optional<AssertionFault> nearest;
  for (const FederatedCredential& credential : context.federated) {
    if (credential.issuer != assertion.issuer) continue;
    if (credential.subject != assertion.subject) {
      nearest = fault(700213, "subject", assertion.subject);
    } else if (credential.audience != assertion.audience) {
      nearest = fault(700212, "audience", assertion.audience);
    } else if (!HasValidSignature(assertion, credential.key)) {
      nearest = AssertionFault{50013, "Assertion failed signature validation."};
    } else {
      return CheckTimes(assertion, context.now);
    }
  }
  return nearest.has_value() ? nearest : fault(700211, "issuer", assertion.issuer);
}

}  // namespace

absl::StatusOr<TrustedKey> ReadTrustedKey(std::string_view pem) {
  TrustedKey trusted;
  BIO* const memory = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* const certificate = PEM_read_bio_X509(memory, nullptr, nullptr, nullptr);
  BIO_free(memory);
  if (certificate != nullptr) {
    trusted.key.reset(X509_get_pubkey(certificate), EVP_PKEY_free);
    trusted.sha1 = Thumbprint(certificate, EVP_sha1());
    trusted.sha256 = Thumbprint(certificate, EVP_sha256());
    trusted.not_before = TimeOf(X509_get0_notBefore(certificate));
    trusted.not_after = TimeOf(X509_get0_notAfter(certificate));
    X509_free(certificate);
  } else {
    BIO* const again = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
    trusted.key.reset(PEM_read_bio_PUBKEY(again, nullptr, nullptr, nullptr), EVP_PKEY_free);
    BIO_free(again);
  }
  if (trusted.key == nullptr) {
    return absl::InvalidArgumentError("neither a certificate nor a public key in PEM form");
  }
  if (EVP_PKEY_get_base_id(trusted.key.get()) != EVP_PKEY_RSA ||
      EVP_PKEY_get_bits(trusted.key.get()) < 2048) {
    return absl::InvalidArgumentError("the key is not an RSA key of at least 2048 bits");
  }
  return trusted;
}

std::optional<AssertionFault> CheckAssertion(std::string_view assertion,
                                             const AssertionContext& context) {
  const std::optional<Assertion> parsed = Parse(assertion);
  if (!parsed.has_value()) {
    return AssertionFault{50012, "Client assertion is malformed: it is not a JSON web token."};
  }
  return EqualsIgnoreCase(parsed->issuer, context.client_id) ? CheckCertificate(*parsed, context)
                                                             : CheckFederated(*parsed, context);
}

}  // namespace picket::simulator
