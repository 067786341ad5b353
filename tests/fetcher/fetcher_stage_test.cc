#include "fetcher/fetcher_stage.h"

#include <gtest/gtest.h>

#include <random>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "m365/api_time.h"
#include "tests/fetcher/stage_harness.h"

namespace picket::fetcher {
namespace {

using Decision = StageHarness::Decision;

simulator::CloudOptions Strict() {
  simulator::CloudOptions options;
  options.strict = true;
  options.page_size = 3;
  return options;
}

// Starts the subscriptions, so that content published later can be listed.
void Subscribe(StageHarness& harness) {
  harness.Start();
  harness.Run(absl::Seconds(3));
}

TEST(FetcherStageTest, StoresEachContentBlobOnceWithItsHeadersAndItsLedgerRow) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(10);
  harness.Publish(4, simulator::kEntra);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());

  const std::string tenant = harness.cloud.tenants()[0].id;
  const int32_t partition = kafka::PartitionOf(tenant, StageHarness::kPartitions);
  for (const auto& [place, log] : harness.topics.logs) {
    if (!log.empty()) {
      EXPECT_EQ(place.second, partition);
    }
  }
  Topics::Message raw;
  for (const Topics::Message& message : harness.topics.All(kafka::Topic::kRaw)) {
    if (message.headers.at("content-id") == harness.published[0]) raw = message;
  }
  EXPECT_EQ(raw.key, tenant);
  EXPECT_EQ(raw.headers.at("audit-content-type"), "Audit.Exchange");
  EXPECT_EQ(raw.headers.at("chunk"), "1/1");
  EXPECT_EQ(raw.headers.at("schema"), "1");
  EXPECT_TRUE(m365::ParseApiTime(raw.headers.at("content-created")).has_value());
  EXPECT_TRUE(m365::ParseApiTime(raw.headers.at("content-expiration")).has_value());
  EXPECT_TRUE(m365::ParseApiTime(raw.headers.at("fetched-at")).has_value());
  EXPECT_EQ(raw.value, "[{\"Id\":\"0\"},{\"Id\":\"x\"}]");

  std::map<std::string, std::string> states;
  for (const Topics::Message& row : harness.topics.All(kafka::Topic::kLedger)) {
    const LedgerRow read = *ParseLedgerRow(row.key, row.value);
    if (read.kind == RowKind::kBlob) {
      states[read.id] = read.status == BlobStatus::kStored ? "stored" : "other";
    }
  }
  EXPECT_EQ(states.size(), 14u);
  for (const auto& [id, state] : states) EXPECT_EQ(state, "stored") << id;
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_gaps_total"), 0);
}

TEST(FetcherStageTest, StartsOnlyMissingSubscriptionsAndNeverTwiceWithin15Minutes) {
  StageHarness harness(Strict());
  Subscribe(harness);
  using simulator::RequestKind;
  const auto starts = [&harness] {
    uint64_t count = 0;
    for (const auto& [kind, n] : harness.cloud.Counts()) {
      if (kind.first == simulator::RequestKind::kStart) count += n;
    }
    return count;
  };
  EXPECT_EQ(starts(), 5u);
  harness.Start();
  harness.Run(absl::Seconds(3));
  EXPECT_EQ(starts(), 5u) << "after a restart the subscriptions are already enabled";
  EXPECT_EQ(harness.topics.Coverage("subscription").size(), 5u);
}

TEST(FetcherStageTest, AfterACrashBetweenGuardRowAndStartTheStartWaits15Minutes) {
  StageHarness harness(Strict());
  harness.Start();
  // Restarts the stage as soon as the ledger rows with the times of the subscription starts are
  // committed. At this moment, the start requests are not answered yet.
  while (harness.topics.All(kafka::Topic::kLedger).empty()) harness.Step();
  harness.Start();
  harness.Run(absl::Minutes(14));
  EXPECT_TRUE(harness.topics.Coverage("subscription").empty());
  harness.Run(absl::Minutes(2));
  EXPECT_EQ(harness.topics.Coverage("subscription").size(), 5u);
}

