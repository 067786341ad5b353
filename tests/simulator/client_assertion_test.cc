#include "simulator/client_assertion.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "absl/strings/str_cat.h"
#include "simulator/cloud.h"
#include "simulator/server/http.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
constexpr char kClient[] = "11111111-2222-4333-8444-555555555555";
constexpr char kUrl[] = "https://login.example/t/oauth2/v2.0/token";

struct KeyPair {
  EVP_PKEY* key = nullptr;
  std::string certificate;  // PEM
  std::string public_key;   // PEM
};

std::string Text(BIO* memory) {
  char* text = nullptr;
  const long length = BIO_get_mem_data(memory, &text);
  std::string out(text, static_cast<size_t>(length));
  BIO_free(memory);
  return out;
}

KeyPair MakeKeyPair(absl::Time from, absl::Time to) {
  KeyPair pair;
  pair.key = EVP_RSA_gen(2048);
  X509* const certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_TIME_set(X509_getm_notBefore(certificate), absl::ToTimeT(from));
  ASN1_TIME_set(X509_getm_notAfter(certificate), absl::ToTimeT(to));
  X509_set_pubkey(certificate, pair.key);
  X509_sign(certificate, pair.key, EVP_sha256());
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate);
  pair.certificate = Text(memory);
  memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, pair.key);
  pair.public_key = Text(memory);
  X509_free(certificate);
  return pair;
}

// Returns a key pair that all tests share, because generating a key is slow.
const KeyPair& Own() {
  static const KeyPair pair = MakeKeyPair(kNow - absl::Hours(1), kNow + absl::Hours(24));
  return pair;
}
const KeyPair& Other() {
  static const KeyPair pair = MakeKeyPair(kNow - absl::Hours(1), kNow + absl::Hours(24));
  return pair;
}

std::string Sign(const KeyPair& pair, bool pss, const std::string& text) {
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* key = nullptr;
  EVP_DigestSignInit(context, &key, EVP_sha256(), nullptr, pair.key);
  if (pss) {
    EVP_PKEY_CTX_set_rsa_padding(key, RSA_PKCS1_PSS_PADDING);
    EVP_PKEY_CTX_set_rsa_pss_saltlen(key, RSA_PSS_SALTLEN_DIGEST);
  }
  size_t length = 0;
  EVP_DigestSign(context, nullptr, &length, reinterpret_cast<const unsigned char*>(text.data()),
                 text.size());
  std::string signature(length, '\0');
  EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &length,
                 reinterpret_cast<const unsigned char*>(text.data()), text.size());
  signature.resize(length);
  EVP_MD_CTX_free(context);
  return signature;
}

struct Parts {
  std::string algorithm = "PS256";
  std::string thumbprint_member = "x5t#S256";
  std::string thumbprint;
  std::string issuer = kClient;
  std::string subject = kClient;
  std::string audience = kUrl;
  absl::Time from = kNow - absl::Minutes(1);
  absl::Time to = kNow + absl::Minutes(9);
};

std::string Assertion(const KeyPair& pair, const Parts& parts) {
  const std::string head = absl::StrCat(R"({"alg":")", parts.algorithm, R"(","typ":"JWT",")",
                                        parts.thumbprint_member, R"(":")", parts.thumbprint, "\"}");
  const std::string claims =
      absl::StrCat(R"({"iss":")", parts.issuer, R"(","sub":")", parts.subject, R"(","aud":")",
                   parts.audience, R"(","jti":"1","nbf":)", absl::ToUnixSeconds(parts.from),
                   R"(,"exp":)", absl::ToUnixSeconds(parts.to), "}");
  const std::string text = absl::StrCat(Base64UrlEncode(head), ".", Base64UrlEncode(claims));
  return absl::StrCat(text, ".", Base64UrlEncode(Sign(pair, parts.algorithm == "PS256", text)));
}

// Returns 0 if the assertion is accepted, and the AADSTS code otherwise.
int Check(const std::string& assertion) {
  const std::vector<TrustedKey> certificates = {*ReadTrustedKey(Own().certificate)};
  FederatedCredential credential;
  credential.issuer = "https://issuer.example";
  credential.subject = "system:picket";
  credential.key = *ReadTrustedKey(Own().public_key);
  const std::vector<FederatedCredential> federated = {credential};
  const auto fault = CheckAssertion(assertion, {kClient, {kUrl}, certificates, federated, kNow});
  return fault.has_value() ? fault->code : 0;
}

Parts Good() {
  Parts parts;
  parts.thumbprint = ReadTrustedKey(Own().certificate)->sha256;
  return parts;
}

TEST(ClientAssertionTest, AcceptsBothAlgorithmsWithTheirThumbprints) {
  EXPECT_EQ(Check(Assertion(Own(), Good())), 0);
  Parts old = Good();
  old.algorithm = "RS256";
  old.thumbprint_member = "x5t";
  old.thumbprint = ReadTrustedKey(Own().certificate)->sha1;
  EXPECT_EQ(Check(Assertion(Own(), old)), 0);
}

