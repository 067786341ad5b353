#include "parser/mapping/timestamp.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/time/time.h"

namespace picket::parser {
namespace {

TEST(ParseTimeTest, AgreesWithAbseilOnRandomTimes) {
  std::mt19937_64 random(5);
  for (int i = 0; i < 5000; ++i) {
    const absl::Time time = absl::FromUnixSeconds(631'152'000 + random() % 6'000'000'000);
    const std::string text = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time, absl::UTCTimeZone());
    ASSERT_EQ(ParseTime(text), absl::ToUnixMillis(time)) << text;
  }
}

TEST(ParseTimeTest, RejectsWhatIsNotATime) {
  for (const char* text :
       {"", "now", "2026-13-01T00:00:00", "2026-01-32T00:00:00", "2026-01-01T24:00:00",
        "2026-01-01T00:00:00.", "2026-01-01T00:00:00+99", "2026-01-01", "0001-01-01T00:00:00",
        "13/45/2026 1:00:00 AM", "1/2/2026 13:00:00 PM", "2026-01-01T00:00:00Zx"}) {
    EXPECT_FALSE(ParseTime(text).has_value()) << text;
  }
}

TEST(ParseTimeTest, RejectsEveryCharacterThatDoesNotBelong) {
  const std::string good = "2026-11-12T11:11:11.5Z";
  const std::string shape = "0000-00-00T00:00:00";
  for (size_t at = 0; at < shape.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      const char character = static_cast<char>(byte);
      const bool is_allowed = shape[at] == '0' ? character >= '0' && character <= '9'
                              : shape[at] == 'T'
                                  ? character == 'T' || character == 't' || character == ' '
                                  : character == shape[at];
      if (is_allowed) continue;
      std::string text = good;
      text[at] = character;
      EXPECT_FALSE(ParseTime(text).has_value()) << text;
    }
  }
  EXPECT_TRUE(ParseTime(good).has_value());
}

}  // namespace
}  // namespace picket::parser