TEST(FetcherStageTest, AnIdleTenantMovesItsWatermarkInStepsHoweverOftenItIsListed) {
  StageHarness harness(Strict());
  harness.config.poll_interval = absl::Seconds(1);
  Subscribe(harness);
  harness.Run(absl::Seconds(30));
  const auto watermarks = [&] {
    std::vector<absl::Time> times;
    for (const Topics::Message& row : harness.topics.All(kafka::Topic::kLedger)) {
      const absl::StatusOr<LedgerRow> read = ParseLedgerRow(row.key, row.value);
      if (read.ok() && read->kind == RowKind::kWatermark) times.push_back(read->time);
    }
    return times;
  };
  const size_t before = watermarks().size();
  harness.Run(absl::Minutes(2));
  // Five content types, each with a step in ten seconds.
  EXPECT_LE(watermarks().size() - before, 5u * 13);
  EXPECT_GE(watermarks().size() - before, 5u * 8);
  EXPECT_GT(watermarks().back(), harness.clock.Now() - absl::Seconds(15));
}

// The predecessor's start requests arrive after its successor has read the list of subscriptions.
TEST(FetcherStageTest, AStartOfThePredecessorThatSucceedsLateIsFoundWithinTwoMinutes) {
  StageHarness harness(Strict());
  harness.Start();
  while (harness.topics.All(kafka::Topic::kLedger).empty()) harness.Step();
  const std::shared_ptr<CloudTransport> predecessor = harness.transport;
  harness.Start();
  harness.Run(absl::Seconds(3));
  predecessor->Deliver();
  harness.Run(absl::Minutes(2));
  harness.Publish(3);
  ASSERT_TRUE(harness.RunUntilStored(absl::Minutes(1)));
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
}

TEST(FetcherStageTest, AnAbortedTransactionIsRepeatedAndNothingIsDuplicated) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(25);
  for (int i = 0; i < 600; ++i) harness.Step(i % 3 == 0 ? Decision::kCommit : Decision::kAbort);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
}

// The process dies at a random moment before, during or after a transaction. The transaction may or
// may not be committed.
TEST(FetcherStageTest, RestartsAtRandomMomentsNeitherLoseNorRepeatContent) {
  for (const uint64_t seed : {1, 2, 3}) {
    StageHarness harness(Strict(), 3);
    Subscribe(harness);
    std::mt19937_64 random(seed);
    for (int round = 0; round < 40; ++round) {
      harness.Publish(static_cast<int>(random() % 8),
                      random() % 2 == 0 ? simulator::kExchange : simulator::kGeneral, random() % 3);
      const int steps = static_cast<int>(random() % 60);
      for (int i = 0; i < steps; ++i) {
        harness.Step(random() % 4 == 0 ? Decision::kAbort : Decision::kCommit);
      }
      if (random() % 2 == 0) continue;
      harness.clock.Advance(absl::Milliseconds(100));
      harness.transport->Deliver(random() % 5);
      harness.Collect();
      // The commit may or may not reach the broker. The process dies before it receives the result.
      if (random() % 2 == 0) harness.topics.Append(harness.out);
      harness.Start();
    }
    ASSERT_TRUE(harness.RunUntilQuiet(absl::Minutes(30)));
    EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected()) << "seed " << seed;
  }
}

// Partitions are revoked and assigned again while requests are under way, so that responses arrive
// late.
TEST(FetcherStageTest, RebalancesNeitherLoseNorRepeatContent) {
  for (const uint64_t seed : {11, 12, 13}) {
    StageHarness harness(Strict(), 3);
    Subscribe(harness);
    std::mt19937_64 random(seed);
    std::map<int32_t, bool> away;
    for (int round = 0; round < 150; ++round) {
      harness.Publish(static_cast<int>(random() % 5), simulator::kExchange, random() % 3);
      for (int i = static_cast<int>(random() % 10); i > 0; --i) harness.Step();
      const auto partition = static_cast<int32_t>(random() % StageHarness::kPartitions);
      if (away[partition]) {
        if (random() % 2 == 0) {
          harness.stage->Resume(partition);
        } else {
          harness.stage->Release(partition);
          harness.Restore(partition);
        }
      } else {
        harness.clock.Advance(absl::Milliseconds(100));
        harness.transport->Deliver(random() % 4, true);
        harness.Collect();
        // The open transaction ends before or after the partition is suspended.
        const Decision decision = random() % 2 == 0 ? Decision::kCommit : Decision::kAbort;
        if (random() % 2 == 0) {
          harness.Decide(decision);
          harness.stage->Suspend(partition);
        } else {
          harness.stage->Suspend(partition);
          harness.Decide(decision);
        }
      }
      away[partition] = !away[partition];
    }
    for (const auto& [partition, is_away] : away) {
      if (is_away) harness.stage->Resume(partition);
    }
    ASSERT_TRUE(harness.RunUntilQuiet(absl::Minutes(30)));
    EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected()) << "seed " << seed;
    EXPECT_GT(harness.metrics.Sum("picket_fetcher_dropped_results_total"), 0);
  }
}

