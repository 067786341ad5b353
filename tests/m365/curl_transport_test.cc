#include "m365/curl_transport.h"

#include <gtest/gtest.h>

#include <future>

#include "absl/strings/str_cat.h"
#include "simulator/simulator.h"

namespace picket::m365 {
namespace {

HttpResponse Get(HttpTransport& transport, const std::string& url, BodySink* sink = nullptr) {
  std::promise<HttpResponse> answer;
  HttpRequest request;
  request.url = url;
  request.sink = sink;
  transport.Send(std::move(request),
                 [&answer](HttpResponse response) { answer.set_value(std::move(response)); });
  return answer.get_future().get();
}

class CurlTransportTest : public testing::Test {
 protected:
  void Start(bool https) {
    simulator::SimulatorOptions options;
    options.https = https;
    options.tenants = simulator::InventTenants(1, 7);
    if (https) options.ca_file = ca_file_ = absl::StrCat(testing::TempDir(), "curl_ca.pem");
    auto started = simulator::Simulator::Start(std::move(options), clock_);
    ASSERT_TRUE(started.ok()) << started.status();
    simulator_ = *std::move(started);
  }

  SystemClock clock_;
  std::unique_ptr<simulator::Simulator> simulator_;
  std::string ca_file_;
};

TEST_F(CurlTransportTest, AnswersEveryRequestAndReturnsTheServersTime) {
  Start(false);
  CurlTransport transport({});
  const HttpResponse response = Get(transport, simulator_->url() + "/nothing/here");
  EXPECT_TRUE(response.error.ok()) << response.error;
  EXPECT_GE(response.status, 400);
  ASSERT_TRUE(response.Date().has_value());
  EXPECT_LT(absl::AbsDuration(*response.Date() - absl::Now()), absl::Seconds(5));
}

class CollectingSink final : public BodySink {
 public:
  absl::Status Append(std::string_view bytes) override {
    if (!accept) return absl::ResourceExhaustedError("the sink is full");
    body += bytes;
    return absl::OkStatus();
  }

  bool accept = true;
  std::string body;
};

TEST_F(CurlTransportTest, ASinkReceivesTheBodyOfASuccessAndItsErrorEndsTheRequest) {
  Start(false);
  CurlTransport transport({});
  CollectingSink sink;
  const HttpResponse response = Get(transport, simulator_->url() + "/simulator/status", &sink);
  EXPECT_EQ(response.status, 200);
  EXPECT_TRUE(response.body.empty());
  EXPECT_NE(sink.body.find("all_published"), std::string::npos) << sink.body;

  sink.accept = false;
  EXPECT_EQ(Get(transport, simulator_->url() + "/simulator/status", &sink).error.code(),
            absl::StatusCode::kResourceExhausted);
  CollectingSink unused;
  EXPECT_FALSE(Get(transport, simulator_->url() + "/nothing/here", &unused).body.empty());
  EXPECT_TRUE(unused.body.empty()) << "the body of an error is not for the sink";
}

TEST_F(CurlTransportTest, AnUntrustedCertificateIsRejectedWithAHint) {
  Start(true);
  CurlTransport without_ca({});
  const HttpResponse response = Get(without_ca, simulator_->url() + "/x");
  EXPECT_EQ(response.error.code(), absl::StatusCode::kUnavailable);
  EXPECT_NE(std::string(response.error.message()).find("fetcher.ca_file"), std::string::npos)
      << response.error;

  CurlOptions options;
  options.ca_file = ca_file_;
  CurlTransport with_ca(options);
  EXPECT_TRUE(Get(with_ca, simulator_->url() + "/x").error.ok());
}

TEST_F(CurlTransportTest, AnUnreachableServerIsUnavailableAndTheMessageContainsNoQuery) {
  CurlTransport transport({});
  const HttpResponse response = Get(transport, "http://127.0.0.1:1/path?secret=1");
  EXPECT_EQ(response.error.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(std::string(response.error.message()).find("secret"), std::string::npos);
}

TEST_F(CurlTransportTest, OtherSchemesAreNotSupported) {
  CurlTransport transport({});
  EXPECT_FALSE(Get(transport, "file:///etc/hostname").error.ok());
}

TEST_F(CurlTransportTest, RequestsUnderWayAreAnsweredWhenTheTransportEnds) {
  Start(false);
  std::vector<std::future<HttpResponse>> answers;
  {
    CurlTransport transport({});
    for (int i = 0; i < 50; ++i) {
      auto promise = std::make_shared<std::promise<HttpResponse>>();
      answers.push_back(promise->get_future());
      HttpRequest request;
      request.url = simulator_->url() + "/x";
      transport.Send(std::move(request),
                     [promise](HttpResponse response) { promise->set_value(std::move(response)); });
    }
  }
  for (auto& answer : answers) {
    ASSERT_EQ(answer.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  }
}

}  // namespace
}  // namespace picket::m365
