#include "simulator/simulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <httplib.h>

#include <cstdio>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/file.h"
#include "m365/tenant_config.h"
#include "simulator/content/published_blob.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

class SimulatorTest : public testing::Test {
 protected:
  void Start(bool https = false, CloudOptions cloud = {}) {
    SimulatorOptions options;
    options.https = https;
    options.cloud = cloud;
    options.tenants = InventTenants(1, 3);
    if (https) options.ca_file = ca_file_ = absl::StrCat(testing::TempDir(), "simulator_ca.pem");
    auto simulator = Simulator::Start(std::move(options), clock_);
    ASSERT_TRUE(simulator.ok()) << simulator.status();
    simulator_ = *std::move(simulator);
    client_ = Connect();
    const Tenant& tenant = simulator_->tenants()[0];
    const auto answer =
        client_->Post(absl::StrCat("/", tenant.id, "/oauth2/v2.0/token"),
                      httplib::Params{{"grant_type", "client_credentials"},
                                      {"client_id", tenant.client_id},
                                      {"client_secret", tenant.client_secret},
                                      {"scope", absl::StrCat(simulator_->url(), "/.default")}});
    ASSERT_TRUE(answer) << httplib::to_string(answer.error());
    ASSERT_EQ(answer->status, 200) << answer->body;
    bearer_ = CloudClient::Between(answer->body, "\"access_token\":\"", "\"");
    root_ = absl::StrCat("/api/v1.0/", tenant.id, "/activity/feed");
  }
  std::unique_ptr<httplib::Client> Connect() {
    auto client = std::make_unique<httplib::Client>(simulator_->url());
    client->set_keep_alive(true);
    if (!ca_file_.empty()) {
      client->set_ca_cert_path(ca_file_);
      client->enable_server_certificate_verification(true);
    }
    return client;
  }
  httplib::Result Get(const std::string& path) {
    return client_->Get(root_ + path, {{"Authorization", "Bearer " + bearer_}});
  }

  SystemClock clock_;
  std::unique_ptr<Simulator> simulator_;
  std::unique_ptr<httplib::Client> client_;
  std::string ca_file_;
  std::string bearer_;
  std::string root_;
};

TEST_F(SimulatorTest, ServesEverythingFromTokenToBlobOverHttp) {
  Start();
  const std::string id =
      simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, R"([{"Id":"one"}])");
  const auto started = client_->Post(root_ + "/subscriptions/start?contentType=Audit.Exchange",
                                     {{"Authorization", "Bearer " + bearer_}}, "", "");
  ASSERT_TRUE(started);
  EXPECT_EQ(started->status, 200);
  // The window must end after the blob's time, which may be up to a millisecond in the future,
  // because the cloud rounds it up.
  const auto time = [&](absl::Duration from_now) {
    return absl::FormatTime("%Y-%m-%dT%H:%M:%S", clock_.Now() + from_now, absl::UTCTimeZone());
  };
  const auto listed = Get(absl::StrCat(
      "/subscriptions/content?contentType=Audit.Exchange&startTime=", time(-absl::Hours(1)),
      "&endTime=", time(absl::Hours(1))));
  ASSERT_TRUE(listed);
  EXPECT_NE(listed->body.find(absl::StrCat(simulator_->url(), root_, "/audit/", id)),
            std::string::npos);
  EXPECT_NE(listed->get_header_value("Date"), "");
  const auto blob = Get("/audit/" + id);
  ASSERT_TRUE(blob);
  EXPECT_EQ(blob->body, R"([{"Id":"one"}])");
  EXPECT_EQ(blob->get_header_value("Content-Type"), "application/json; charset=utf-8");
}

TEST_F(SimulatorTest, ServesHttpsToAClientThatTrustsItsAuthority) {
  Start(/*https=*/true);
  const auto listed = Get("/subscriptions/list");
  ASSERT_TRUE(listed);
  EXPECT_EQ(listed->body, "[]");
}

TEST_F(SimulatorTest, IsNotTrustedByAClientWithoutItsAuthority) {
  Start(/*https=*/true);
  httplib::Client stranger(simulator_->url());
  stranger.enable_server_certificate_verification(true);
  const auto answer = stranger.Get("/");
  EXPECT_FALSE(answer);
  std::remove(ca_file_.c_str());
}

