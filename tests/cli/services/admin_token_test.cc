#include "cli/services/admin_token.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::HasSubstr;

class AdminTokenTest : public testing::Test {
 protected:
  absl::StatusOr<std::string> Read(const std::string& text, mode_t mode) {
    folder_.Write("token", text);
    chmod(folder_.Path("token").c_str(), mode);
    return ReadAdminToken(folder_.Path("token"));
  }

  TempFolder folder_;
};

TEST_F(AdminTokenTest, ATokenIsReadWithoutTheLineFeed) {
  EXPECT_EQ(*Read("0123456789abcdef\n", 0600), "0123456789abcdef");
  EXPECT_EQ(*Read("0123456789abcdef", 0440), "0123456789abcdef");
  EXPECT_EQ(*ReadAdminToken(""), "");
}

TEST_F(AdminTokenTest, AFileThatOthersCanReadOrChangeIsRefusedWithTheRemedy) {
  for (const mode_t mode : {0644, 0604, 0602, 0660, 0620}) {
    const auto token = Read("0123456789abcdef\n", mode);
    ASSERT_FALSE(token.ok()) << std::oct << mode;
    EXPECT_THAT(std::string(token.status().message()), HasSubstr("chmod o=,g-w"));
  }
}

TEST_F(AdminTokenTest, AShortOrDamagedTokenIsRefusedWithoutShowingIt) {
  for (const char* text : {"", "\n", "short-secret", "0123456789 abcdef", "0123456789\nabcdef",
                           "0123456789abcde\xff"}) {
    const auto token = Read(text, 0600);
    ASSERT_FALSE(token.ok()) << text;
    EXPECT_THAT(std::string(token.status().message()), HasSubstr("admin.token_file"));
    EXPECT_THAT(std::string(token.status().message()), testing::Not(HasSubstr("short-secret")));
  }
  EXPECT_FALSE(ReadAdminToken(folder_.Path("missing")).ok());
}

}  // namespace
}  // namespace picket
