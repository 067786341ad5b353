#include "m365/curl_transport.h"

#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "fetcher/blob_body.h"
#include "fetcher/fetcher_stage.h"
#include "simulator/simulator.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

m365::HttpResponse Get(m365::HttpTransport& transport, const std::string& url) {
  std::promise<m365::HttpResponse> answer;
  m365::HttpRequest request;
  request.url = url;
  transport.Send(std::move(request),
                 [&answer](m365::HttpResponse response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

class CurlTransportTest : public testing::Test {
 protected:
  void Start(bool https, simulator::CloudOptions cloud = {}, int tenants = 1) {
    simulator::SimulatorOptions options;
    options.https = https;
    options.cloud = cloud;
    options.tenants = simulator::InventTenants(tenants, 7);
    if (https) options.ca_file = ca_file_ = absl::StrCat(testing::TempDir(), "fetcher_ca.pem");
    auto started = simulator::Simulator::Start(std::move(options), clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
    config_.ca_file = ca_file_;
    config_.poll_interval = absl::Milliseconds(300);
    config_.settle = absl::ZeroDuration();
    config_.overlap = absl::Seconds(5);
    topics_config_.partitions = 4;
  }

  // Runs a worker's loop until the topics hold `blobs` pieces of content or a minute has passed.
  void Collect(size_t blobs) {
    std::vector<m365::TenantConfig> configs;
    for (const simulator::Tenant& tenant : simulator_->tenants()) {
      configs.push_back(ConfigOf(tenant, simulator_->url()));
    }
    auto stage = MakeFetcherStage(
        config_, std::make_shared<const std::vector<m365::TenantConfig>>(std::move(configs)),
        topics_config_, MakeTransport(config_), clock_, metrics_);
    for (int32_t partition = 0; partition < 4; ++partition) {
      stage->BeginRestore(partition);
      stage->EndRestore(partition);
    }
    kafka::OutputBatch out;
    const absl::Time end = absl::Now() + absl::Minutes(1);
    while (topics_.RawBlobs().size() < blobs && absl::Now() < end) {
      stage->Collect(8 << 20, out);
      topics_.Append(out);
      if (!out.empty()) stage->Commit();
      out.Clear();
      stage->BetweenTransactions();
      clock_.Wait(absl::Milliseconds(5), {});
    }
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::string ca_file_;
  FetcherConfig config_;
  kafka::TopicsConfig topics_config_;
  Metrics metrics_;
  Topics topics_;
};

TEST_F(CurlTransportTest, AnswersEveryRequestAndTellsTheServersTime) {
  Start(false);
  m365::CurlTransport transport({});
  const m365::HttpResponse response = Get(transport, simulator_->url() + "/nothing/here");
  EXPECT_TRUE(response.error.ok()) << response.error;
  EXPECT_GE(response.status, 400);
  ASSERT_TRUE(response.Date().has_value());
  EXPECT_LT(absl::AbsDuration(*response.Date() - absl::Now()), absl::Seconds(5));
}

TEST_F(CurlTransportTest, ACertificateThatNobodyVouchesForIsRefusedWithAHint) {
  Start(true);
  m365::CurlTransport distrustful({});
  const m365::HttpResponse response = Get(distrustful, simulator_->url() + "/x");
  EXPECT_EQ(response.error.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(response.error.message()).find("fetcher.ca_file"), std::string::npos)
      << response.error;

  m365::CurlOptions options;
  options.ca_file = ca_file_;
  m365::CurlTransport trusting(options);
  EXPECT_TRUE(Get(trusting, simulator_->url() + "/x").error.ok());
}

TEST_F(CurlTransportTest, AServerThatIsNotThereIsUnavailableAndNamesNoQuery) {
  m365::CurlTransport transport({});
  const m365::HttpResponse response = Get(transport, "http://127.0.0.1:1/path?secret=1");
  EXPECT_EQ(response.error.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(response.error.message()).find("secret"), std::string::npos);
}

TEST_F(CurlTransportTest, OtherSchemesAreNotSpoken) {
  m365::CurlTransport transport({});
  EXPECT_FALSE(Get(transport, "file:///etc/hostname").error.ok());
}

TEST_F(CurlTransportTest, WhatIsUnderWayIsAnsweredWhenTheTransportEnds) {
  Start(false);
  std::vector<std::future<m365::HttpResponse>> answers;
  {
    m365::CurlTransport transport({});
    for (int i = 0; i < 50; ++i) {
      auto promise = std::make_shared<std::promise<m365::HttpResponse>>();
      answers.push_back(promise->get_future());
      m365::HttpRequest request;
      request.url = simulator_->url() + "/x";
      transport.Send(std::move(request), [promise](m365::HttpResponse response) {
        promise->set_value(std::move(response));
      });
    }
  }
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  }
}

TEST_F(CurlTransportTest, CollectsSeveralTenantsOverHttpsWithPagesOfThree) {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  Start(true, options, 3);
  std::map<std::string, int> expected;
  const auto publish = [&](int count) {
    for (int i = 0; i < count; ++i) {
      for (const simulator::Tenant& tenant : simulator_->tenants()) {
        expected[simulator_->cloud().Publish(
            tenant.id, simulator::kExchange,
            absl::StrCat("[{\"Id\":\"", i, "\",\"T\":\"", std::string(2000, 'z'), "\"}]"))] = 1;
      }
    }
  };
  publish(20);
  Collect(expected.size());
  EXPECT_EQ(topics_.RawBlobs(), expected);
}

TEST_F(CurlTransportTest, CollectsThroughServerErrorsThrottlingAndTornBodies) {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  options.quota_per_minute = 600;
  Start(false, options, 1);
  simulator::Faults faults;
  faults.server_errors = 2;
  faults.edge_errors = 2;
  faults.truncated_bodies = 5;
  simulator_->cloud().SetFaults(faults);
  std::map<std::string, int> expected;
  for (int i = 0; i < 40; ++i) {
    expected[simulator_->cloud().Publish(simulator_->tenants()[0].id, simulator::kEntra,
                                         absl::StrCat("[{\"Id\":\"", i, "\"}]"))] = 1;
  }
  Collect(expected.size());
  EXPECT_EQ(topics_.RawBlobs(), expected);
  EXPECT_GT(metrics_.Sum("picket_fetcher_requests_total"), 50);
}

}  // namespace
}  // namespace picket::fetcher
