#include "common/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <random>
#include <string>

#include "common/strings.h"

namespace picket {
namespace {

using ::testing::HasSubstr;

// Returns the line that LogError writes. The log limits how often it writes lines with the same
// event name. Therefore, each test uses names that no other test uses.
std::string Logged(std::string_view event, LogFields fields) {
  testing::internal::CaptureStderr();
  LogError(event, fields);
  return testing::internal::GetCapturedStderr();
}

TEST(LogTest, AValueCannotAddALineOrAField) {
  const std::string line =
      Logged("log_test_injection", {{"error", "x\" level=fake\nerror service_failed\r\t\x1b[31m"}});
  EXPECT_EQ(std::count(line.begin(), line.end(), '\n'), 1);
  EXPECT_THAT(line, HasSubstr(R"(error="x\" level=fake\nerror service_failed\r\t\u001b[31m")"));
}

TEST(LogTest, ControlCharactersBeyondAsciiAndInvalidBytesAreEscaped) {
  const std::string line =
      Logged("log_test_controls", {{"error", "a\x7f\u009b\u202e\u2028\xff\xc3 \u00e4"}});
  EXPECT_THAT(line, HasSubstr("error=\"a\\u007f\\u009b\\u202e\\u2028\ufffd\ufffd \u00e4\""));
}

TEST(LogTest, ALongValueIsCutBetweenCharactersAndSaysSo) {
  const std::string value = std::string(1023, 'x') + "\u00e4" + std::string(20'000, 'y');
  const std::string line = Logged("log_test_long", {{"key", value}, {"next", 1}});
  EXPECT_LT(line.size(), 1200u);
  EXPECT_THAT(line, HasSubstr("xxx\u2026 (21025 bytes)\" next=1\n"));
}

TEST(LogTest, PlainValuesAreNotQuoted) {
  EXPECT_THAT(Logged("log_test_plain", {{"tenant", "a-b"}, {"note", "two words"}, {"empty", ""}}),
              HasSubstr(R"(log_test_plain tenant=a-b note="two words" empty="")"));
}

TEST(LogTest, RandomBytesGiveValidJsonLines) {
  ConfigureLog(LogLevel::kInfo, LogFormat::kJson);
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string value(random() % 60, '\0');
    for (char& c : value) c = static_cast<char>(random());
    const std::string event = "log_test_random_" + std::to_string(i);
    const std::string line = Logged(event, {{"value", value}, {"last", 7}});
    ASSERT_EQ(std::count(line.begin(), line.end(), '\n'), 1) << line;
    simdjson::dom::parser parser;
    simdjson::dom::object root;
    ASSERT_EQ(parser.parse(line).get(root), simdjson::SUCCESS) << line;
    EXPECT_EQ(root.size(), 5u) << line;
    EXPECT_EQ(root["value"].get_string().value(), ValidUtf8(value));
  }
  ConfigureLog(LogLevel::kInfo, LogFormat::kText);
}

}  // namespace
}  // namespace picket
