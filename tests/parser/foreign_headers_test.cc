// Other senders may write any bytes into the headers of a message. Tests that these bytes change no
// event except for the field that shows the header's value.

#include <gtest/gtest.h>
#include <simdjson.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "parser/parser_stage.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

using std::string_view_literals::operator""sv;

// Returns the paths of all members, so that two events can be compared without their values.
void Members(simdjson::dom::element value, const std::string& path,
             std::vector<std::string>& members) {
  simdjson::dom::object object;
  if (value.get(object) != simdjson::SUCCESS) return;
  for (const auto& [key, member] : object) {
    const std::string name = absl::StrCat(path, "/", ToAbsl(key));
    members.push_back(name);
    Members(member, name, members);
  }
}

class ForeignHeadersTest : public testing::Test {
 protected:
  ForeignHeadersTest() {
    topics_.partitions = 1;
    TenantSettings tenant;
    tenant.tenant_id = kTestTenant;
    tenant.parser.ecs = true;
    stage_ = MakeParserStage({}, topics_, metrics_, {tenant});
    stage_->BeginRestore(0);
    stage_->EndRestore(0);
  }

  // Returns the OCSF event and the ECS event of a record in a message with this header.
  std::vector<std::string> EventsWith(std::string_view header, std::string_view value) {
    const std::vector<kafka::Header> headers = {
        {"audit-content-type", header == "audit-content-type" ? value : "Audit.Exchange"},
        {header, value}};
    const std::string blob = RecordWith("Exchange", "New-InboxRule", "");
    kafka::Message message;
    message.topic = "o365.raw";
    message.key = kTestTenant;
    message.value = blob;
    message.timestamp_ms = 1'772'600'000'000;
    message.headers = absl::MakeConstSpan(headers);
    kafka::OutputBatch out;
    stage_->Process(message, out);
    std::vector<std::string> events;
    for (const kafka::OutputBatch::Entry& entry : out.entries()) {
      if (entry.topic == kafka::Topic::kEvents || entry.topic == kafka::Topic::kEventsEcs) {
        events.emplace_back(entry.value);
      }
    }
    // Abort makes the stage forget the record's Id. Otherwise, the next call would drop the record
    // as a duplicate.
    stage_->Abort();
    return events;
  }

  static std::vector<std::string> MembersOf(const std::string& event) {
    std::vector<std::string> members;
    Members(ParseTree(event).root, "", members);
    return members;
  }

  // Expects that the header adds and removes no member. Only the value of metadata.log_name may
  // change.
  void ExpectSameMembers(std::string_view header, std::string_view value) {
    const std::vector<std::string> usual = EventsWith("audit-content-type", "Audit.Exchange");
    const std::vector<std::string> events = EventsWith(header, value);
    ASSERT_EQ(events.size(), 2u);
    for (size_t i = 0; i < 2; ++i) {
      ASSERT_TRUE(simdjson::validate_utf8(events[i].data(), events[i].size())) << events[i];
      ASSERT_EQ(MembersOf(events[i]), MembersOf(usual[i])) << events[i];
    }
  }

  Metrics metrics_;
  kafka::TopicsConfig topics_;
  std::unique_ptr<kafka::Stage> stage_;
};

TEST_F(ForeignHeadersTest, AContentTypeCannotAddAMember) {
  ExpectSameMembers("audit-content-type", R"(x","evil":"1)");
  const Tree event = ParseTree(EventsWith("audit-content-type", R"(x","evil":"1)")[0]);
  EXPECT_EQ(At(event, "/metadata/log_name"), R"(x","evil":"1)");
}

TEST_F(ForeignHeadersTest, AContentTypeBecomesValidUtf8OfBoundedLength) {
  const auto log_name = [&](std::string_view header) {
    return At(ParseTree(EventsWith("audit-content-type", header)[0]), "/metadata/log_name");
  };
  EXPECT_EQ(log_name("\xff\xfe"), "\ufffd\ufffd");
  EXPECT_EQ(log_name("\xfc"), "\ufffd");  // u with dots in Latin-1
  EXPECT_EQ(log_name(std::string_view("a\0b\n", 4)), std::string("a\0b\n", 4));
  EXPECT_EQ(log_name("back\\slash"), "back\\slash");
  EXPECT_EQ(log_name(std::string(255, 'x') + "\u00e4"), std::string(255, 'x'));
  EXPECT_EQ(log_name(std::string(100'000, 'x')), std::string(256, 'x'));
  EXPECT_EQ(log_name("Audit.Exchange"), "Audit.Exchange");
}

TEST_F(ForeignHeadersTest, RandomBytesInAnyHeaderLeaveAValidEventWithTheSameMembers) {
  std::mt19937 random(9);
  constexpr std::string_view kTelling = "\",:{}[]\\/u0041\n\x00\x7f\x80\xc3\xe2\x80\xa8\xf0\xff"sv;
  for (const std::string_view header :
       {"audit-content-type", "content-created", "fetched-at", "content-id", "schema", "chunk",
        "tenant", "dead-letter-reason"}) {
    for (int i = 0; i < 150; ++i) {
      std::string value(1 + random() % 300, '\0');
      for (char& c : value) {
        c = random() % 2 == 0 ? kTelling[random() % kTelling.size()] : static_cast<char>(random());
      }
      ASSERT_NO_FATAL_FAILURE(ExpectSameMembers(header, value)) << header << " " << i;
    }
  }
}

}  // namespace
}  // namespace picket::parser