TEST(FetcherStageTest, ServerErrorsThrottlingAndTruncatedBodiesAreRetriedUntilEverythingIsStored) {
  for (const int throttle_status : {403, 429}) {
    simulator::CloudOptions options = Strict();
    options.quota_per_minute = 30;
    options.throttle_status = throttle_status;
    StageHarness harness(options);
    Subscribe(harness);
    simulator::Faults faults;
    faults.server_error_share = 0.2;
    faults.truncated_share = 0.1;
    faults.stalled_share = 0.1;
    faults.edge_errors = 10;
    faults.bad_content_uri = true;
    faults.duplicate_entries = true;
    harness.cloud.SetFaults(faults);
    harness.Publish(120);
    harness.Run(absl::Minutes(8));
    harness.cloud.SetFaults({});
    ASSERT_TRUE(harness.RunUntilStored(absl::Hours(2)));
    ASSERT_TRUE(harness.RunUntilQuiet());
    EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
    EXPECT_GT((harness.cloud.Counts()[{simulator::RequestKind::kBlob, "AF429"}] +
               harness.cloud.Counts()[{simulator::RequestKind::kContent, "AF429"}]),
              0u);
  }
}

TEST(FetcherStageTest, LateContentIsFoundByTheOverlapAndMarked) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(3);
  ASSERT_TRUE(harness.RunUntilQuiet());
  harness.published.push_back(harness.cloud.Publish(harness.cloud.tenants()[0].id,
                                                    simulator::kExchange, "[{\"Id\":\"late\"}]",
                                                    absl::Seconds(20)));
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  EXPECT_EQ(harness.topics.All(kafka::Topic::kRaw).back().headers.count("late"), 1u);
}

TEST(FetcherStageTest, UnderFullLoadListingUsesASmallPartOfTheQuota) {
  StageHarness harness(Strict());
  harness.config.poll_interval = absl::Seconds(60);
  harness.config.overlap = absl::Minutes(10);
  Subscribe(harness);
  harness.Run(absl::Minutes(2));
  const auto before = harness.cloud.Counts();
  // Publish 300 blobs a minute for twelve minutes.
  for (int minute = 0; minute < 12; ++minute) {
    for (int i = 0; i < 60; ++i) {
      harness.Publish(5);
      harness.Run(absl::Seconds(1) - absl::Milliseconds(100));
    }
  }
  ASSERT_TRUE(harness.RunUntilStored(absl::Hours(1)));
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  auto after = harness.cloud.Counts();
  const auto pages = after[{simulator::RequestKind::kContent, "ok"}] -
                     before.at({simulator::RequestKind::kContent, "ok"});
  // The 3,600 blobs fill 1,200 pages. Listings of depth kEdge list each blob about three times, and
  // a listing of depth kOverlap lists it once more (fetcher/planner.h). The limit of six times
  // leaves a margin.
  EXPECT_LT(pages, 3600u / 3 * 6);
}

TEST(FetcherStageTest, ContentLaterThanTheOverlapIsFoundByADeeperListing) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(3);
  harness.Run(absl::Minutes(20));
  const auto publish_late = [&harness](absl::Duration late) {
    harness.published.push_back(harness.cloud.Publish(
        harness.cloud.tenants()[0].id, simulator::kExchange, "[{\"Id\":\"late\"}]", late));
  };
  publish_late(absl::Minutes(10));
  harness.Run(absl::Minutes(61));
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected()) << "the hourly listing covers a day";
}

TEST(FetcherStageTest, ExpiredContentIsReportedAsAGapWithItsId) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(3);
  harness.cloud.Expire(harness.cloud.tenants()[0].id, harness.published[1]);
  ASSERT_TRUE(harness.RunUntilQuiet());
  auto expected = harness.Expected();
  expected.erase(harness.published[1]);
  EXPECT_EQ(harness.topics.RawBlobs(), expected);
  const std::vector<std::string> gaps = harness.topics.Coverage("gap");
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_NE(gaps[0].find(harness.published[1]), std::string::npos) << gaps[0];
  EXPECT_NE(gaps[0].find("AF20051"), std::string::npos) << gaps[0];
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_gaps_total"), 1);
}

