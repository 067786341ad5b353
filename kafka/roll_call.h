#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/io.h"

namespace picket::kafka {

// Returns the group of the roll calls of a stage's group, such as "picket-o365.parser.names".
std::string RollCallGroup(const std::string& group);

// Implements RollCall with a consumer that is a dynamic member of the roll call's group. The client
// id of the member consists of the name and the id of the process. The consumer gets partitions of
// the input, but reads nothing.
//
// The description of the stage's own group cannot be used instead: when a static member joins in
// place of another one, the coordinator keeps the client id and the host of the first one
// (ClassicGroup.replaceStaticMember in Kafka's sources).
//
// Threads: One thread uses it. Lifetime: Independent of other clients. The destructor leaves the
// group, which takes at most a few seconds. Failure: See RollCall.
class GroupRollCall final : public RollCall {
 public:
  // `topic` is the full name of a topic that exists.
  static absl::StatusOr<std::unique_ptr<GroupRollCall>> Make(const KafkaConfig& kafka,
                                                             const RollCallSpec& spec,
                                                             const std::string& topic);
  ~GroupRollCall() override;
  GroupRollCall(const GroupRollCall&) = delete;
  GroupRollCall& operator=(const GroupRollCall&) = delete;

  void Poll() override;
  absl::StatusOr<std::vector<NameUser>> Others(absl::Duration limit) override;

 private:
  explicit GroupRollCall(const RollCallSpec& spec);

  const RollCallSpec spec_;
  const std::string group_;
  Handle handle_;
  std::string error_;  // the last error that the client has reported
};

}  // namespace picket::kafka
