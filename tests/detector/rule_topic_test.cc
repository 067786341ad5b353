// Anyone with access to Kafka may write to the topic `rules`. Tests that huge or binary keys and
// rules are escaped and cut in the log and on the status page.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "common/strings.h"
#include "detector/rule_source.h"
#include "detector/rule_watch.h"
#include "kafka/embedded_broker.h"
#include "kafka/transactional_producer.h"
#include "tests/support/fake_clock.h"
#include "tests/support/temp_folder.h"
#include "tests/support/wait_for.h"

namespace picket::detector {
namespace {

using ::testing::AllOf;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::Property;
using ::testing::SizeIs;

constexpr std::string_view kRule =
    "title: Forward\nid: right\nlogsource: {product: m365}\n"
    "detection: {s: {Operation: New-InboxRule}, condition: s}\n";

class RuleTopicTest : public testing::Test {
 protected:
  void SetUp() override {
    topics_ = kafka::EmbeddedBroker::SmallTopics();
    auto broker = kafka::EmbeddedBroker::Start(topics_);
    ASSERT_TRUE(broker.ok()) << broker.status();
    broker_ = *std::move(broker);
  }

  void Publish(const kafka::OutputBatch& batch) {
    auto producer = kafka::TransactionalProducer::Make(broker_->ClientConfig(), topics_.prefix,
                                                       "picket-rule-topic-test");
    ASSERT_TRUE(producer.ok()) << producer.status();
    absl::Status status = absl::UnavailableError("");
    for (int i = 0; i < 30 && absl::IsUnavailable(status); ++i) {
      status = (*producer)->Init(absl::Seconds(1));
    }
    ASSERT_TRUE(status.ok()) << status;
    const absl::Duration limit = absl::Seconds(30);
    ASSERT_EQ((*producer)->Begin(), kafka::CallResult::kOk);
    ASSERT_EQ((*producer)->Produce(batch, limit), kafka::CallResult::kOk);
    ASSERT_EQ((*producer)->Flush(limit), kafka::CallResult::kOk);
    ASSERT_EQ((*producer)->Commit(limit), kafka::CallResult::kOk);
  }

  kafka::TopicsConfig topics_;
  std::unique_ptr<kafka::EmbeddedBroker> broker_;
};

TEST_F(RuleTopicTest, AHugeOrBinaryKeyFillsNeitherTheLogNorThePage) {
  kafka::OutputBatch batch;
  const std::string huge = "k\n\x1b[31m\xff" + std::string(20'000, 'k');
  std::string other(kRule);
  other.replace(other.find("right"), 5, std::string(30'000, 'i'));
  // The key of a message should be the id of its rule. The first two keys are not.
  batch.Add(kafka::Topic::kRules, 0, huge, kRule);
  batch.Add(kafka::Topic::kRules, 0, "wrong", other);
  batch.Add(kafka::Topic::kRules, 0, "right", kRule);
  batch.Add(kafka::Topic::kRules, 0, "broken",
            absl::StrCat("title: ", std::string(50'000, 't'), "\nid: [", std::string(50'000, 'x')));
  ASSERT_NO_FATAL_FAILURE(Publish(batch));

  FakeClock clock;
  Metrics metrics;
  RuleWatch watch(MakeRuleTopic(broker_->ClientConfig(),
                                kafka::TopicName(topics_.prefix, kafka::Topic::kRules)),
                  {}, metrics);
  testing::internal::CaptureStderr();
  EXPECT_TRUE(watch.Check(clock.Now()));
  const std::string log = testing::internal::GetCapturedStderr();
  const RuleStatus status = watch.StatusNow();
  EXPECT_EQ(status.rules, 1u) << "the right rule is in force";
  EXPECT_THAT(status.faults, SizeIs(3));
  EXPECT_THAT(status.faults, Each(Property(&std::string::size, testing::Le(2048u))));
  EXPECT_LT(watch.StatusJson().size(), 10'000u);
  EXPECT_EQ(ValidUtf8(watch.StatusJson()), watch.StatusJson());
  EXPECT_THAT(log, HasSubstr("rule_left_out"));
  EXPECT_THAT(log, Not(HasSubstr("\x1b")));
  EXPECT_LT(log.size(), 6000u) << log;
}

TEST_F(RuleTopicTest, AReplacedClientReadsTheSecretsAgain) {
  kafka::OutputBatch batch;
  batch.Add(kafka::Topic::kRules, 0, "right", kRule);
  ASSERT_NO_FATAL_FAILURE(Publish(batch));
  TempFolder folder;
  folder.Write("password", "old");
  kafka::KafkaConfig kafka = broker_->ClientConfig();
  kafka.sasl_password_file = folder.Path("password");
  const auto source = MakeRuleTopic(kafka, kafka::TopicName(topics_.prefix, kafka::Topic::kRules));
  const auto first = source->Poll();
  ASSERT_TRUE(first.ok() && first->has_value()) << first.status();
  EXPECT_THAT((*first)->files, SizeIs(1));

  std::filesystem::remove(folder.Path("password"));
  EXPECT_TRUE(source->Poll().ok()) << "the running client does not read it";
  source->ReplaceClient();
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(std::string(source->Poll().status().message()),
                AllOf(HasSubstr("kafka.sasl_password_file"), HasSubstr(folder.Path("password"))));
  }
  folder.Write("password", "new");
  const auto second = source->Poll();
  ASSERT_TRUE(second.ok() && second->has_value()) << second.status();
  EXPECT_THAT((*second)->files, SizeIs(1));
}

TEST_F(RuleTopicTest, ALostConnectionIsReportedAndTheRulesStayInForce) {
  kafka::OutputBatch batch;
  batch.Add(kafka::Topic::kRules, 0, "right", kRule);
  ASSERT_NO_FATAL_FAILURE(Publish(batch));
  FakeClock clock;
  Metrics metrics;
  RuleWatch watch(
      MakeRuleTopic(broker_->ClientConfig(), kafka::TopicName(topics_.prefix, kafka::Topic::kRules),
                    {.fault = absl::Milliseconds(300)}),
      {}, metrics);
  ASSERT_TRUE(watch.Check(clock.Now()));
  EXPECT_THAT(watch.StatusNow().faults, IsEmpty());
  broker_.reset();
  ASSERT_TRUE(WaitFor(absl::Seconds(60), [&] {
    watch.Check(clock.Now());
    return !watch.StatusNow().faults.empty();
  }));
  EXPECT_THAT(watch.StatusNow().faults,
              ElementsAre(AllOf(HasSubstr("o365.rules"), HasSubstr("refused"))));
  EXPECT_EQ(watch.StatusNow().rules, 1u);
  EXPECT_EQ(metrics.Sum("picket_rule_faults"), 1);
}

}  // namespace
}  // namespace picket::detector
