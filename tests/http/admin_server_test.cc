#include "http/admin_server.h"

#include <gtest/gtest.h>

#include <atomic>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tests/http/client.h"

namespace picket::http {
namespace {

class AdminServerTest : public testing::Test {
 protected:
  AdminServerTest() {
    auto started = AdminServer::Start(
        {.listen = "127.0.0.1:0", .page_token = ""}, metrics_,
        [this]() -> Readiness {
          return is_ready_ ? Readiness{true, ""} : Readiness{false, "restoring partition 7: 62 %"};
        },
        {{"/tenants", [] { return std::string(R"({"tenants":[]})"); }}});
    EXPECT_TRUE(started.ok()) << started.status();
    server_ = *std::move(started);
  }

  std::string Get(const std::string& path, const std::string& method = "GET") {
    Client client(server_->port());
    client.Send(
        absl::StrCat(method, " ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"));
    client.WaitForClose();
    return client.received();
  }

  Metrics metrics_;
  std::atomic<bool> is_ready_ = false;
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

TEST(MayReadPagesTest, AClientElsewhereNeedsTheToken) {
  EXPECT_TRUE(MayReadPages("127.0.0.1", "", ""));
  EXPECT_TRUE(MayReadPages("::1", "", "secret"));
  EXPECT_FALSE(MayReadPages("192.0.2.7", "", ""));
  EXPECT_FALSE(MayReadPages("192.0.2.7", "Bearer ", ""));
  EXPECT_FALSE(MayReadPages("192.0.2.7", "Bearer wrong", "secret"));
  EXPECT_FALSE(MayReadPages("192.0.2.7", "secret", "secret"));
  EXPECT_FALSE(MayReadPages("192.0.2.7", "Bearer secret2", "secret"));
  EXPECT_TRUE(MayReadPages("192.0.2.7", "Bearer secret", "secret"));
  EXPECT_TRUE(MayReadPages("192.0.2.7", "bearer secret", "secret"));
}

}  // namespace
}  // namespace picket::http