TEST(ClientAssertionTest, RejectsAnythingThatIsWrong) {
  EXPECT_EQ(Check(Assertion(Other(), Good())), 700027);
  Parts parts = Good();
  parts.thumbprint = ReadTrustedKey(Other().certificate)->sha256;
  EXPECT_EQ(Check(Assertion(Other(), parts)), 700027);
  parts.thumbprint.clear();
  EXPECT_EQ(Check(Assertion(Own(), parts)), 700027);
  parts = Good();
  parts.algorithm = "HS256";
  EXPECT_EQ(Check(Assertion(Own(), parts)), 50012);
  parts = Good();
  parts.subject = "someone";
  EXPECT_EQ(Check(Assertion(Own(), parts)), 50012);
  parts = Good();
  parts.audience = "https://login.example/other/oauth2/v2.0/token";
  EXPECT_EQ(Check(Assertion(Own(), parts)), 50012);
  parts = Good();
  parts.to = kNow - absl::Minutes(6);
  EXPECT_EQ(Check(Assertion(Own(), parts)), 500133);
  parts = Good();
  parts.from = kNow + absl::Minutes(6);
  EXPECT_EQ(Check(Assertion(Own(), parts)), 500133);
  for (const char* text : {"x", "x.y.z", "e30.e30", "e30.W10.eA", ""}) {
    EXPECT_NE(Check(text), 0) << text;
  }
}

TEST(ClientAssertionTest, AChangedClaimBreaksTheSignature) {
  std::string assertion = Assertion(Own(), Good());
  const size_t dot = assertion.find('.');
  Parts other = Good();
  other.to = kNow + absl::Hours(1);
  const std::string longer = Assertion(Own(), other);
  const std::string mixed =
      absl::StrCat(longer.substr(0, longer.rfind('.')), assertion.substr(assertion.rfind('.')));
  EXPECT_EQ(Check(mixed), 700027);
  EXPECT_NE(dot, std::string::npos);
}

TEST(ClientAssertionTest, ChecksFederatedAssertions) {
  Parts parts;
  parts.issuer = "https://issuer.example";
  parts.subject = "system:picket";
  parts.audience = "api://AzureADTokenExchange";
  parts.algorithm = "RS256";
  EXPECT_EQ(Check(Assertion(Own(), parts)), 0);
  EXPECT_EQ(Check(Assertion(Other(), parts)), 50013);
  Parts wrong = parts;
  wrong.issuer = "https://other.example";
  EXPECT_EQ(Check(Assertion(Own(), wrong)), 700211);
  wrong = parts;
  wrong.audience = "api://other";
  EXPECT_EQ(Check(Assertion(Own(), wrong)), 700212);
  wrong = parts;
  wrong.subject = "system:other";
  EXPECT_EQ(Check(Assertion(Own(), wrong)), 700213);
}

TEST(ClientAssertionTest, ReadsOnlyRsaKeysOfAtLeast2048Bits) {
  EXPECT_FALSE(ReadTrustedKey("nothing").ok());
  EVP_PKEY* const small = EVP_RSA_gen(1024);
  BIO* const memory = BIO_new(BIO_s_mem());
  PEM_write_bio_PUBKEY(memory, small);
  EVP_PKEY_free(small);
  EXPECT_FALSE(ReadTrustedKey(Text(memory)).ok());
}

TEST(ClientAssertionTest, TheTokenEndpointAcceptsARegisteredCertificate) {
  FakeClock clock(kNow);
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].certificates = {*ReadTrustedKey(Other().certificate),
                             *ReadTrustedKey(Own().certificate)};
  Cloud cloud({}, tenants, clock);
  CloudClient client(cloud);
  Parts parts = Good();
  parts.issuer = parts.subject = tenants[0].client_id;
  parts.audience = absl::StrCat(kOrigin, "/", tenants[0].id, "/oauth2/v2.0/token");
  const auto form = [&](const KeyPair& pair) {
    return absl::StrCat(
        "grant_type=client_credentials&client_id=", tenants[0].client_id, "&client_assertion_type=",
        CloudClient::Encode("urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
        "&client_assertion=", Assertion(pair, parts),
        "&scope=", CloudClient::Encode(absl::StrCat(kOrigin, "/.default")));
  };
  const HttpResponse good = client.Token(form(Own()));
  EXPECT_EQ(TokenAnswer(good), "200");
  const std::string token = CloudClient::Between(*good.body, "\"access_token\":\"", "\"");
  EXPECT_NE(Base64UrlDecode(CloudClient::Between(token, ".", "."))->find(R"("appidacr":"2")"),
            std::string::npos);
  EXPECT_EQ(TokenAnswer(client.Token(form(Other()))), "401 invalid_client 700027");
  ASSERT_TRUE(cloud.AddFault(*ParseFault("certificate-unknown")).ok());
  EXPECT_EQ(TokenAnswer(client.Token(form(Own()))), "401 invalid_client 700027");
}

TEST(ClientAssertionTest, TwoSecretsAreValidAtOnce) {
  FakeClock clock(kNow);
  std::vector<Tenant> tenants = InventTenants(1, 7);
  tenants[0].other_secrets = {"second"};
  Cloud cloud({}, tenants, clock);
  CloudClient client(cloud);
  EXPECT_EQ(TokenAnswer(client.Token(client.GoodForm())), "200");
  EXPECT_EQ(TokenAnswer(client.Token(
                absl::StrCat("grant_type=client_credentials&client_id=", tenants[0].client_id,
                             "&client_secret=second&scope=",
                             CloudClient::Encode(absl::StrCat(kOrigin, "/.default"))))),
            "200");
}

}  // namespace
}  // namespace picket::simulator
