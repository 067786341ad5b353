#include "http/admin_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "tests/http/client.h"

namespace picket::http {
namespace {

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() {
    auto started = AdminServer::Start(
        {.listen = "127.0.0.1:0", .page_token = ""}, metrics_,
        [this]() -> Readiness {
          while (is_blocked_) absl::SleepFor(absl::Milliseconds(1));
          return is_ready_ ? Readiness{true, ""} : Readiness{false, "restoring partition 7: 62 %"};
        },
        {{"/tenants", [] { return std::string(R"({"tenants":[]})"); }}});
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  std::string Get(const std::string& path, const std::string& method = "GET",
                  const std::string& host = "localhost") {
    Client client(server_->port());
    client.Send(absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: ", host,
                             "\r\nConnection: close\r\n\r\n"));
    client.WaitForClose();
    return client.received();
  }

  Metrics metrics_;
  std::atomic<bool> is_ready_ = false;
  std::atomic<bool> is_blocked_ = false;
  std::unique_ptr<AdminServer> server_;
};

TEST_F(AdminServerTest, HealthAndVersionAreAnswered) {
  EXPECT_TRUE(absl::StartsWith(Get("/healthz"), "HTTP/1.1 200 "));
  EXPECT_TRUE(absl::StartsWith(Get("/version"), "HTTP/1.1 200 "));
  EXPECT_TRUE(absl::StartsWith(Get("/healthz", "HEAD"), "HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ReadinessIsTrueInBothDirections) {
  const std::string not_ready = Get("/readyz");
  EXPECT_TRUE(absl::StartsWith(not_ready, "HTTP/1.1 503 ")) << not_ready;
  EXPECT_TRUE(absl::StrContains(not_ready, "restoring partition 7: 62 %")) << not_ready;
  is_ready_ = true;
  EXPECT_TRUE(absl::StartsWith(Get("/readyz"), "HTTP/1.1 200 "));
  is_ready_ = false;
  EXPECT_TRUE(absl::StartsWith(Get("/readyz"), "HTTP/1.1 503 "));
}

TEST_F(AdminServerTest, MetricsAreServedAsText) {
  const std::string answer = Get("/metrics");
  EXPECT_TRUE(absl::StrContains(answer, "text/plain; version=0.0.4")) << answer;
}

TEST_F(AdminServerTest, APageIsServedToAClientOnThisMachine) {
  const std::string answer = Get("/tenants");
  EXPECT_TRUE(absl::StrContains(answer, "application/json")) << answer;
  EXPECT_TRUE(absl::StrContains(answer, R"({"tenants":[]})")) << answer;
}

TEST_F(AdminServerTest, AnUnknownPathIs404AndAnotherMethod405) {
  EXPECT_TRUE(absl::StartsWith(Get("/nothing"), "HTTP/1.1 404 "));
  EXPECT_TRUE(absl::StartsWith(Get("/healthz", "DELETE"), "HTTP/1.1 405 "));
}

TEST_F(AdminServerTest, HealthIsAnsweredWhileEveryHandlerWaits) {
  is_blocked_ = true;
  std::vector<std::unique_ptr<Client>> waiting;
  for (int i = 0; i < 10; ++i) {
    waiting.push_back(std::make_unique<Client>(server_->port()));
    waiting.back()->Send("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  }
  EXPECT_TRUE(absl::StartsWith(Get("/healthz"), "HTTP/1.1 200 "));
  is_blocked_ = false;
}

TEST_F(AdminServerTest, AWrongNameOfThisMachineIsRefused) {
  EXPECT_TRUE(absl::StartsWith(Get("/tenants", "GET", "rebound.example:80"), "HTTP/1.1 403 "));
  EXPECT_TRUE(absl::StartsWith(Get("/metrics", "GET", "rebound.example:80"), "HTTP/1.1 200 "));
}

TEST_F(AdminServerTest, ANewTokenIsNeededFromThenOn) {
  EXPECT_TRUE(absl::StartsWith(Get("/tenants"), "HTTP/1.1 200 "));
  server_->SetPageToken("0123456789abcdef");
  const std::string refused = Get("/tenants");
  EXPECT_TRUE(absl::StartsWith(refused, "HTTP/1.1 401 ")) << refused;
  EXPECT_TRUE(absl::StrContains(refused, "WWW-Authenticate: Bearer")) << refused;
  EXPECT_TRUE(absl::StartsWith(
      Get("/tenants", "GET", "x\r\nAuthorization: Bearer 0123456789abcdef"), "HTTP/1.1 200 "));
  EXPECT_TRUE(absl::StartsWith(Get("/readyz"), "HTTP/1.1 503 "));
}

Request From(std::string peer, std::vector<std::pair<std::string, std::string>> headers) {
  Request request;
  request.method = "GET";
  request.path = "/rules";
  request.peer = std::move(peer);
  request.headers = std::move(headers);
  return request;
}

TEST(RefusalOfPageTest, WithoutATokenOnlyThisMachineMayRead) {
  for (const char* host : {"localhost:9464", "LOCALHOST", "127.0.0.1:9464", "127.1.2.3",
                           "[::1]:9464", "own.example:9464"}) {
    EXPECT_EQ(RefusalOfPage(From("127.0.0.1", {{"Host", host}}), "", "own.example"), "") << host;
  }
  EXPECT_EQ(RefusalOfPage(From("::1", {{"Host", "localhost"}}), "", ""), "");
  EXPECT_EQ(RefusalOfPage(From("::ffff:127.0.0.1", {{"Host", "localhost"}}), "", ""), "");
  EXPECT_NE(RefusalOfPage(From("192.0.2.7", {{"Host", "localhost"}}), "", ""), "");
  EXPECT_NE(RefusalOfPage(From("", {{"Host", "localhost"}}), "", ""), "");
}

TEST(RefusalOfPageTest, WithoutATokenRequestsFromElsewhereThroughThisMachineAreRefused) {
  for (const char* host : {"evil.example", "evil.example:9464", "127.0.0.1.evil.example",
                           "localhost.evil.example", "192.0.2.7", "", "[", "127.1"}) {
    EXPECT_NE(RefusalOfPage(From("127.0.0.1", {{"Host", host}}), "", "own.example"), "") << host;
  }
  EXPECT_NE(RefusalOfPage(From("127.0.0.1", {}), "", ""), "");
  for (const char* header : {"X-Forwarded-For", "forwarded", "Via", "X-Real-IP"}) {
    EXPECT_NE(
        RefusalOfPage(From("127.0.0.1", {{"Host", "localhost"}, {header, "192.0.2.7"}}), "", ""),
        "")
        << header;
  }
  EXPECT_NE(
      RefusalOfPage(From("127.0.0.1", {{"Host", "localhost"}, {"Sec-Fetch-Site", "cross-site"}}),
                    "", ""),
      "");
  EXPECT_EQ(
      RefusalOfPage(From("127.0.0.1", {{"Host", "localhost"}, {"Sec-Fetch-Site", "none"}}), "", ""),
      "");
}

TEST(RefusalOfPageTest, WithATokenEveryClientNeedsIt) {
  const auto refusal = [](std::string peer, std::string authorization) {
    return RefusalOfPage(From(std::move(peer), {{"Authorization", std::move(authorization)}}),
                         "secret", "");
  };
  EXPECT_NE(refusal("127.0.0.1", ""), "");
  for (const char* wrong : {"", "Bearer ", "Bearer wrong1", "secret", "Bearer secret2",
                            "Bearer secre", "Basic secret", "Bearersecret"}) {
    EXPECT_NE(refusal("192.0.2.7", wrong), "") << wrong;
  }
  EXPECT_EQ(refusal("192.0.2.7", "Bearer secret"), "");
  EXPECT_EQ(refusal("192.0.2.7", "bearer secret"), "");
  EXPECT_EQ(refusal("127.0.0.1", "Bearer secret"), "");
}

}  // namespace
}  // namespace picket::http
