#include "common/sha256.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <memory>

#include "common/check.h"
#include "common/strings.h"

namespace picket {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Sha256Digest Sha256(std::string_view bytes) { return Sha256Of({bytes}); }

Sha256Digest Sha256Of(std::initializer_list<std::string_view> parts) {
  thread_local const std::unique_ptr<EVP_MD_CTX, ContextDeleter> context(EVP_MD_CTX_new());
  PICKET_CHECK(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1);
  bool first = true;
  for (std::string_view part : parts) {
    if (!first) PICKET_CHECK(EVP_DigestUpdate(context.get(), "", 1) == 1);
    first = false;
    PICKET_CHECK(EVP_DigestUpdate(context.get(), part.data(), part.size()) == 1);
  }
  Sha256Digest digest;
  PICKET_CHECK(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr) == 1);
  return digest;
}

Sha256Digest HmacSha256(std::string_view key, std::string_view bytes) {
  Sha256Digest digest;
  unsigned int size = 0;
  PICKET_CHECK(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                    reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                    digest.data(), &size) != nullptr &&
               size == digest.size());
  return digest;
}

std::string HexPrefix(const Sha256Digest& digest, size_t digits) {
  std::string hex =
      HexEncode(std::string_view(reinterpret_cast<const char*>(digest.data()), digest.size()));
  hex.resize(std::min(digits, hex.size()));
  return hex;
}

}  // namespace picket
