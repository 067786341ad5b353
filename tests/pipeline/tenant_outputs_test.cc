// Tests that tenants' settings for the parser (masked fields and ECS events) apply on every topic
// while parsers are killed.

#include <gtest/gtest.h>

#include <random>
#include <set>
#include <thread>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/strings.h"
#include "model/alert_reader.h"
#include "parser/masking.h"
#include "simulator/attack_behaviours.h"
#include "simulator/feed.h"
#include "tests/pipeline/exact_contents.h"
#include "tests/pipeline/fault_injector.h"
#include "tests/pipeline/pipeline.h"
#include "tests/pipeline/raw_producer.h"

namespace picket {
namespace {

constexpr char kMaskKey[] = "a key of the test, which is no secret";

// Returns the masked fields. The settings hash every field that names a person in the records of
// the simulated tenants, and drop two other fields.
const std::vector<MaskedField>& MaskedFields() {
  static const auto* const fields = [] {
    auto* const list = new std::vector<MaskedField>;
    for (const char* field :
         {"UserId", "UserKey", "MailboxOwnerUPN", "Actor.ID", "ObjectId", "Target.ID",
          "Parameters.Identity", "Parameters.User", "Parameters.Member", "Parameters.Trustee",
          "Parameters.GrantSendOnBehalfTo", "Members.UPN", "TargetUserOrGroupName", "Data",
          "ReleaseTo", "Recipients", "ExchangeMetaData.From", "ModifiedProperties.SiteAdmin"}) {
      list->push_back({field, "hash", true});
    }
    for (const char* field : {"Item.Subject", "SourceRelativeUrl"}) {
      list->push_back({field, "drop", true});
    }
    return list;
  }();
  return *fields;
}

std::string MaskSettings() {
  std::string text = "  mask:\n";
  for (const MaskedField& field : MaskedFields()) {
    absl::StrAppend(&text, "    - {field: ", field.field, ", how: ", field.how,
                    ", undocumented: true}\n");
  }
  return text;
}

// Returns true if the built-in rule needs the original value of a masked field, such as the name of
// a role group or the UserId of a service. The test ignores the alerts of such a rule.
bool ReadsMaskedText(std::string_view rule_id) {
  return rule_id == simulator::FindBehaviour("exchange_role_group_joined").rule_id ||
         rule_id == simulator::FindBehaviour("sharing_policy_weakened").rule_id;
}

// Until Stop is called, sends messages that become dead letters. Each message contains the mail
// address of a person in a tenant. If the feed ends before there have been enough kills, these
// messages keep the parsers busy.
// Lifetime: The destructor stops the thread.
class Poisoner {
 public:
  Poisoner(RawProducer& producer, const std::vector<simulator::Tenant>& tenants)
      : thread_([this, &producer, &tenants](const std::stop_token& stop) {
          for (; !stop.stop_requested(); absl::SleepFor(absl::Milliseconds(250))) {
            Send(producer, tenants[sent_ / kKinds % tenants.size()], sent_ % kKinds);
            ++sent_;
          }
        }) {}
  // Stops sending. Returns the number of messages sent.
  int Stop() {
    thread_.request_stop();
    thread_.join();
    return sent_;
  }
  // Returns the number of messages in one round. In a round, each kind of message is sent once for
  // each tenant.
  static int Round(size_t tenants) { return kKinds * static_cast<int>(tenants); }

 private:
  static constexpr int kKinds = 6;
  static void Send(RawProducer& producer, const simulator::Tenant& tenant, int kind);