TEST(FetcherStageTest, ASubscriptionThatAnAdministratorDisabledIsStartedAgainAndTheGapIsReported) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(3);
  ASSERT_TRUE(harness.RunUntilQuiet());
  harness.clock.Advance(absl::Minutes(20));
  harness.cloud.DisableSubscription(harness.cloud.tenants()[0].id, simulator::kExchange);
  harness.Run(absl::Minutes(2));
  harness.Publish(3);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  const std::vector<std::string> gaps = harness.topics.Coverage("gap");
  ASSERT_EQ(gaps.size(), 1u);
  EXPECT_NE(gaps[0].find("subscription was off"), std::string::npos) << gaps[0];
}

TEST(FetcherStageTest, ATenantWithAWrongSecretIsSuspendedAndTheOthersContinue) {
  StageHarness harness(Strict(), 2);
  auto tenants = std::make_shared<std::vector<m365::TenantConfig>>(*harness.tenants);
  (*tenants)[0].client_secret = m365::Secret("wrong");
  harness.tenants = tenants;
  Subscribe(harness);
  harness.Publish(5, simulator::kExchange, 1);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  const std::vector<std::string> health = harness.topics.Coverage("health");
  ASSERT_EQ(health.size(), 1u);
  EXPECT_NE(health[0].find((*tenants)[0].tenant_id), std::string::npos);
  EXPECT_NE(health[0].find("AADSTS7000215"), std::string::npos) << health[0];
  EXPECT_LT((harness.cloud.Counts()[{simulator::RequestKind::kToken, "AADSTS7000215"}]), 5u)
      << "a wrong secret is retried rarely";
}

TEST(FetcherStageTest, ARotatedSecretIsUsedWithoutARestart) {
  StageHarness harness(Strict());
  const std::string path = testing::TempDir() + "/rotated_secret";
  ASSERT_TRUE(WriteFile(path, "the old one\n").ok());
  auto tenants = std::make_shared<std::vector<m365::TenantConfig>>(*harness.tenants);
  const std::string good((*tenants)[0].client_secret.Reveal());
  (*tenants)[0].client_secret = m365::Secret("the old one");
  (*tenants)[0].client_secret_file = path;
  harness.tenants = tenants;
  Subscribe(harness);
  EXPECT_TRUE(harness.topics.Coverage("subscription").empty());
  ASSERT_TRUE(WriteFile(path, good + "\n").ok());
  harness.Run(absl::Minutes(2));
  EXPECT_EQ(harness.topics.Coverage("subscription").size(), 5u);
  EXPECT_EQ(harness.topics.Coverage("health").size(), 2u);
}

TEST(FetcherStageTest, ATenantWithoutConsentIsSuspendedWithTheReason) {
  simulator::CloudOptions options = Strict();
  StageHarness harness(options);
  harness.tamper = [](const std::string& url, m365::HttpResponse& response) {
    if (url.find("/subscriptions/list") == std::string::npos) return;
    response.status = 401;
    response.body = R"({"error":{"code":"AF10001","message":"The permission set is missing."}})";
  };
  Subscribe(harness);
  const std::vector<std::string> health = harness.topics.Coverage("health");
  ASSERT_EQ(health.size(), 1u);
  EXPECT_NE(health[0].find("admin consent"), std::string::npos) << health[0];
  harness.transport->tamper = nullptr;
  harness.Run(absl::Minutes(1));
  EXPECT_EQ(harness.topics.Coverage("health").size(), 2u) << "the recovery is reported";
}

TEST(FetcherStageTest, TheBearerIsNotSentToAPageLinkOfAnotherHost) {
  simulator::CloudOptions options = Strict();
  StageHarness harness(options);
  harness.tamper = [](const std::string&, m365::HttpResponse& response) {
    for (auto& [name, value] : response.headers) {
      const size_t host = value.find("cloud.example");
      if (name == "nextpageuri" && host != std::string::npos)
        value.replace(host, 13, "evil.example");
    }
  };
  Subscribe(harness);
  // The links lead to another host, so no link is followed, and only the first page of a window is
  // read. A page contains up to three entries. Therefore, all blobs are found once the windows have
  // been halved often enough.
  for (int i = 0; i < 12; ++i) {
    harness.Publish(1);
    harness.clock.Advance(absl::Seconds(2));
  }
  ASSERT_TRUE(harness.RunUntilQuiet(absl::Hours(2)));
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  for (const std::string& url : harness.transport->urls) {
    EXPECT_TRUE(url.starts_with(kCloudOrigin)) << url;
  }
}

