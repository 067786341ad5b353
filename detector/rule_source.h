#pragma once

// Where rules come from: a folder, the topic `rules`, or the pack that the binary carries.

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
  std::vector<sigma::RuleFault> faults;  // of files that cannot be read
};

// Threads: one. Failure: Unavailable if the source cannot be reached; call again.
class RuleSource {
 public:
  virtual ~RuleSource() = default;

  // Returns the rules if they have changed since the last reading; the first call always returns
  // them. A change is read only after it is complete, so half-written rules are not returned.
  virtual absl::StatusOr<std::optional<RuleReading>> Poll() = 0;

  // A description for people: "folder /etc/picket/rules".
  virtual std::string Name() const = 0;
};

// Rules that do not change.
std::unique_ptr<RuleSource> MakeFixedRules(std::string name, std::vector<sigma::RuleFile> files);

// All rule files below `path` (ReadRuleFiles). The folder is polled, because network file systems
// and mounted Kubernetes volumes send no notifications. A change is read when two consecutive polls
// find the same files, sizes and times, and returned if the contents differ.
std::unique_ptr<RuleSource> MakeRuleFolder(std::string path);

// The topic `rules`: each message is one document, its key is the document's id, and a message
// without value removes the document. The first reading is the whole topic up to its current end.
// Later readings are returned whenever the end is reached again, so the documents of one
// transaction are read together. `read_timeout` limits the first reading.
std::unique_ptr<RuleSource> MakeRuleTopic(const kafka::KafkaConfig& kafka, std::string topic,
                                          absl::Duration read_timeout = absl::Seconds(30));

// Limits for one document and for all documents of the topic together. Documents beyond them are
// faults.
inline constexpr size_t kMaxRuleDocumentBytes = 1 << 20;
inline constexpr size_t kMaxRuleTopicBytes = 64 << 20;

// Returns the state of the files below the paths (names, sizes, times) as a string. An equal string
// means no change. Also used for tenants' settings.
std::string FilesFingerprint(const std::vector<std::string>& paths);

}  // namespace picket::detector
