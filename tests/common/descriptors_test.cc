#include "common/descriptors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/file.h"

namespace picket {
namespace {

using testing::HasSubstr;

class DescriptorsTest : public testing::Test {
 protected:
  DescriptorsTest() { getrlimit(RLIMIT_NOFILE, &before_); }
  ~DescriptorsTest() override { setrlimit(RLIMIT_NOFILE, &before_); }

  static void SetSoftLimit(rlim_t soft) {
    rlimit limit = {};
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = soft;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
  }

  rlimit before_ = {};
};

TEST_F(DescriptorsTest, TheSoftLimitIsRaisedToTheHardLimit) {
  SetSoftLimit(64);
  ASSERT_EQ(DescriptorLimit(), 64);
  RaiseDescriptorLimit();
  rlimit limit = {};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  EXPECT_EQ(limit.rlim_cur, limit.rlim_max);
}

TEST_F(DescriptorsTest, AnErrorAtTheLimitNamesTheLimitAndTheRemedy) {
  EXPECT_FALSE(IsAtDescriptorLimit());
  const int lowest_free = dup(0);
  close(lowest_free);
  SetSoftLimit(static_cast<rlim_t>(lowest_free));
  EXPECT_TRUE(IsAtDescriptorLimit());
  const auto text = ReadFile("/etc/hostname");
  ASSERT_FALSE(text.ok());
  const std::string message(text.status().message());
  EXPECT_THAT(message, HasSubstr("Too many open files"));
  EXPECT_THAT(message, HasSubstr(absl::StrCat(lowest_free, " open files")));
  EXPECT_THAT(message, HasSubstr("ulimit -n"));
}

}  // namespace
}  // namespace picket
