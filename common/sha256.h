#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace picket {

using Sha256Digest = std::array<uint8_t, 32>;

Sha256Digest Sha256(std::string_view bytes);
// Hashes the parts with a zero byte between them, so that ("ab", "c") and ("a", "bc") have
// different hashes.
Sha256Digest Sha256Of(std::initializer_list<std::string_view> parts);
// Returns the HMAC (RFC 2104) of the bytes with the given key.
Sha256Digest HmacSha256(std::string_view key, std::string_view bytes);
// Returns the first `digits` characters of the digest in lower-case hexadecimal.
std::string HexPrefix(const Sha256Digest& digest, size_t digits = 64);

}  // namespace picket
