#pragma once

#include <string>
#include <string_view>

#include "kafka/client_config.h"
#include "kafka/config.h"

namespace picket {

// Puts messages on `raw` as the fetcher does, or as another collector might.
// Threads: one. Failure: aborts the program; Send waits while the client's queue is full.
class RawProducer {
 public:
  RawProducer(const kafka::KafkaConfig& config, std::string topic, int partitions);
  ~RawProducer();

  // A content blob with the fetcher's headers.
  void Send(std::string_view tenant, std::string_view content_id, std::string_view blob);
  // A message without a header.
  void SendForeign(std::string_view tenant, std::string_view value);
  // Until all has been acknowledged.
  void Flush();

 private:
  std::string topic_;
  int partitions_;
  kafka::Handle client_;
};

}  // namespace picket