TEST_F(SimulatorTest, ATruncatedBodyEndsBeforeItsLength) {
  Start();
  const std::string id =
      simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, std::string(10'000, ' '));
  Faults faults;
  faults.truncated_bodies = 1;
  simulator_->cloud().SetFaults(faults);
  EXPECT_FALSE(Get("/audit/" + id));
  const auto again = Get("/audit/" + id);
  ASSERT_TRUE(again);
  EXPECT_EQ(again->body.size(), 10'000u);
}

TEST_F(SimulatorTest, AStalledBodyDoesNotDelayTheStop) {
  Start();
  const std::string id =
      simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, std::string(10'000, ' '));
  Faults faults;
  faults.stalled_bodies = 1;
  faults.stall = absl::Hours(1);
  simulator_->cloud().SetFaults(faults);
  std::thread reader([&] { EXPECT_FALSE(Get("/audit/" + id)); });
  const std::pair<RequestKind, std::string> stalled{RequestKind::kBlob, "stalled"};
  while (simulator_->cloud().Counts()[stalled] == 0) std::this_thread::yield();
  simulator_.reset();
  reader.join();
}

TEST_F(SimulatorTest, FaultsAreAddedListedAndRemovedWhileItRuns) {
  Start();
  const auto post = [&](const std::string& body) {
    return client_->Post("/simulator/faults", body, "text/plain");
  };
  EXPECT_EQ(Get("/subscriptions/list")->status, 200);
  const auto added =
      post("html=404:on=subscriptions,count=2\n{\"kind\":\"date\",\"value\":2038}\n");
  ASSERT_TRUE(added);
  EXPECT_EQ(added->body, R"({"ids":[1,2]})");
  const auto broken = Get("/subscriptions/list");
  EXPECT_EQ(broken->status, 404);
  EXPECT_EQ(broken->get_header_value("Content-Type"), "text/html");
  EXPECT_EQ(broken->get_header_value("Date"), "Tue, 19 Jan 2038 03:14:07 GMT");
  EXPECT_EQ(client_->Get("/simulator/faults")->body,
            R"([{"id":1,"fault":"html=404:on=subscriptions,count=2","active":true,"hits":1},)"
            R"({"id":2,"fault":"date=2038","active":true,"hits":1}])");
  EXPECT_EQ(client_->Delete("/simulator/faults/1")->status, 200);
  EXPECT_EQ(client_->Delete("/simulator/faults/1")->status, 404);
  EXPECT_EQ(Get("/subscriptions/list")->status, 200);
  EXPECT_EQ(client_->Delete("/simulator/faults")->status, 200);
  EXPECT_EQ(client_->Get("/simulator/faults")->body, "[]");

  const auto wrong = post("null\nhtml=405\n");
  EXPECT_EQ(wrong->status, 400);
  EXPECT_NE(wrong->body.find("body:2:"), std::string::npos) << wrong->body;
  EXPECT_EQ(post("null\nnull:tenant=nobody\n")->status, 400);
  EXPECT_EQ(client_->Get("/simulator/faults")->body, "[]");
}

TEST_F(SimulatorTest, BodiesAreDeliveredAsTheFaultSays) {
  Start();
  std::string body = "[";
  for (int i = 0; i < 300; ++i) absl::StrAppend(&body, i == 0 ? "" : ",", "{\"Id\":\"", i, "\"}");
  body += "]";
  const std::string id = simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, body);
  const auto with = [&](const char* fault) {
    simulator_->cloud().ClearFaults();
    EXPECT_TRUE(simulator_->cloud().AddFault(*ParseFault(fault)).ok());
    return Get("/audit/" + id);
  };
  // The length of a short body is right, so the client does not notice that the end is missing.
  EXPECT_EQ(with("short-body")->body, body.substr(0, body.size() / 2));
  EXPECT_FALSE(with("cut"));
  EXPECT_EQ(with("empty")->body, "");
  EXPECT_EQ(with("empty=410")->status, 410);
  const absl::Time before = absl::Now();
  EXPECT_EQ(with("drip=10KB")->body, body);
  EXPECT_EQ(with("delay=200ms")->body, body);
  EXPECT_GT(absl::Now() - before, absl::Milliseconds(450));
  client_->set_decompress(false);
  simulator_->cloud().ClearFaults();
  ASSERT_TRUE(simulator_->cloud().AddFault(*ParseFault("gzip")).ok());
  const auto packed = client_->Get(root_ + "/audit/" + id, {{"Authorization", "Bearer " + bearer_},
                                                            {"Accept-Encoding", "gzip"}});
  EXPECT_EQ(packed->body, Gzip(body));
  EXPECT_EQ(packed->get_header_value("Content-Encoding"), "gzip");
  const auto bomb = with("gzip-bomb=100MB");
  ASSERT_TRUE(bomb);
  EXPECT_LT(bomb->body.size(), 200'000u);
}

TEST_F(SimulatorTest, AnEndlessBodyEndsWhenTheClientGoes) {
  Start();
  const std::string id =
      simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, "[{}]");
  ASSERT_TRUE(simulator_->cloud().AddFault(*ParseFault("endless=100MB")).ok());
  size_t bytes = 0;
  const auto answer = client_->Get(root_ + "/audit/" + id, {{"Authorization", "Bearer " + bearer_}},
                                   [&](const char*, size_t length) {
                                     bytes += length;
                                     return bytes < 3'000'000;
                                   });
  EXPECT_FALSE(answer);
  EXPECT_GE(bytes, 3'000'000u);
}

TEST_F(SimulatorTest, ServesTheRowsOfWhatItPublished) {
  Start();
  simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, R"([{"Id":"one"}])");
  const auto rows = client_->Get("/simulator/published");
  ASSERT_TRUE(rows);
  const absl::StatusOr<PublishedBlob> row = ParsePublishedRow(rows->body);
  ASSERT_TRUE(row.ok()) << row.status() << rows->body;
  EXPECT_EQ(row->records.size(), 1u);
  EXPECT_EQ(row->records[0].id, "one");
}

TEST_F(SimulatorTest, ServesAHundredConcurrentClients) {
  Start();
  const std::string id =
      simulator_->cloud().Publish(simulator_->tenants()[0].id, kExchange, "[{}]");
  std::atomic<int> good = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 100; ++i) {
    threads.emplace_back([&] {
      const auto client = Connect();
      for (int j = 0; j < 5; ++j) {
        const auto answer =
            client->Get(root_ + "/audit/" + id, {{"Authorization", "Bearer " + bearer_}});
        if (answer && answer->status == 200) ++good;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(good, 500);
}

TEST_F(SimulatorTest, ReportsItsStatusToATestInAnotherProcess) {
  SimulatorOptions options;
  options.tenants = InventTenants(1, 3);
  options.feed = FeedOptions();
  options.feed->records_per_tenant = 300;
  auto started = Simulator::Start(std::move(options), clock_);
  ASSERT_TRUE(started.ok()) << started.status();
  simulator_ = *std::move(started);
  client_ = Connect();
  const auto own = [&](const std::string& path) { return client_->Get(path)->body; };
  EXPECT_EQ(CloudClient::Between(own("/simulator/status"), "\"all_published\":", ","), "false");
  simulator_->feed()->Start();
  EXPECT_EQ(CloudClient::Between(own("/simulator/status"), "\"all_published\":", ","), "true");
  EXPECT_EQ(CloudClient::Between(own("/simulator/status"), "\"records_published\":", ","), "300");
  EXPECT_EQ(CountOf(own("/simulator/expectations"), "\"rule_id\":"),
            static_cast<int>(kAlertsOfACampaign));
  EXPECT_EQ(CountOf(own("/simulator/published-ids"), ",\""), 299);
  EXPECT_EQ(client_->Get("/simulator/other")->status, 404);
}

TEST_F(SimulatorTest, WritesTenantFilesThatTheFetcherReads) {
  Start();
  const std::string dir = absl::StrCat(testing::TempDir(), "simulator_config");
  const std::vector<Tenant> tenants = InventTenants(3, 9);
  ASSERT_TRUE(WriteTenantFiles(dir, tenants, simulator_->url()).ok());
  const m365::TenantFiles files = m365::LoadTenants(dir + "/tenants.d");
  EXPECT_THAT(files.faults, testing::IsEmpty());
  ASSERT_EQ(files.tenants.size(), 3u);
  for (const m365::TenantConfig& read : files.tenants) {
    const auto tenant = std::find_if(tenants.begin(), tenants.end(),
                                     [&](const Tenant& t) { return t.id == read.tenant_id; });
    ASSERT_NE(tenant, tenants.end());
    EXPECT_EQ(read.client_id, tenant->client_id);
    EXPECT_EQ(read.client_secret.Reveal(), tenant->client_secret);
    EXPECT_EQ(read.name, tenant->name);
    EXPECT_EQ(m365::EndpointsOf(read).api_url, simulator_->url());
    EXPECT_EQ(m365::EndpointsOf(read).audience, simulator_->url());
  }
}

TEST(TenantsOfFileTest, AreTheTenantsOfItsRecords) {
  const std::string path = absl::StrCat(testing::TempDir(), "tenants_of_file.ndjson");
  const std::string first = "AAAAAAAA-1111-4111-8111-111111111111";
  const std::string second = "bbbbbbbb-1111-4111-8111-111111111111";
  ASSERT_TRUE(
      WriteFile(path, absl::StrCat("{\"OrganizationId\":\"", second, "\"}\n{\"OrganizationId\":\"",
                                   first, "\"}\n{\"OrganizationId\":\"", second,
                                   "\"}\n{\"OrganizationId\":\"none\"}\n"))
          .ok());
  const auto tenants = TenantsOfFile(path, 1);
  ASSERT_TRUE(tenants.ok()) << tenants.status();
  ASSERT_EQ(tenants->size(), 2u);
  EXPECT_EQ((*tenants)[0].id, second);
  EXPECT_EQ((*tenants)[1].id, "aaaaaaaa-1111-4111-8111-111111111111");
}

TEST_F(SimulatorTest, ReportsThatItsPortIsInUse) {
  Start();
  SimulatorOptions second;
  second.port = simulator_->port();
  const auto refused = Simulator::Start(std::move(second), clock_);
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.status().message().find("in use"), std::string::npos);
}

}  // namespace
}  // namespace picket::simulator
