#include "cli/rules/rule_publish.h"

#include <cstdio>
#include <memory>

#include "absl/time/clock.h"
#include "cli/config_file.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/rule_files.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "detector/rule_publication.h"
#include "kafka/client_config.h"
#include "kafka/topic_reader.h"
#include "kafka/transactional_producer.h"

namespace picket {
namespace {

constexpr absl::Duration kReadTimeout = absl::Seconds(30);
// Maximum time to wait for the topic. A topic is unavailable immediately after its creation, and
// while its broker restarts.
constexpr absl::Duration kUnavailableTimeout = absl::Seconds(30);
constexpr absl::Duration kRetryPause = absl::Milliseconds(500);
constexpr absl::Duration kTransactionTimeout = absl::Seconds(30);
// The maximum number of bytes that are printed for a rule's id. An id on the topic may be of any
// length.
constexpr size_t kMaxIdShown = 200;
// Every run of the command uses the same transactional id. Therefore, if two runs publish at the
// same time, Kafka lets only the later run commit its transaction.
constexpr char kPublisher[] = "rules-publish";

absl::StatusOr<detector::PublishedRules> ReadTopic(const PicketConfig& config) {
  const std::string topic = kafka::TopicName(config.topics.prefix, kafka::Topic::kRules);
  ASSIGN_OR_RETURN(
      auto reader,
      kafka::TopicReader::Open(config.kafka, topic, kafka::TopicReader::Isolation::kReadCommitted));
  detector::PublishedRules rules;
  RETURN_IF_ERROR(reader->ReadToEnd(kReadTimeout, [&rules](const kafka::Message& message) {
    if (message.is_tombstone) {
      rules.erase(std::string(message.key));
    } else {
      rules[std::string(message.key)] = message.value;
    }
  }));
  return rules;
}

// Reads the topic `rules`, and retries while the cluster is unavailable. Prints the reason for
// waiting whenever the reason changes.
absl::StatusOr<detector::PublishedRules> ReadTopicWhenReady(const PicketConfig& config) {
  const absl::Time deadline = absl::Now() + kUnavailableTimeout;
  std::string printed;
  while (true) {
    absl::StatusOr<detector::PublishedRules> rules = ReadTopic(config);
    if (!absl::IsUnavailable(rules.status())) return rules;
    const std::string why(rules.status().message());
    if (absl::Now() >= deadline) {
      return absl::UnavailableError(absl::StrCat("nothing is published: ", why, ", for ",
                                                 absl::FormatDuration(kUnavailableTimeout)));
    }
    if (why != printed) {
      std::fprintf(stderr, "picket rules publish: %s; trying again for up to %s\n", why.c_str(),
                   absl::FormatDuration(kUnavailableTimeout).c_str());
      printed = why;
    }
    absl::SleepFor(kRetryPause);
  }
}

absl::Status Write(const PicketConfig& config, const detector::RulePublication& plan) {
  kafka::OutputBatch batch;
  for (const detector::PublishedRules* rules : {&plan.added, &plan.changed}) {
    for (const auto& [id, text] : *rules) batch.Add(kafka::Topic::kRules, 0, id, text);
  }
  for (const std::string& id : plan.removed) batch.AddTombstone(kafka::Topic::kRules, 0, id);

  const absl::Time deadline = absl::Now() + kTransactionTimeout;
  const auto left = [&deadline] { return deadline - absl::Now(); };
  ASSIGN_OR_RETURN(auto producer, kafka::TransactionalProducer::Make(
                                      config.kafka, config.topics.prefix,
                                      kafka::GroupId(config.topics.prefix, kPublisher)));
  absl::Status status;
  do {
    status = producer->Init(absl::Seconds(1));
  } while (absl::IsUnavailable(status) && absl::Now() < deadline);
  RETURN_IF_ERROR(status);
  kafka::CallResult result = producer->Begin();
  if (result == kafka::CallResult::kOk) result = producer->Produce(batch, left());
  if (result == kafka::CallResult::kOk) result = producer->Flush(left());
  if (result != kafka::CallResult::kOk) {
    const std::string error = producer->error();
    (void)producer->Abort(left());
    return absl::UnavailableError(absl::StrCat("nothing is published: ", error));
  }
  if (producer->Commit(left()) != kafka::CallResult::kOk) {
    return absl::UnavailableError(
        absl::StrCat("it is unknown whether the rules are published (", producer->error(),
                     "): run the command again; it writes only what is missing"));
  }
  return absl::OkStatus();
}

int Fail(const absl::Status& status) {
  std::fprintf(stderr, "picket rules publish: %s\n", std::string(status.message()).c_str());
  return kExitWrongUsage;
}

}  // namespace

int PublishRules(const PublishOptions& options) {
  PicketConfig config;
  if (!ReadCommandConfig("picket rules publish", options.config_file, config)) {
    return kExitWrongUsage;
  }

  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = ReadRules(options.paths, faults);
  const absl::StatusOr<detector::PublishedRules> on_topic = ReadTopicWhenReady(config);
  if (!on_topic.ok()) return Fail(on_topic.status());
  const detector::RulePublication plan =
      detector::PlanPublication(files, *on_topic, options.prune, faults);
  if (plan.added.empty() && plan.changed.empty() && plan.unchanged == 0 && faults.empty()) {
    faults.push_back({options.paths.front(), 0, 0, "there are no rules"});
  }
  PrintFaults(faults);
  if (!faults.empty()) {
    std::fprintf(stderr, "%s: nothing is published\n", Counted(faults.size(), "fault").c_str());
    return kExitFaultInData;
  }
  for (const std::string& id : plan.removed) {
    std::fprintf(stderr, "removed %s\n", CleanLine(id, kMaxIdShown).c_str());
  }
  for (const std::string& id : plan.kept) {
    std::fprintf(stderr, "on the topic, but in no file: %s (--prune removes it)\n",
                 CleanLine(id, kMaxIdShown).c_str());
  }
  if (!plan.IsEmpty() && !options.dry_run) {
    if (const absl::Status status = Write(config, plan); !status.ok()) return Fail(status);
  }
  std::fprintf(stderr, "%s%zu added, %zu changed, %zu removed, %zu unchanged\n",
               options.dry_run ? "would be: " : "", plan.added.size(), plan.changed.size(),
               plan.removed.size(), plan.unchanged);
  return kExitOk;
}

}  // namespace picket
