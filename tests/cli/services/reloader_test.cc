#include "cli/services/reloader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/stat.h>

#include <functional>
#include <memory>
#include <string>

#include "tests/support/temp_folder.h"

namespace picket {
namespace {

using testing::Contains;
using testing::IsEmpty;
using testing::Not;

constexpr char kFirst[] = "first-0123456789";
constexpr char kSecond[] = "second-0123456789";

class IdleService final : public Service {
 public:
  absl::Status Run(std::stop_token) override { return absl::OkStatus(); }
  Readiness ReadinessNow() const override { return {true, "ready"}; }
  http::AdminPages Pages() const override {
    return {{"/page", [] { return std::string("{}"); }}};
  }
  void Reload(ReloadReport&) override {}
  void RestartClients() override {}
};

class ReloaderTest : public testing::Test {
 protected:
  ReloaderTest() {
    WriteToken(kFirst);
    folder_.Write("picket.yaml", "admin:\n  listen: 127.0.0.1:0\n  token_file: token\n");
    EXPECT_THAT(ReadPicketConfig(folder_.Path("picket.yaml"), {}, config_), IsEmpty());
    auto admin = http::AdminServer::Start(
        {.listen = "127.0.0.1:0", .page_token = kFirst}, metrics_,
        [this] { return service_.ReadinessNow(); }, service_.Pages());
    EXPECT_TRUE(admin.ok()) << admin.status();
    admin_ = *std::move(admin);
  }
  void WriteToken(const std::string& token) {
    folder_.Write("token", token);
    EXPECT_EQ(chmod(folder_.Path("token").c_str(), 0600), 0);
  }
  bool Accepts(const std::string& token) {
    httplib::Client client("127.0.0.1", admin_->port());
    const httplib::Result answer =
        client.Get("/page", httplib::Headers{{"Authorization", "Bearer " + token}});
    return answer != nullptr && answer->status == 200;
  }
  ReloadReport Reload() {
    Reloader reloader({.path = folder_.Path("picket.yaml"), .is_named = true}, config_,
                      ServiceKind::kParse, service_, *admin_, kFirst);
    if (on_made_) on_made_();
    return reloader.Reload();
  }

  TempFolder folder_;
  PicketConfig config_;
  Metrics metrics_;
  IdleService service_;
  std::unique_ptr<http::AdminServer> admin_;
  std::function<void()> on_made_;
};

TEST_F(ReloaderTest, ATokenThatHasNotChangedIsNotReported) {
  EXPECT_THAT(Reload().changed, Not(Contains("admin.token_file")));
  EXPECT_TRUE(Accepts(kFirst));
}

TEST_F(ReloaderTest, ANewTokenIsInForceAfterTheReload) {
  on_made_ = [this] { WriteToken(kSecond); };
  EXPECT_THAT(Reload().changed, Contains("admin.token_file"));
  EXPECT_TRUE(Accepts(kSecond));
  EXPECT_FALSE(Accepts(kFirst));
}

// The file changes after the admin server has read it and before the reloader exists.
TEST_F(ReloaderTest, ATokenThatChangesDuringTheStartIsInForceAfterTheReload) {
  WriteToken(kSecond);
  EXPECT_THAT(Reload().changed, Contains("admin.token_file"));
  EXPECT_TRUE(Accepts(kSecond));
  EXPECT_FALSE(Accepts(kFirst));
}

}  // namespace
}  // namespace picket
