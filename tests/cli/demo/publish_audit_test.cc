#include "cli/demo/publish_audit.h"

#include <gtest/gtest.h>

#include <list>

#include "absl/strings/str_cat.h"

namespace picket {
namespace {

using simulator::DigestOf;
using simulator::PublishedBlob;

constexpr char kTenant[] = "00000000-0000-4000-8000-000000000001";
constexpr char kType[] = "Audit.Exchange";

std::string Record(int number) {
  return absl::StrCat("{\"Id\":\"r", number, "\",\"Value\":", number, "}");
}

// A message that owns the bytes to which it refers.
struct OwnedMessage {
  std::string value;
  std::list<std::pair<std::string, std::string>> header_text;
  kafka::Message message;
  std::vector<kafka::Header> headers;
};

class PublishAuditTest : public testing::Test {
 protected:
  void Publish(const std::string& id, std::vector<int> records, int64_t created_s = 1000) {
    PublishedBlob blob;
    blob.tenant = kTenant;
    blob.content_type = kType;
    blob.content_id = id;
    blob.created = absl::FromUnixSeconds(created_s);
    for (const int number : records) blob.records.push_back(DigestOf(Record(number)));
    audit_.AddPublished(blob);
    rows_.push_back(blob);
  }
  kafka::Message& Make(const std::string& key, const std::string& value,
                       std::list<std::pair<std::string, std::string>> headers) {
    OwnedMessage& owned = messages_.emplace_back();
    owned.value = value;
    owned.header_text = std::move(headers);
    for (const auto& [name, text] : owned.header_text) owned.headers.push_back({name, text});
    keys_.push_back(key);
    owned.message.key = keys_.back();
    owned.message.value = owned.value;
    owned.message.headers = owned.headers;
    return owned.message;
  }
  void Raw(const std::string& id, std::vector<int> records, const std::string& chunk = "1/1") {
    std::string value = "[";
    for (const int number : records) {
      absl::StrAppend(&value, value.size() > 1 ? "," : "", Record(number));
    }
    RawText(id, value + "]", chunk);
  }
  void RawText(const std::string& id, const std::string& value, const std::string& chunk = "1/1") {
    audit_.AddRaw(Make(kTenant, value,
                       {{"content-id", id}, {"audit-content-type", kType}, {"chunk", chunk}}));
  }
  void DeadLetter(const std::string& id, const std::string& value, const std::string& reason,
                  const std::string& part = "", const std::string& stage = "fetcher") {
    std::list<std::pair<std::string, std::string>> headers = {{"dead-letter-stage", stage},
                                                              {"dead-letter-reason", reason},
                                                              {"dead-letter-record", "0"},
                                                              {"content-id", id},
                                                              {"audit-content-type", kType}};
    if (!part.empty()) headers.emplace_back("part", part);
    audit_.AddDeadLetter(Make(absl::StrCat(kTenant, "|raw|0|-1|0"), value, headers));
  }
  void Gap(const std::string& from, const std::string& to, const std::string& id = "") {
    audit_.AddCoverage(
        Make("k",
             absl::StrCat(R"({"tenant":")", kTenant, R"(","content_type":")", kType,
                          R"(","kind":"gap","from":")", from, R"(","to":")", to, "\"",
                          id.empty() ? "" : absl::StrCat(R"(,"content_id":")", id, "\""), "}"),
             {}));
  }

  PublishAudit audit_;
  std::list<OwnedMessage> messages_;
  std::list<std::string> keys_;
  std::vector<PublishedBlob> rows_;
};

TEST_F(PublishAuditTest, ABlobIsStoredOnceWholeOrInPieces) {
  Publish("a", {1, 2, 3});
  Publish("b", {4, 5, 6});
  Publish("c", {});
  Raw("a", {3, 1, 2});
  Raw("b", {6}, "2/2");
  Raw("b", {4, 5}, "1/2");
  Raw("c", {});
  const AuditCounts counts = audit_.Count();
  EXPECT_EQ(counts.blobs, 3u);
  EXPECT_EQ(counts.stored, 3u);
  EXPECT_EQ(counts.records_stored, 6u);
  EXPECT_EQ(counts.wrong(), 0u);
  EXPECT_TRUE(audit_.Findings(10).empty());
}