  int sent_ = 0;  // not guarded, because Stop reads it only after the thread has ended
  std::jthread thread_;
};

void Poisoner::Send(RawProducer& producer, const simulator::Tenant& tenant, int kind) {
  const std::string who = absl::StrCat("planted@", tenant.domain);
  const std::string user = absl::StrCat("\"UserId\":\"", who, "\"");
  const auto send = [&](const std::string& value) {
    producer.Send(tenant.id, absl::StrCat("planted$", kind), value);
  };
  switch (kind) {
    case 0:
      send(absl::StrCat("[{", user, ",\"Operation\":nul}]"));
      break;
    case 1:
      send(absl::StrCat("[\"", who, "\"]"));
      break;
    case 2:
      send(absl::StrCat("[{", user));
      break;
    case 3:
      send(absl::StrCat("[{", user, "}]"));
      break;
    case 4:
      send(absl::StrCat("[{\"Operation\":\"Send\",\"Id\":\"00000000-0000-4000-8000-000000000001\",",
                        user, ",\"Padding\":\"", std::string(3 << 20, 'x'), "\"}]"));
      break;
    default:
      producer.SendForeign(
          tenant.id,
          absl::StrCat(R"([{"CreationTime":"2026-03-04T05:06:07","Operation":"Send",)",
                       R"("RecordType":2,"Workload":"Exchange",)",
                       R"("Id":"00000000-0000-4000-8000-000000000002",)",
                       R"("OrganizationId":"99999999-0000-4000-8000-000000000002",)", user, "}]"));
  }
  producer.Flush();
}

// Returns the number of messages of a topic that contain this text in upper or lower case.
int CountContaining(Pipeline& pipeline, kafka::Topic topic, const std::string& text) {
  int count = 0;
  const auto contains = [&](std::string_view bytes) {
    return LowerAscii(bytes).find(text) != std::string::npos;
  };
  pipeline.ReadTopic(topic, [&](const kafka::Message& message) {
    bool found = contains(message.value) || contains(message.key);
    for (const kafka::Header& header : message.headers) found = found || contains(header.value);
    count += found ? 1 : 0;
  });
  return count;
}

TEST(TenantOutputsTest, MaskedFieldsLeaveNoTraceAndEcsIsExactWhileParsersAreKilled) {
  REQUIRE_KAFKA();
  SystemClock clock;
  simulator::SimulatorOptions cloud;
  cloud.tenants = simulator::InventTenants(4, 21);
  auto simulator = *simulator::Simulator::Start(cloud, clock);
  const std::set<std::string> masked = {cloud.tenants[0].id, cloud.tenants[1].id};
  const std::set<std::string> with_ecs = {cloud.tenants[1].id, cloud.tenants[2].id};

  PipelineOptions options;
  options.mask_key = kMaskKey;
  options.overlap = absl::Minutes(6);
  options.tenant_settings = [&](const simulator::Tenant& tenant) {
    std::string text;
    if (with_ecs.contains(tenant.id)) text += "  ecs: true\n";
    if (masked.contains(tenant.id)) text += MaskSettings();
    return text.empty() ? text : "parser:\n" + text;
  };
  Pipeline pipeline("outputs", options, *simulator);
  pipeline.Add("fetch", "a").process->Start();
  pipeline.Add("detect", "a").process->Start();
  FaultInjector parsers{.stage = "parse", .kills_per_step = 3, .wanted_stops = 1};
  for (const char* instance : {"a", "b"}) {
    parsers.processes.push_back(&pipeline.Add("parse", instance));
    parsers.processes.back()->process->Start();
  }
  RawProducer producer(pipeline.kafka(), pipeline.Topic(kafka::Topic::kRaw), options.partitions);
  auto feed = simulator::Feed::Make(simulator->cloud(),
                                    {.seed = 21,
                                     .records_per_second = 200,
                                     .blob_records = 12,
                                     .records_per_tenant = 4500,
                                     .day = absl::Hours(3),
                                     .republished_share = 0.02},
                                    clock);
  ASSERT_TRUE(feed.ok()) << feed.status();
  (*feed)->Start();

  std::mt19937 random(21);
  Poisoner poisoner(producer, cloud.tenants);
  const absl::Time deadline = absl::Now() + absl::Minutes(6);
  while (absl::Now() < deadline && !((*feed)->AllPublished() && parsers.HasEnoughFaults())) {
    parsers.InjectFault(random, options.session_timeout);
    ASSERT_TRUE(parsers.ExpectRunning());
  }
  const int poison = poisoner.Stop();
  EXPECT_GE(poison, Poisoner::Round(cloud.tenants.size()));
  ASSERT_TRUE(pipeline.WaitUntilProcessed(**feed, absl::Minutes(2)));
  EXPECT_TRUE(WaitFor(absl::Minutes(1), [&] {
    int dead_letters = 0;
    pipeline.ReadTopic(kafka::Topic::kDeadLetters, [&](const kafka::Message&) { ++dead_letters; });
    return dead_letters >= poison;
  }));

  TopicContents contents = pipeline.Read();
  ExpectExactEvents(contents, (*feed)->PublishedIds());
  EXPECT_EQ(contents.dead_letters.size(), static_cast<size_t>(poison));

  // There must be one ECS document for each event of the tenants that request ECS.
  std::map<std::string, int> ecs;
  for (const auto& [uid, count] : contents.events) {
    if (with_ecs.contains(uid.substr(0, uid.find('|')))) ecs[uid] = 1;
  }
  EXPECT_GT(ecs.size(), 8000u);
  EXPECT_EQ(contents.ecs, ecs);

  // The rules see hashes, but still raise alerts for the same people.
  std::vector<simulator::ExpectedAlert> expected = (*feed)->Expected();
  std::erase_if(expected, [&](const simulator::ExpectedAlert& alert) {
    return masked.contains(alert.tenant) && ReadsMaskedText(alert.rule_id);
  });
  for (simulator::ExpectedAlert& alert : expected) {
    if (!masked.contains(alert.tenant) || alert.user.empty()) continue;
    alert.user = parser::RecordMask(MaskedFields(), kMaskKey, alert.tenant).Hash(alert.user);
  }
  std::erase_if(contents.alert_json, [&](const std::string& json) {
    const absl::StatusOr<AlertSummary> alert = ReadAlert(json);
    return alert.ok() && masked.contains(alert->tenant) && ReadsMaskedText(alert->rule_id);
  });
  ExpectExactAlerts(contents, expected);

  // If a tenant masks the mail addresses of its people, none of the following topics contains these
  // addresses. If a tenant does not mask them, the addresses are on all topics that the tenant
  // uses, except `seen`, which contains no text of records.
  constexpr kafka::Topic kBehindRaw[] = {kafka::Topic::kEvents, kafka::Topic::kEventsEcs,
                                         kafka::Topic::kAlerts, kafka::Topic::kDeadLetters,
                                         kafka::Topic::kState,  kafka::Topic::kSeen};
  for (const simulator::Tenant& tenant : cloud.tenants) {
    const std::string person = absl::StrCat("@", tenant.domain);
    const bool is_masked = masked.contains(tenant.id);
    EXPECT_GT(CountContaining(pipeline, kafka::Topic::kRaw, person), 0) << tenant.name;
    for (const kafka::Topic topic : kBehindRaw) {
      const int found = CountContaining(pipeline, topic, person);
      if (is_masked) {
        EXPECT_EQ(found, 0) << person << " on " << pipeline.Topic(topic);
      } else if (topic != kafka::Topic::kSeen &&
                 (topic != kafka::Topic::kEventsEcs || with_ecs.contains(tenant.id))) {
        EXPECT_GT(found, 0) << person << " on " << pipeline.Topic(topic);
      }
    }
  }
  std::printf("checked: %d events, %d ECS documents, %d alerts, %d dead letters\n",
              static_cast<int>(contents.events.size()), static_cast<int>(contents.ecs.size()),
              static_cast<int>(contents.alert_json.size()), poison);
  parsers.ExpectEnoughFaults();
}

}  // namespace
}  // namespace picket
