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

// All rules of a source at one moment.
struct RuleReading {
  std::vector<sigma::RuleFile> files;
  std::vector<sigma::RuleFault> faults;  // of files that cannot be read
};

// Threads: one. Failure: Unavailable where the source cannot be reached; call again.
class RuleSource {
 public:
  virtual ~RuleSource() = default;

  // The rules, if they are others than those of the last reading; the first call always reads. What is only half
  // written is not read: a change is taken when it has come to rest.
  virtual absl::StatusOr<std::optional<RuleReading>> Poll() = 0;

  // For people: "folder /etc/picket/rules".
  virtual std::string Name() const = 0;
};

// Rules that do not change.
std::unique_ptr<RuleSource> MakeFixedRules(std::string name, std::vector<sigma::RuleFile> files);

// Every rule file below `path` (ReadRuleFiles). Polled, not notified, so that network file systems and the mounted
// volumes of Kubernetes do as well: a change counts when two polls have found the same files, sizes and times, and is
// handed out when the bytes are others.
std::unique_ptr<RuleSource> MakeRuleFolder(std::string path);

// The topic `rules`: one document a message, the key is its id, a message without value takes it away. The first reading
// is the whole topic up to the end that it has at that moment; later ones come when the end is reached again, so that what
// was published in one transaction is taken at once. `read_timeout`: how long the first reading may take.
std::unique_ptr<RuleSource> MakeRuleTopic(const kafka::KafkaConfig& kafka, std::string topic,
                                          absl::Duration read_timeout = absl::Seconds(30));

// Documents of the topic that are larger, or beyond this many bytes in all, are faults.
inline constexpr size_t kMaxRuleDocumentBytes = 1 << 20;
inline constexpr size_t kMaxRuleTopicBytes = 64 << 20;

// The state of files below paths: names, sizes, times. Equal text, no change; used for tenants' settings as well.
std::string FilesFingerprint(const std::vector<std::string>& paths);

}  // namespace picket::detector
