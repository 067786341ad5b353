#include "m365/secret.h"

#include <gtest/gtest.h>

#include <type_traits>

#include "tests/support/temp_folder.h"

namespace picket::m365 {
namespace {

// A secret cannot be converted to a string, so no stream or log field can receive it by mistake.
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_constructible_v<std::string_view, Secret>);

TEST(ReadSecretFileTest, TheValueIsTrimmed) {
  const TempFolder folder;
  folder.Write("secret", " abc~8Q~x.y-z\r\n");
  const absl::StatusOr<Secret> secret = ReadSecretFile(folder.Path("secret"));
  ASSERT_TRUE(secret.ok()) << secret.status();
  EXPECT_EQ(secret->Reveal(), "abc~8Q~x.y-z");
}

TEST(ReadSecretFileTest, CommonMistakesAreReportedWithoutTheSecret) {
  const TempFolder folder;
  for (const char* text :
       {"", "\"quoted\"", "two\nlines", "33333333-3333-3333-3333-333333333333"}) {
    folder.Write("secret", text);
    const absl::Status status = ReadSecretFile(folder.Path("secret")).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << text;
    const std::string message(status.message());
    EXPECT_NE(message.find(folder.Path("secret")), std::string::npos) << message;
    if (*text != '\0') {
      EXPECT_EQ(message.find(text), std::string::npos) << message;
    }
  }
  EXPECT_EQ(ReadSecretFile(folder.Path("missing")).status().code(), absl::StatusCode::kNotFound);
}

}  // namespace
}  // namespace picket::m365