TEST(FetcherStageTest, ABlobLargerThanAMessageIsSplitBetweenRecords) {
  StageHarness harness(Strict());
  Subscribe(harness);
  std::vector<std::string> records;
  std::string body = "[ ";
  for (int i = 0; i < 3000; ++i) {
    records.push_back(
        absl::StrCat("{\"Id\":\"", i, "\",\"Text\":\"],[\\\"", std::string(997, 'x'), "\"}"));
    absl::StrAppend(&body, i == 0 ? "" : " ,\n", records.back());
  }
  body += "]";
  harness.published.push_back(
      harness.cloud.Publish(harness.cloud.tenants()[0].id, simulator::kExchange, body));
  ASSERT_TRUE(harness.RunUntilQuiet());
  std::string joined;
  const std::vector<Topics::Message> chunks = harness.topics.All(kafka::Topic::kRaw);
  ASSERT_EQ(chunks.size(), 3u);
  for (size_t i = 0; i < chunks.size(); ++i) {
    EXPECT_EQ(chunks[i].headers.at("chunk"), absl::StrCat(i + 1, "/3"));
    EXPECT_LE(chunks[i].value.size(), size_t{1} << 20);
    ASSERT_EQ(chunks[i].value.front(), '[');
    ASSERT_EQ(chunks[i].value.back(), ']');
    absl::StrAppend(&joined, i == 0 ? "" : " ,\n",
                    chunks[i].value.substr(1, chunks[i].value.size() - 2));
  }
  EXPECT_EQ("[ " + joined + "]", body) << "no byte of a record changes";
}

TEST(FetcherStageTest, ARecordTooLongForAMessageBecomesADeadLetterAndTheOthersAreStored) {
  StageHarness harness(Strict());
  Subscribe(harness);
  const std::string giant = absl::StrCat("{\"Id\":\"", std::string(3 << 20, 'g'), "\"}");
  harness.published.push_back(
      harness.cloud.Publish(harness.cloud.tenants()[0].id, simulator::kExchange,
                            absl::StrCat("[{\"Id\":\"a\"},", giant, ",{\"Id\":\"b\"}]")));
  ASSERT_TRUE(harness.RunUntilQuiet());
  std::vector<std::string> values;
  for (const auto& message : harness.topics.All(kafka::Topic::kRaw))
    values.push_back(message.value);
  EXPECT_EQ(values, (std::vector<std::string>{"[{\"Id\":\"a\"}]", "[{\"Id\":\"b\"}]"}));
  const std::vector<Topics::Message> dead = harness.topics.All(kafka::Topic::kDeadLetters);
  ASSERT_EQ(dead.size(), 1u);
  EXPECT_EQ(dead[0].value, giant);
  EXPECT_EQ(dead[0].headers.at("dead-letter-reason"), "oversized");
  EXPECT_EQ(dead[0].headers.count("chunk"), 0u);
  EXPECT_EQ(dead[0].headers.at("content-id"), harness.published[0]);
  EXPECT_NE(dead[0].key.find(harness.published[0]), std::string::npos);
}

TEST(FetcherStageTest, ABodyTooLargeForMemoryIsSpilledAndGetsATransactionOfItsOwn) {
  StageHarness harness(Strict());
  harness.config.byte_budget_mib = 1;
  Subscribe(harness);
  std::string body = "[";
  for (int i = 0; i < 6000; ++i) {
    absl::StrAppend(&body, i == 0 ? "" : ",", "{\"Id\":\"", i, "\",\"T\":\"",
                    std::string(1000, 'y'), "\"}");
  }
  body += "]";
  harness.published.push_back(
      harness.cloud.Publish(harness.cloud.tenants()[0].id, simulator::kExchange, body));
  harness.Publish(20);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_spilled_blobs_total"), 1);
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_budget_used_bytes"), 0);
  size_t bytes = 0;
  for (const auto& message : harness.topics.All(kafka::Topic::kRaw)) {
    if (message.headers.at("content-id") == harness.published[0]) bytes += message.value.size() - 1;
  }
  EXPECT_EQ(bytes, body.size() - 1);
}

