#include "kafka/dead_letter.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "gtest/gtest.h"
#include "kafka/message_size.h"

namespace picket::kafka {
namespace {

std::map<std::string, std::string> HeadersOf(const OutputBatch& batch, size_t entry) {
  std::map<std::string, std::string> headers;
  for (const Header& header : batch.HeadersOf(batch.entries()[entry])) {
    headers.emplace(std::string(header.name), std::string(header.value));
  }
  return headers;
}

Message Source() {
  Message source;
  source.topic = "o365.raw";
  source.partition = 5;
  source.offset = 42;
  source.key = "tenant-1|blob";
  return source;
}

TEST(DeadLetterTest, ReportsItsSourceAndTheReason) {
  Message source = Source();
  const std::vector<Header> headers = {{"content-id", "c1"}};
  source.headers = headers;
  OutputBatch out;
  AddDeadLetter(source, 3, "the bytes", {"parser", "not_json", "line 1: unexpected 'x'", 2}, out);
  ASSERT_EQ(out.entries().size(), 1u);
  EXPECT_EQ(out.entries()[0].topic, Topic::kDeadLetters);
  EXPECT_EQ(out.entries()[0].partition, 5);
  EXPECT_EQ(out.entries()[0].key, "tenant-1|o365.raw|5|42|3");
  EXPECT_EQ(out.entries()[0].value, "the bytes");
  EXPECT_EQ(HeadersOf(out, 0), (std::map<std::string, std::string>{
                                   {"dead-letter-stage", "parser"},
                                   {"dead-letter-reason", "not_json"},
                                   {"dead-letter-error", "line 1: unexpected 'x'"},
                                   {"dead-letter-topic", "o365.raw"},
                                   {"dead-letter-partition", "5"},
                                   {"dead-letter-offset", "42"},
                                   {"dead-letter-record", "3"},
                                   {"dead-letter-attempts", "2"},
                                   {"content-id", "c1"},
                               }));
}

TEST(DeadLetterTest, ALongErrorIsCutBetweenCharacters) {
  OutputBatch out;
  const std::string error = std::string(1023, 'x') + "\u00e9\u00e9";
  AddDeadLetter(Source(), -1, "v", {"parser", "not_json", error, 1}, out);
  EXPECT_EQ(HeadersOf(out, 0).at("dead-letter-error"), std::string(1021, 'x') + "\u2026");
}

// Each name occurs once, so a reader that takes the first header of a name sees the same value as a
// reader that takes the last one.
TEST(DeadLetterTest, ADeadLetterThatWasPutBackKeepsTheOldReasonUnderAnotherName) {
  std::vector<std::pair<std::string, std::string>> stored = {{"content-id", "c1"}};
  for (const char* reason : {"not_json", "too_deep", "too_large"}) {
    std::vector<Header> headers;
    for (const auto& [name, value] : stored) headers.push_back({name, value});
    Message source = Source();
    source.headers = headers;
    OutputBatch out;
    AddDeadLetter(source, -1, "v", {"parser", reason, "e", 1}, out);
    stored.clear();
    for (const Header& header : out.HeadersOf(out.entries()[0])) {
      stored.emplace_back(header.name, header.value);
    }
  }
  const std::map<std::string, std::string> by_name(stored.begin(), stored.end());
  EXPECT_EQ(by_name.size(), stored.size()) << "each name occurs once";
  EXPECT_EQ(by_name.at("dead-letter-reason"), "too_large");
  EXPECT_EQ(by_name.at("previous-dead-letter-reason"), "too_deep");
  EXPECT_EQ(by_name.at("content-id"), "c1");
  EXPECT_EQ(stored.size(), 17u) << "the number of headers does not grow";
}

// A dead letter of an older version may contain a name twice, because its old headers follow the
// new ones.
TEST(DeadLetterTest, OfHeadersWithOneNameTheFirstOneIsTheNewest) {
  const std::vector<Header> headers = {{"dead-letter-reason", "newer"},
                                       {"dead-letter-reason", "older"},
                                       {"part", "1/2"},
                                       {"dead-letter-error", std::string_view()}};
  Message source = Source();
  source.headers = headers;
  OutputBatch out;
  AddDeadLetter(source, -1, "v", {"parser", "not_json", "e", 1}, out);
  const auto found = HeadersOf(out, 0);
  EXPECT_EQ(found.at("dead-letter-reason"), "not_json");
  EXPECT_EQ(found.at("previous-dead-letter-reason"), "newer");
  EXPECT_EQ(found.at("previous-dead-letter-part"), "1/2");
  EXPECT_EQ(found.count("part"), 0u) << "this dead letter is whole";
}

TEST(DeadLetterTest, AnyKeyAndAnyHeadersLeaveRoomForTheValue) {
  Message source = Source();
  const std::string key(7 << 20, '\xff');
  source.key = key;
  const std::vector<Header> headers(1'000'000, Header{"", ""});
  source.headers = headers;
  const std::string value(9 << 20, 'v');
  OutputBatch out;
  AddDeadLetter(source, -1, value, {"parser", "no_tenant", "a\nb\xff", 1}, out);
  ASSERT_EQ(out.entries().size(), 2u);
  std::string joined;
  for (const OutputBatch::Entry& entry : out.entries()) {
    EXPECT_LE(OutputBytes(entry.key, entry.value, out.HeadersOf(entry)), kMaxOutputBytes);
    EXPECT_LT(entry.key.size(), 150u);
    EXPECT_EQ(ValidUtf8(entry.key), entry.key);
    joined.append(entry.value);
  }
  EXPECT_EQ(joined, value);
  EXPECT_EQ(HeadersOf(out, 0).at("dead-letter-error"), "a b\ufffd");
}

TEST(DeadLetterTest, AValueLargerThanAMessageIsSplit) {
  Message source = Source();
  const std::string large_header(10000, 'h');
  const std::vector<Header> headers = {{"blob", large_header}};
  source.headers = headers;
  std::string value(2 * kMaxMessageBytes + 12345, '\0');
  for (size_t i = 0; i < value.size(); ++i) value[i] = static_cast<char>('a' + i / 1000 % 26);
  OutputBatch out;
  AddDeadLetter(source, -1, value, {"parser", "oversized", "", 1}, out);
  ASSERT_EQ(out.entries().size(), 3u);
  std::string joined;
  for (size_t k = 0; k < 3; ++k) {
    const OutputBatch::Entry& entry = out.entries()[k];
    EXPECT_LE(OutputBytes(entry.key, entry.value, out.HeadersOf(entry)), kMaxOutputBytes);
    const std::string part = absl::StrCat(k + 1, "/3");
    EXPECT_EQ(entry.key, absl::StrCat("tenant-1|o365.raw|5|42|-1|", part));
    EXPECT_EQ(HeadersOf(out, k).at("part"), part);
    joined.append(entry.value);
  }
  EXPECT_EQ(joined, value);
}

TEST(DeadLetterTest, AMessageJustWithinTheLimitStaysWhole) {
  OutputBatch out;
  AddDeadLetter(Source(), 0, "", {"s", "r", "e", 1}, out);
  const size_t overhead = OutputBytes(out.entries()[0].key, "", out.HeadersOf(out.entries()[0]));
  out.Clear();
  AddDeadLetter(Source(), 0, std::string(kMaxOutputBytes - overhead, 'x'), {"s", "r", "e", 1}, out);
  EXPECT_EQ(out.entries().size(), 1u);
  out.Clear();
  AddDeadLetter(Source(), 0, std::string(kMaxOutputBytes - overhead + 1, 'x'), {"s", "r", "e", 1},
                out);
  EXPECT_EQ(out.entries().size(), 2u);
}

}  // namespace
}  // namespace picket::kafka
