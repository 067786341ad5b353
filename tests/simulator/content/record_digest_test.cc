#include "simulator/content/record_digest.h"

#include <gtest/gtest.h>

#include "simulator/content/published_blob.h"

namespace picket::simulator {
namespace {

std::vector<RecordDigest> Digests(std::string_view text, size_t piece) {
  RecordDigester digester;
  for (size_t at = 0; at < text.size(); at += piece) digester.Add(text.substr(at, piece));
  EXPECT_TRUE(digester.complete()) << text;
  return digester.Take();
}

TEST(RecordDigestTest, TheOrderOfMembersAndBlanksDoNotMatter) {
  const RecordDigest digest = DigestOf(R"({"Id":"7","A":{"x":[1,"2, }"]},"B":"a\"b"})");
  EXPECT_EQ(digest.id, "7");
  EXPECT_EQ(digest, DigestOf(R"({ "B" : "a\"b", "A":{"x": [1,"2, }"]},  "Id":"7" })"));
}

TEST(RecordDigestTest, EachChangedByteMatters) {
  const std::string record = R"({"Id":"7","A":{"x":[1,"2"]},"B":true})";
  const uint64_t hash = DigestOf(record).hash;
  for (size_t at = 0; at < record.size(); ++at) {
    if (record[at] == '{' || record[at] == '}' || record[at] == '[' || record[at] == ']' ||
        record[at] == '"' || record[at] == ',') {
      continue;  // a change of this byte would change the structure
    }
    std::string changed = record;
    changed[at] = changed[at] == '9' ? '8' : '9';
    EXPECT_NE(DigestOf(changed).hash, hash) << changed;
  }
  EXPECT_NE(DigestOf(R"({"Id":"7","A":{"x":[1,"2"]}})").hash, hash);
  EXPECT_NE(DigestOf(R"({"A":1,"A":1})").hash, DigestOf(R"({"A":1})").hash);
  EXPECT_NE(DigestOf("[]").hash, DigestOf("{}").hash);
  EXPECT_NE(DigestOf("1").hash, DigestOf("2").hash);
}

TEST(RecordDigestTest, PiecesOfAnySizeGiveTheSameDigests) {
  const std::string text =
      " [ {\"Id\":\"1\",\"T\":\"a\\\\\"}, {\"Id\":\"2\",\"T\":[{\"y\":\"]\"}]} ,\"text, ]\",17,"
      "{\"Id\":3},{}]\n";
  const std::vector<RecordDigest> whole = Digests(text, text.size());
  ASSERT_EQ(whole.size(), 6u);
  EXPECT_EQ(whole[0].id, "1");
  EXPECT_EQ(whole[1].id, "2");
  EXPECT_EQ(whole[4].id, "");
  for (size_t piece = 1; piece < 12; ++piece) EXPECT_EQ(Digests(text, piece), whole) << piece;
}

TEST(RecordDigestTest, OnlyAClosedArrayIsComplete) {
  for (const char* text : {"", "[", "[1", "[{\"a\":1}", "[1] x", "{}", "null", "<html>", "[\"]"}) {
    RecordDigester digester;
    digester.Add(text);
    EXPECT_FALSE(digester.complete()) << text;
  }
  EXPECT_TRUE(Digests("[]", 1).empty());
}

TEST(PublishedBlobTest, ARowIsReadBackAsWritten) {
  PublishedBlob blob;
  blob.tenant = "t";
  blob.content_type = "Audit.Exchange";
  blob.content_id = "2026$x";
  blob.created = absl::FromUnixMillis(1'700'000'000'123);
  blob.bytes = 17;
  blob.records = {{"a\"b", 1}, {"", ~uint64_t{0}}};
  const std::string row = PublishedRow(blob);
  EXPECT_EQ(row.back(), '\n');
  const absl::StatusOr<PublishedBlob> again = ParsePublishedRow(row);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->content_id, blob.content_id);
  EXPECT_EQ(again->created, blob.created);
  EXPECT_EQ(again->bytes, 17u);
  EXPECT_EQ(again->records, blob.records);
  EXPECT_FALSE(ParsePublishedRow("{}").ok());
  EXPECT_FALSE(ParsePublishedRow("x").ok());
}

}  // namespace
}  // namespace picket::simulator
