#include "simulator/feed.h"

#include <gtest/gtest.h>
#include <simdjson.h>
#include <zlib.h>

#include <set>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "simulator/records_file.h"
#include "tests/simulator/cloud_client.h"

namespace picket::simulator {
namespace {

class FeedTest : public testing::Test {
 protected:
  void Make(int tenants = 2) {
    CloudOptions options;
    options.quota_per_minute = 0;
    options.page_size = 1'000'000;
    cloud_ = std::make_unique<Cloud>(options, InventTenants(tenants, 5), clock_);
  }
  void Feed(FeedOptions options) {
    auto feed = Feed::Make(*cloud_, std::move(options), clock_);
    ASSERT_TRUE(feed.ok()) << feed.status();
    feed_ = *std::move(feed);
  }
  // All records of a tenant, as a collector receives them. `sizes` contains the number of records
  // in each blob.
  struct Retrieved {
    std::vector<std::string> ids;
    std::vector<size_t> sizes;
    std::set<std::string> organizations;
  };
  Retrieved Retrieve(int tenant) {
    clock_.Advance(absl::Seconds(1));
    CloudClient client(*cloud_, tenant);
    client.SignIn();
    Retrieved retrieved;
    simdjson::dom::parser parser;
    for (const std::string& type : cloud_->tenants()[tenant].content_types) {
      client.StartSubscription(type);
      simdjson::dom::parser listing;
      for (auto entry : listing.parse(*client.List("", type).body).get_array()) {
        const std::string id(entry["contentId"].get_string().value());
        const auto body = client.Call("GET", "/audit/" + id).body;
        size_t size = 0;
        for (auto record : parser.parse(*body).get_array()) {
          retrieved.ids.emplace_back(record["Id"].get_string().value());
          retrieved.organizations.emplace(record["OrganizationId"].get_string().value());
          ++size;
        }
        retrieved.sizes.push_back(size);
      }
    }
    return retrieved;
  }
  std::string Write(const std::string& text) {
    const std::string path = absl::StrCat(testing::TempDir(), "feed_test.ndjson");
    EXPECT_TRUE(WriteFile(path, text).ok());
    return path;
  }

  FakeClock clock_;
  std::unique_ptr<Cloud> cloud_;
  std::unique_ptr<simulator::Feed> feed_;
};

TEST_F(FeedTest, EverythingAtOnceIsPublishedWhenStartReturns) {
  Make();
  FeedOptions options;
  options.records_per_tenant = 1000;
  Feed(options);
  EXPECT_FALSE(feed_->AllPublished());
  feed_->Start();
  EXPECT_TRUE(feed_->AllPublished());
  EXPECT_EQ(feed_->records_published(), 2000u);
  EXPECT_EQ(feed_->Expected().size(), 2 * kAlertsOfACampaign);
  for (int tenant : {0, 1}) {
    const Retrieved retrieved = Retrieve(tenant);
    const std::vector<std::string> told = feed_->PublishedIds()[cloud_->tenants()[tenant].id];
    EXPECT_EQ(retrieved.ids.size(), 1000u);
    EXPECT_EQ(std::multiset<std::string>(retrieved.ids.begin(), retrieved.ids.end()),
              std::multiset<std::string>(told.begin(), told.end()));
    EXPECT_EQ(retrieved.organizations, std::set<std::string>{cloud_->tenants()[tenant].id});
    EXPECT_GT(std::set<size_t>(retrieved.sizes.begin(), retrieved.sizes.end()).size(), 10u)
        << "blobs vary in size";
  }
}

TEST_F(FeedTest, RepublishedRecordsArePublishedTwiceAndReportedOnce) {
  Make(1);
  FeedOptions options;
  options.records_per_tenant = 1000;
  options.republished_share = 0.1;
  Feed(options);
  feed_->Start();
  const Retrieved retrieved = Retrieve(0);
  const std::set<std::string> distinct(retrieved.ids.begin(), retrieved.ids.end());
  EXPECT_EQ(distinct.size(), 1000u);
  EXPECT_GT(retrieved.ids.size(), 1050u);
  EXPECT_EQ(feed_->records_published(), retrieved.ids.size());
  EXPECT_EQ(feed_->PublishedIds()[cloud_->tenants()[0].id].size(), 1000u);
}

TEST_F(FeedTest, AtARateTheRecordsBecomeAvailableOverTime) {
  Make(1);
  FeedOptions options;
  options.records_per_tenant = 500;
  options.records_per_second = 50;
  Feed(options);
  const absl::Time before = clock_.Now();
  feed_->Start();
  // The feed does not really wait, because each wait only advances the test's clock. Therefore, the
  // loop ends soon.
  while (!feed_->AllPublished()) std::this_thread::yield();
  EXPECT_EQ(feed_->records_published(), 500u);
  EXPECT_GE(clock_.Now() - before, absl::Seconds(9));
  EXPECT_LE(clock_.Now() - before, absl::Seconds(20));
}

TEST_F(FeedTest, ContinuousWorkContainsNewAttacks) {
  Make(1);
  FeedOptions options;
  options.records_per_tenant = 300;
  options.records_per_second = 20;
  options.forever = true;
  Feed(options);
  EXPECT_EQ(feed_->Expected().size(), kAlertsOfACampaign);
  feed_->Start();
  while (feed_->Expected().size() < 4 * kAlertsOfACampaign) std::this_thread::yield();
  EXPECT_FALSE(feed_->AllPublished());
  EXPECT_GE(feed_->records_published(), 300u);
  std::set<std::string> keys;
  for (const ExpectedAlert& alert : feed_->Expected()) {
    keys.insert(absl::StrCat(alert.rule_id, alert.user, alert.address));
  }
  EXPECT_GE(keys.size(), 60u) << "consecutive campaigns use different people";
}

TEST_F(FeedTest, ARecordsFileIsDistributedInBlobsOverTheTenantsOfTheCloud) {
  Make();
  std::string text;
  for (int i = 0; i < 25; ++i) {
    text += absl::StrCat(R"({"Id":"id-)", i, R"(","OrganizationId":"somebody","Workload":)",
                         i % 5 == 0 ? R"("Exchange")" : R"("OneDrive")", "}\n");
  }
  FeedOptions options;
  options.records_file = Write(text);
  options.blob_records = 4;
  Feed(options);
  feed_->Start();
  std::multiset<std::string> ids;
  for (int tenant : {0, 1}) {
    const Retrieved retrieved = Retrieve(tenant);
    EXPECT_EQ(retrieved.organizations, std::set<std::string>{cloud_->tenants()[tenant].id});
    EXPECT_GE(retrieved.ids.size(), 8u);
    ids.insert(retrieved.ids.begin(), retrieved.ids.end());
  }
  EXPECT_EQ(ids.size(), 25u);
  EXPECT_EQ(std::set<std::string>(ids.begin(), ids.end()).size(), 25u);
  EXPECT_TRUE(feed_->Expected().empty());
}

TEST_F(FeedTest, ARecordOfAKnownTenantGoesToItsTenant) {
  Make();
  std::string text;
  for (int i = 0; i < 9; ++i) {
    text += absl::StrCat(R"({"OrganizationId":")", cloud_->tenants()[1].id, R"(","Id":")", i,
                         R"("})", "\n");
  }
  FeedOptions options;
  options.records_file = Write(text);
  Feed(options);
  feed_->Start();
  EXPECT_EQ(Retrieve(0).ids.size(), 0u);
  EXPECT_EQ(Retrieve(1).ids.size(), 9u);
}

