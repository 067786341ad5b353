#pragma once

// The sources of rules: a folder, the topic `rules`, or the pack that is built into the binary.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "detector/matching/rule_set.h"
#include "kafka/config.h"

namespace picket::detector {

// All rules of a source at one point in time.
struct RuleReading {
  std::vector<sigma::RuleFile> files;
  std::vector<sigma::RuleFault> faults;  // errors of files that cannot be read
};

// A source of rules, polled for changes.
// Threads: Use each instance from one thread. Failure: Poll returns Unavailable if the source
// cannot be reached; the caller may try again later.
class RuleSource {
 public:
  virtual ~RuleSource() = default;

  // Returns the rules if they have changed since the last call that returned rules. The first call
  // always returns the rules. Half-written rules are never returned.
  virtual absl::StatusOr<std::optional<RuleReading>> Poll() = 0;

  // Makes the next poll use a new Kafka client, which reads certificates and passwords again. Does
  // nothing if the source uses no client.
  virtual void ReplaceClient() {}

  // Returns a description for people, such as "folder /etc/picket/rules".
  virtual std::string Name() const = 0;
};

// Returns a source whose rules never change.
std::unique_ptr<RuleSource> MakeFixedRules(std::string name, std::vector<sigma::RuleFile> files);

// Returns a source that contains all rule files below `path` (ReadRuleFiles). The folder is polled,
// because network file systems and mounted Kubernetes volumes send no notifications. Changed files
// are read when two consecutive polls find the same names, sizes and times. The rules are returned
// only if their content has changed.
std::unique_ptr<RuleSource> MakeRuleFolder(std::string path);

// Returns a source that reads the topic `rules`. Each message contains one document, and the key of
// the message is the document's id. A tombstone removes the document. The first poll reads the
// topic up to its current end. Later polls return changes only when they have reached the end
// again, so that all documents of a transaction are returned together.
struct RuleTopicLimits {
  absl::Duration read = absl::Seconds(30);  // for a read of the whole topic
  // After an error of this duration, poll fails, and the next poll uses a new client.
  absl::Duration fault = absl::Seconds(10);
};
std::unique_ptr<RuleSource> MakeRuleTopic(const kafka::KafkaConfig& kafka, std::string topic,
                                          RuleTopicLimits limits = {});

// The size limits for one document and for all documents of the topic together. A document that
// exceeds a limit is reported as an error.
inline constexpr size_t kMaxRuleDocumentBytes = 1 << 20;
inline constexpr size_t kMaxRuleTopicBytes = 64 << 20;

// Returns a string of the names, sizes and times of all files below the paths. The files have
// changed if the string differs from an earlier result.
std::string FilesFingerprint(const std::vector<std::string>& paths);

}  // namespace picket::detector
