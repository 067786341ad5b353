#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/client_config.h"
#include "kafka/config.h"
#include "kafka/io.h"

namespace picket::kafka {

// Implements GroupObserver with a librdkafka client of its own.
// Threads: One thread uses it. Lifetime: Independent of other clients. Failure: See GroupObserver.
class ClientGroupObserver final : public GroupObserver {
 public:
  static absl::StatusOr<std::unique_ptr<ClientGroupObserver>> Make(const KafkaConfig& kafka,
                                                                   const std::string& group);

  absl::StatusOr<NameReport> Find(const std::string& name, absl::Duration limit) override;

 private:
  ClientGroupObserver(Handle handle, std::string group)
      : handle_(std::move(handle)), group_(std::move(group)) {}

  const Handle handle_;
  const std::string group_;
};

}  // namespace picket::kafka