TEST_F(FeedTest, ARepeatedFileGetsNewIdsAndKeepsItsDuplicates) {
  Make(1);
  FeedOptions options;
  // The feed replaces the Id and the tenant of each record. The first record has its Id before its
  // tenant. The new Id is longer, so the position of the tenant changes. The other records have the
  // tenant first.
  options.records_file = Write(
      "{\"Id\":\"short\",\"OrganizationId\":\"x\"}\n\n{\"OrganizationId\":\"x\",\"Id\":\"twice\"}\n"
      "{\"OrganizationId\":\"x\",\"Id\":\"twice\"}");
  options.total_records = 30;
  options.blob_records = 7;
  Feed(options);
  feed_->Start();
  const Retrieved retrieved = Retrieve(0);
  EXPECT_EQ(retrieved.ids.size(), 30u);
  EXPECT_EQ(retrieved.organizations, std::set<std::string>{cloud_->tenants()[0].id});
  EXPECT_EQ(std::set<std::string>(retrieved.ids.begin(), retrieved.ids.end()).size(), 20u);
  EXPECT_EQ(feed_->PublishedIds()[cloud_->tenants()[0].id].size(), 20u);
}

TEST_F(FeedTest, ALineThatIsNotARecordIsReportedWithItsNumber) {
  Make();
  FeedOptions options;
  options.records_file = Write("{\"Id\":\"1\"}\n[1]\n");
  const auto feed = Feed::Make(*cloud_, options, clock_);
  ASSERT_FALSE(feed.ok());
  EXPECT_EQ(feed.status().message(),
            absl::StrCat(options.records_file,
                         ":2: not a JSON object; expected one audit record in each line"));
  options.records_file = "no/such/file";
  EXPECT_EQ(Feed::Make(*cloud_, options, clock_).status().message(),
            "cannot read no/such/file: No such file or directory");
}

TEST(RecordsFileTest, ReadsGzipLikePlainText) {
  const std::string path = absl::StrCat(testing::TempDir(), "records_test.ndjson.gz");
  const gzFile file = gzopen(path.c_str(), "wb");
  const std::string text = "{\"Workload\":\"AzureActiveDirectory\",\"Id\":\"a\"}\n{\"Id\":\"b\"}\n";
  gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
  gzclose(file);
  const auto records = ReadRecordsFile(path);
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), 2u);
  EXPECT_EQ((*records)[0].content_type, "Audit.AzureActiveDirectory");
  EXPECT_EQ((*records)[1].content_type, "Audit.General");
  EXPECT_EQ((*records)[1].id, "b");
}

TEST(PlanBlobsTest, ABlobContainsRecordsOfOneContentTypeInOrder) {
  std::vector<AuditRecord> records;
  for (int i = 0; i < 7; ++i) {
    AuditRecord record;
    record.content_type = i % 2 == 0 ? kEntra : kExchange;
    record.id = absl::StrCat(i);
    record.json = absl::StrCat("{\"n\":", i, "}");
    records.push_back(std::move(record));
  }
  const std::vector<PlannedBlob> blobs = PlanBlobs("t", std::move(records), 2, false, 1);
  std::vector<std::string> bodies;
  for (const PlannedBlob& blob : blobs) bodies.push_back(blob.body);
  EXPECT_EQ(bodies, (std::vector<std::string>{"[{\"n\":0},{\"n\":2}]", "[{\"n\":1},{\"n\":3}]",
                                              "[{\"n\":4},{\"n\":6}]", "[{\"n\":5}]"}));
}

}  // namespace
}  // namespace picket::simulator