TEST(FetcherStageTest, ListingWindowsFollowTheServersClock) {
  StageHarness harness(Strict());
  FakeClock server_clock(harness.clock.Now());
  simulator::Cloud cloud(Strict(), simulator::InventTenants(1, 7), server_clock);
  auto transport = std::make_shared<CloudTransport>(cloud, server_clock);
  harness.clock.Advance(absl::Hours(30));  // the local clock is far ahead
  auto stage = MakeFetcherStage(harness.config, harness.tenants, harness.topics_config, transport,
                                harness.clock, harness.metrics);
  for (int32_t partition = 0; partition < StageHarness::kPartitions; ++partition) {
    stage->BeginRestore(partition);
    stage->EndRestore(partition);
  }
  kafka::OutputBatch out;
  Topics topics;
  const auto run = [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      harness.clock.Advance(absl::Milliseconds(100));
      server_clock.Advance(absl::Milliseconds(100));
      transport->Deliver();
      stage->Collect(8 << 20, out);
      topics.Append(out);
      if (!out.empty()) stage->Commit();
      out.Clear();
    }
  };
  run(50);
  const std::string id =
      cloud.Publish(cloud.tenants()[0].id, simulator::kExchange, "[{\"Id\":\"1\"}]");
  run(400);
  EXPECT_EQ(topics.RawBlobs(), (std::map<std::string, int>{{id, 1}}));
  for (const Topics::Message& row : topics.All(kafka::Topic::kLedger)) {
    const LedgerRow read = *ParseLedgerRow(row.key, row.value);
    if (read.kind == RowKind::kWatermark) {
      EXPECT_LE(read.time, server_clock.Now());
    }
  }
  EXPECT_EQ(harness.metrics.Sum("picket_fetcher_gaps_total"), 0);
}

// The list of subscriptions concerns the whole tenant, so a failure to read the list must not count
// as a failure of a content type.
TEST(FetcherStageTest, AFailedListOfSubscriptionsDoesNotDelayAContentType) {
  StageHarness harness(Strict());
  const std::string first_type = "contentType=" + (*harness.tenants)[0].content_types[0];
  int subscription_failures = 8;
  absl::Time listing_failed = absl::InfinitePast();
  absl::Time listed_again = absl::InfinitePast();
  harness.tamper = [&](const std::string& url, m365::HttpResponse& response) {
    const auto fail = [&response] {
      response.status = 500;
      response.body = R"({"error":{"code":"AF50000","message":"An internal error."}})";
    };
    if (url.find("/subscriptions/list") != std::string::npos && subscription_failures > 0) {
      --subscription_failures;
      fail();
    }
    if (url.find("/subscriptions/content") == std::string::npos ||
        url.find(first_type) == std::string::npos) {
      return;
    }
    if (listing_failed == absl::InfinitePast()) {
      listing_failed = harness.clock.Now();
      fail();
    } else if (listed_again == absl::InfinitePast()) {
      listed_again = harness.clock.Now();
    }
  };
  testing::internal::CaptureStderr();
  harness.Start();
  harness.Run(absl::Minutes(20));
  for (const absl::string_view line :
       absl::StrSplit(testing::internal::GetCapturedStderr(), '\n')) {
    if (absl::StrContains(line, "kind=list_subscriptions")) {
      EXPECT_TRUE(absl::StrContains(line, "content_type=*")) << line;
    }
  }
  EXPECT_EQ(subscription_failures, 0);
  ASSERT_NE(listed_again, absl::InfinitePast());
  EXPECT_LE(listed_again - listing_failed, absl::Seconds(2)) << "the first back-off, not the ninth";
}

TEST(FetcherStageTest, ATimeOfDayThatIsSetBackDoesNotDelayTheCollection) {
  StageHarness harness(Strict());
  FakeClock server_clock(harness.clock.Now());
  simulator::Cloud cloud(Strict(), simulator::InventTenants(1, 7), server_clock);
  auto transport = std::make_shared<CloudTransport>(cloud, server_clock);
  auto stage = MakeFetcherStage(harness.config, harness.tenants, harness.topics_config, transport,
                                harness.clock, harness.metrics);
  for (int32_t partition = 0; partition < StageHarness::kPartitions; ++partition) {
    stage->BeginRestore(partition);
    stage->EndRestore(partition);
  }
  kafka::OutputBatch out;
  Topics topics;
  const auto run = [&](int steps) {
    for (int i = 0; i < steps; ++i) {
      harness.clock.Advance(absl::Milliseconds(100));
      server_clock.Advance(absl::Milliseconds(100));
      transport->Deliver();
      stage->Collect(8 << 20, out);
      topics.Append(out);
      if (!out.empty()) stage->Commit();
      out.Clear();
    }
  };
  run(50);
  harness.clock.AdjustTimeOfDay(-absl::Hours(2));
  const std::string id =
      cloud.Publish(cloud.tenants()[0].id, simulator::kExchange, "[{\"Id\":\"1\"}]");
  run(400);
  EXPECT_EQ(topics.RawBlobs(), (std::map<std::string, int>{{id, 1}}));
}

