#pragma once

#include <string>
#include <string_view>

#include "kafka/client_config.h"
#include "kafka/config.h"

namespace picket {

// Produces messages to one topic, usually `raw`, like the fetcher or another program. Send waits
// while the client's queue is full.
// Threads: One thread uses it. Failure: Any error aborts the program.
class RawProducer {
 public:
  RawProducer(const kafka::KafkaConfig& config, std::string topic, int partitions);
  ~RawProducer();

  // Sends a content blob with the fetcher's headers.
  void Send(std::string_view tenant, std::string_view content_id, std::string_view blob);
  // Sends a message without headers.
  void SendForeign(std::string_view tenant, std::string_view value);
  // Deletes a key of a compacted topic in the tenant's partition.
  void Delete(std::string_view tenant, std::string_view key);
  // Waits until all messages are acknowledged.
  void Flush();

 private:
  std::string topic_;
  int partitions_;
  kafka::Handle client_;
};

}  // namespace picket
