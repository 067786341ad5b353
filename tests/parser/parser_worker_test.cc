// Runs the parser's stage in a worker on a model of Kafka in which calls fail at random.
// Afterwards, the counters must agree with the messages on the topics.

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "parser/parser_stage.h"
#include "tests/kafka/worker/worker_loop_fixture.h"
#include "tests/parser/record_testing.h"

namespace picket::kafka {
namespace {

class ParserWorkerTest : public WorkerLoopTest {
 protected:
  static std::string Record(int number) {
    return absl::StrCat(R"({"CreationTime":"2026-03-04T05:06:07","Id":"aaaaaaaa-0000-4000-8000-)",
                        absl::Dec(number, absl::kZeroPad12),
                        R"(","Operation":"FileDownloaded","OrganizationId":")",
                        ToAbsl(parser::kTestTenant),
                        R"(","RecordType":6,"UserKey":"k","UserType":0,"Workload":"SharePoint",)"
                        R"("UserId":"a@b.example"})");
  }
  // Runs the worker until the committed offset of each partition of `raw` is past the last message.
  // The committed offset need not reach the end of the partition: transaction markers may follow
  // the last message, and no offset after such markers is committed.
  bool ProcessAll() {
    return a_.StepUntil([&] {
      for (const int32_t partition : {0, 1}) {
        const auto messages = model_.Committed(Topic::kRaw, partition);
        if (!messages.empty() && Committed(partition) <= messages.back().first) return false;
      }
      return true;
    });
  }
  double Sum(const char* name) const { return metrics_.Sum(name, {{"stage", "parser"}}); }
  size_t CountOn(Topic topic) {
    return model_.Committed(topic, 0).size() + model_.Committed(topic, 1).size();
  }
};

TEST_F(ParserWorkerTest, AbortsAndRepeatsLeaveTheCountersThoseOfTheTopics) {
  constexpr std::pair<Call, Failure> kFailures[] = {
      {Call::kCommit, Failure::kMustAbort},  {Call::kCommit, Failure::kCommitNotAnswered},
      {Call::kCommit, Failure::kCommitLost}, {Call::kFlush, Failure::kMustAbort},
      {Call::kProduce, Failure::kMustAbort}, {Call::kSendOffsets, Failure::kFatal},
  };
  TopicsConfig topics;
  topics.prefix = "";
  topics.partitions = 2;
  a_.Start(parser::MakeParserStage({}, topics, metrics_));
  const int32_t own = PartitionOf(parser::kTestTenant, 2);
  std::mt19937 random(13);
  int records = 0;
  for (int round = 0; round < 60; ++round) {
    std::string blob = "[";
    for (int i = static_cast<int>(random() % 5); i >= 0; --i, ++records) {
      const uint32_t kind = random() % 10;
      absl::StrAppend(&blob, blob.size() > 1 ? "," : "",
                      kind == 0   ? "null"
                      : kind == 1 ? R"({"Id":"x"})"
                                  : Record(static_cast<int>(random() % 150)));
    }
    // Some messages are sent to a partition to which their tenant does not belong. The parser moves
    // such a message to the tenant's partition and counts its records after the move.
    Send(random() % 4 == 0 ? 1 - own : own, std::string(parser::kTestTenant), blob + "]");
    if (round % 7 == 0) {
      Send(own, "nobody", "[]");
      ++records;
    }
    if (round % 9 == 0) Send(own, std::string(parser::kTestTenant), "[]");
    const auto& [call, failure] = kFailures[random() % std::size(kFailures)];
    a_.failures[call].assign(random() % 3, failure);
    ASSERT_TRUE(ProcessAll()) << "round " << round;
  }
  ASSERT_TRUE(ProcessAll());
  ASSERT_TRUE(a_.StepUntilActivity(WorkerActivity::kIdle));
  EXPECT_GT(metrics_.Sum("picket_transactions_total", {{"stage", "toy"}, {"outcome", "aborted"}}),
            5);
  EXPECT_EQ(Sum("picket_records_in_total"), records);
  EXPECT_EQ(Sum("picket_records_in_total"),
            Sum("picket_records_out_total") + Sum("picket_duplicates_total") +
                Sum("picket_dead_letters_total") + Sum("picket_dropped_total"));
  EXPECT_EQ(Sum("picket_records_out_total"), CountOn(Topic::kEvents));
  EXPECT_EQ(Sum("picket_dead_letters_total"), CountOn(Topic::kDeadLetters));
  EXPECT_GT(Sum("picket_duplicates_total"), 0);
  EXPECT_EQ(metrics_.Sum("picket_parser_empty_blobs_total"), 7);
  EXPECT_GT(metrics_.Sum("picket_parser_moved_messages_total"), 0);
}

}  // namespace
}  // namespace picket::kafka
