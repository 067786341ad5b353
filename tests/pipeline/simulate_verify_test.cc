// Tests on a real Kafka that `picket simulate verify` finds content that was lost or stored twice.

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <librdkafka/rdkafka.h>
#include <signal.h>

#include <cstdlib>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/file.h"
#include "kafka/admin.h"
#include "kafka/topics.h"
#include "simulator/simulator.h"
#include "tests/cli/command.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/raw_producer.h"

namespace picket {
namespace {

using testing::HasSubstr;

constexpr char kType[] = "Audit.General";

class SimulateVerifyTest : public testing::Test {
 protected:
  void SetUp() override {
    if (std::getenv("PICKET_TEST_KAFKA") == nullptr) GTEST_SKIP() << "PICKET_TEST_KAFKA is not set";
    simulator::SimulatorOptions options;
    options.tenants = simulator::InventTenants(2, 11);
    // The faults that make the fetcher's requests fail end after at most ten seconds.
    for (const char* fault :
         {"html=200:on=blob,for=1s", "af=AF50000:share=20%,for=10s", "cut:share=10%,for=10s",
          "shuffle", "gzip", "echo:share=5%,for=10s"}) {
      options.faults.push_back(*simulator::ParseFault(fault));
    }
    auto started = simulator::Simulator::Start(std::move(options), clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    PipelineOptions pipeline;
    pipeline.partitions = 2;
    pipeline.overlap = absl::Minutes(10);
    pipeline_ = std::make_unique<Pipeline>("verify", pipeline, *simulator_);
    for (int blob = 0; blob < 20; ++blob) {
      const std::string& tenant = simulator_->tenants()[blob % 2].id;
      std::string body = "[";
      for (int record = 0; record < 3; ++record) {
        absl::StrAppend(&body, record == 0 ? "" : ",", "{\"Id\":\"", blob, "-", record,
                        "\",\"Operation\":\"FileAccessed\",\"OrganizationId\":\"", tenant, "\"}");
      }
      bodies_.push_back(body + "]");
      ids_.push_back(simulator_->cloud().Publish(tenant, kType, bodies_.back()));
    }
  }

  // Runs `picket simulate verify` for the topics with this prefix.
  CommandResult Verify(const std::string& prefix, const std::string& wait = "0s") {
    const std::string config = pipeline_->folder() + "/verify.yaml";
    EXPECT_TRUE(WriteFile(config, absl::StrCat("kafka:\n  bootstrap_servers: ",
                                               pipeline_->kafka().bootstrap_servers,
                                               "\ntopics:\n  prefix: ", prefix, "\n"))
                    .ok());
    return RunPicket({"simulate", "verify", "--config", config, "--simulator", simulator_->url(),
                      "--wait", wait});
  }
  const std::string& TenantOf(int blob) { return simulator_->tenants()[blob % 2].id; }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::unique_ptr<Pipeline> pipeline_;
  std::vector<std::string> ids_;
  std::vector<std::string> bodies_;
};

TEST_F(SimulateVerifyTest, FindsAMessageThatWasDroppedOrDoubled) {
  const std::string prefix = absl::StrCat("verify-copy-", absl::Hex(std::random_device{}()), ".");
  kafka::TopicsConfig topics;
  topics.prefix = prefix;
  topics.partitions = 2;
  topics.replication_factor = 1;
  ASSERT_TRUE(kafka::CreateTopics(pipeline_->kafka(), topics).ok());
  RawProducer producer(pipeline_->kafka(), kafka::TopicName(prefix, kafka::Topic::kRaw), 2);
  for (int blob = 0; blob < 19; ++blob) producer.Send(TenantOf(blob), ids_[blob], bodies_[blob]);
  producer.Flush();
  const CommandResult dropped = Verify(prefix);
  EXPECT_EQ(dropped.exit_status, 1) << dropped.err;
  EXPECT_THAT(dropped.out, HasSubstr("20 blobs: 19 stored once, 0 dead, 0 in gap rows, 1 "
                                     "unaccounted for"));
  EXPECT_THAT(dropped.out, HasSubstr(absl::StrCat("unaccounted for: ", TenantOf(19), " ", kType,
                                                  " ", ids_[19], ": on no topic")));
  EXPECT_THAT(dropped.out, HasSubstr("record 19-2 is missing"));

  producer.Send(TenantOf(19), ids_[19], bodies_[19]);
  producer.Flush();
  const CommandResult good = Verify(prefix);
  EXPECT_EQ(good.exit_status, 0) << good.out << good.err;
  EXPECT_THAT(good.out, HasSubstr("20 blobs: 20 stored once, 0 dead, 0 in gap rows, 0 "
                                  "unaccounted for\n60 records: 60 stored once on raw"));

  producer.Send(TenantOf(7), ids_[7], bodies_[7]);
  producer.Flush();
  const CommandResult doubled = Verify(prefix);
  EXPECT_EQ(doubled.exit_status, 1) << doubled.err;
  EXPECT_THAT(doubled.out,
              HasSubstr(absl::StrCat("doubled: ", TenantOf(7), " ", kType, " ", ids_[7],
                                     ": a message of the blob is on raw 2 "
                                     "times")));
  EXPECT_THAT(doubled.out, HasSubstr("record 7-0 is on raw more than once"));
}

TEST_F(SimulateVerifyTest, FindsABlobThatIsStoredTwiceBecauseItsLedgerRowWasDeleted) {
  ServiceProcess& fetcher = pipeline_->Add("fetch", "a");
  fetcher.process->Start();
  // The blobs are collected although the API fails at first.
  const CommandResult good = Verify(pipeline_->prefix(), "120s");
  ASSERT_EQ(good.exit_status, 0) << good.out << good.err;
  fetcher.process->Signal(SIGTERM);
  EXPECT_EQ(fetcher.process->Wait(absl::Seconds(60)), 0);

  const std::string key = absl::StrCat(TenantOf(3), "|", kType, "|blob|", ids_[3]);
  int rows = 0;
  pipeline_->ReadTopic(kafka::Topic::kLedger,
                       [&](const kafka::Message& message) { rows += message.key == key ? 1 : 0; });
  ASSERT_GT(rows, 0) << "the ledger has no row " << key;
  RawProducer producer(pipeline_->kafka(), pipeline_->Topic(kafka::Topic::kLedger), 2);
  producer.Delete(TenantOf(3), key);
  producer.Flush();

  // The next fetcher does not know the blob, and retrieves it again.
  ServiceProcess& next = pipeline_->Add("fetch", "b");
  next.process->Start();
  CommandResult doubled;
  EXPECT_TRUE(WaitFor(
      absl::Seconds(120),
      [&] {
        doubled = Verify(pipeline_->prefix());
        return doubled.exit_status == 1;
      },
      absl::Seconds(1)));
  EXPECT_THAT(doubled.out,
              HasSubstr(absl::StrCat("doubled: ", TenantOf(3), " ", kType, " ", ids_[3])));
  EXPECT_THAT(doubled.out, HasSubstr("20 blobs: 19 stored once"));
}

}  // namespace
}  // namespace picket