TEST(FetcherStageTest, AnOutageOfMoreThanAWeekIsAGapAndContentStillListedIsFetched) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(2);
  ASSERT_TRUE(harness.RunUntilQuiet());
  harness.clock.Advance(absl::Hours(24 * 9));
  harness.Publish(2);
  harness.Start();
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
  EXPECT_EQ(harness.topics.Coverage("gap").size(), 5u) << "one for each content type";
}

TEST(FetcherStageTest, RowsOfContentThatIsNotListedAnyMoreGetATombstone) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(5);
  ASSERT_TRUE(harness.RunUntilQuiet());
  harness.clock.Advance(absl::Hours(24 * 10));
  harness.Run(absl::Seconds(5));
  std::map<std::string, bool> alive;
  for (const Topics::Message& row : harness.topics.All(kafka::Topic::kLedger)) {
    const LedgerRow read = *ParseLedgerRow(row.key, row.is_tombstone ? "" : row.value);
    if (read.kind == RowKind::kBlob) alive[read.id] = !row.is_tombstone;
  }
  EXPECT_EQ(alive.size(), 5u);
  for (const auto& [id, is_alive] : alive) EXPECT_FALSE(is_alive) << id;
}

TEST(FetcherStageTest, LedgerRowsInTheWrongPartitionAreIgnoredAndCounted) {
  StageHarness harness(Strict());
  harness.Start();
  const std::string tenant = harness.cloud.tenants()[0].id;
  const int32_t own = kafka::PartitionOf(tenant, StageHarness::kPartitions);
  const int32_t other = (own + 1) % StageHarness::kPartitions;
  harness.stage->BeginRestore(other);
  const std::string key = tenant + "|Audit.Exchange|watermark|";
  kafka::Message message;
  message.partition = other;
  message.key = key;
  message.value = R"({"watermark":"2026-11-23T10:00:00Z"})";
  harness.stage->RestoreRow(message);
  harness.stage->EndRestore(other);
  const MetricLabels labels = {{"stage", "fetcher"}, {"topic", "o365.ledger"}};
  EXPECT_EQ(harness.metrics.Sum("picket_foreign_rows_total", labels), 1);
  EXPECT_EQ(harness.metrics.Sum("picket_unreadable_rows_total", labels), 0);
}

TEST(FetcherStageTest, WithoutContactToTheGroupNoRequestsAreSent) {
  StageHarness harness(Strict());
  Subscribe(harness);
  harness.Publish(5);
  harness.stage->OnContact(false);
  harness.transport->Deliver();
  const size_t sent = harness.transport->urls.size();
  harness.Run(absl::Minutes(2));
  EXPECT_EQ(harness.transport->urls.size(), sent);
  harness.stage->OnContact(true);
  ASSERT_TRUE(harness.RunUntilQuiet());
  EXPECT_EQ(harness.topics.RawBlobs(), harness.Expected());
}

TEST(FetcherStageTest, ABusyTenantDoesNotDelayAnotherTenant) {
  StageHarness harness(Strict(), 2);
  harness.config.parallel_requests = 4;
  Subscribe(harness);
  harness.Publish(400, simulator::kExchange, 0);
  harness.Publish(5, simulator::kExchange, 1);
  const std::string quiet = harness.cloud.tenants()[1].id;
  const auto stored = [&harness, &quiet] {
    int count = 0;
    for (const auto& message : harness.topics.All(kafka::Topic::kRaw))
      count += message.key == quiet;
    return count;
  };
  for (int i = 0; i < 200 && stored() < 5; ++i) harness.Step();
  EXPECT_EQ(stored(), 5);
  EXPECT_LT(harness.topics.All(kafka::Topic::kRaw).size(), 300u)
      << "the busy tenant still has work left";
}

}  // namespace
}  // namespace picket::fetcher
