#include "m365/url.h"

#include <gtest/gtest.h>

namespace picket::m365 {
namespace {

TEST(IsLoopbackTest, ANameThatOnlyBeginsLikeALoopbackAddressIsNotLoopback) {
  EXPECT_TRUE(IsLoopback("127.0.0.1"));
  EXPECT_TRUE(IsLoopback("localhost"));
  EXPECT_FALSE(IsLoopback("127.evil.example"));
  EXPECT_FALSE(IsLoopback("localhost.evil.example"));
}

}  // namespace
}  // namespace picket::m365