TEST_F(PublishAuditTest, WhatIsMissingDoubledOrAlteredIsNamed) {
  Publish("missing", {1});
  Publish("piece", {2, 3});
  Publish("record", {4, 5});
  Publish("twice", {6});
  Publish("altered", {7});
  Publish("more", {8});
  Raw("piece", {2}, "1/2");
  Raw("record", {4});
  Raw("twice", {6});
  Raw("twice", {6});
  RawText("altered", R"([{"Id":"r7","Value":8}])");
  Raw("more", {8, 8});
  Raw("unknown", {9});
  const AuditCounts counts = audit_.Count();
  EXPECT_EQ(counts.unaccounted, 1u);
  EXPECT_EQ(counts.incomplete, 2u);
  EXPECT_EQ(counts.doubled, 2u);
  EXPECT_EQ(counts.altered, 1u);
  EXPECT_EQ(counts.unknown, 1u);
  EXPECT_EQ(counts.wrong(), 7u);
  std::map<std::string, std::string> details;
  for (const PublishAudit::Finding& finding : audit_.Findings(100)) {
    details[finding.content_id] = finding.detail;
  }
  EXPECT_EQ(details, (std::map<std::string, std::string>{
                         {"missing", "on no topic"},
                         {"piece", "1 of 2 messages are missing"},
                         {"record", "1 of 2 records are missing"},
                         {"twice", "a message of the blob is on raw 2 times"},
                         {"altered", "the records are not those that were published"},
                         {"more", "2 records instead of 1"},
                         {"unknown", "on raw, but was never published"}}));
  EXPECT_EQ(audit_.Findings(3).size(), 3u);
}

TEST_F(PublishAuditTest, ASecondReadingNamesTheRecords) {
  Publish("a", {1, 2, 3});
  const auto read = [&] {
    messages_.clear();
    RawText("a", absl::StrCat("[", Record(1), ",", Record(1), R"(,{"Id":"r2","Value":3}])"));
  };
  read();
  const std::vector<PublishAudit::Finding> findings = audit_.Findings(10);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].end, BlobEnd::kAltered);
  audit_.ForgetMessages();
  audit_.TrackRecords(findings);
  audit_.AddPublished(rows_[0]);
  read();
  EXPECT_EQ(audit_.RecordLines(findings[0], 10),
            (std::vector<std::string>{"record r1 was not published in this blob",
                                      "record r2 is altered", "record r3 is missing"}));
  EXPECT_EQ(audit_.RecordLines(findings[0], 1).back(), "and more records");
}

TEST_F(PublishAuditTest, DeadLettersAndGapRowsAccountForABlob) {
  Publish("dead", {1});
  Publish("oversized", {2, 3});
  Publish("parts", {4});
  Publish("named", {5});
  Publish("covered", {6}, 5000);
  Publish("at the end", {7}, 6000);
  DeadLetter("dead", "<html>", "not_content");
  Raw("oversized", {2});
  DeadLetter("oversized", Record(3), "oversized");
  const std::string record = Record(4);
  DeadLetter("parts", record.substr(0, 5), "oversized", "1/2");
  DeadLetter("parts", record.substr(5), "oversized", "2/2");
  Gap("1970-01-01T00:16:40Z", "1970-01-01T00:16:40Z", "named");
  Gap("1970-01-01T01:00:00Z", "1970-01-01T01:40:00Z");
  const AuditCounts counts = audit_.Count();
  EXPECT_EQ(counts.dead, 1u);
  EXPECT_EQ(counts.stored, 2u);
  EXPECT_EQ(counts.records_dead, 2u);
  EXPECT_EQ(counts.in_gap, 2u);
  EXPECT_EQ(counts.unaccounted, 1u);
  ASSERT_EQ(audit_.Findings(10).size(), 1u);
  EXPECT_EQ(audit_.Findings(10)[0].content_id, "at the end");
}

TEST_F(PublishAuditTest, OtherTenantsAndStagesAndLaterBlobsDoNotCount) {
  Publish("a", {1});
  audit_.AddRaw(Make("00000000-0000-4000-8000-000000000002", "[]", {{"content-id", "x"}}));
  DeadLetter("a", "{}", "not_json", "", "parser");
  EXPECT_EQ(audit_.Count().unaccounted, 1u);
  EXPECT_EQ(audit_.Count().other_messages, 1u);
  Raw("later", {2});
  EXPECT_EQ(audit_.Count().unknown, 1u);
  PublishedBlob later;
  later.tenant = kTenant;
  later.content_type = kType;
  later.content_id = "later";
  audit_.AcceptLaterBlob(later);
  audit_.AcceptLaterBlob(rows_[0]);
  EXPECT_EQ(audit_.Count().unknown, 0u);
  EXPECT_EQ(audit_.Count().blobs, 1u);
}

}  // namespace
}  // namespace picket
