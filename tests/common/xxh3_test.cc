#include "common/xxh3.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"

namespace picket {
namespace {

// `xxhsum -H2` printed the expected values. The third input is longer than a block of the hash.
TEST(Xxh3Test, AgreesWithXxhsum) {
  std::string longer;
  for (int i = 0; i < 100; ++i) longer += "audit record ";
  const auto digest = [](std::string_view text) {
    const Xxh3Digest d = Xxh3(text);
    return absl::StrFormat("%016x%016x", d.high, d.low);
  };
  EXPECT_EQ(digest(""), "99aa06d3014798d86001c324468d497f");
  EXPECT_EQ(digest("picket"), "0540f1018067f80a8638e07a8348a949");
  EXPECT_EQ(digest(longer), "3341946c07c56a5b68ee8ec0f0dd34f6");
}

}  // namespace
}  // namespace picket
