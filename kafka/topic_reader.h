#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "kafka/config.h"
#include "kafka/message.h"

namespace picket::kafka {

// Reads all partitions of one topic from their beginning, without a group. Used by the demo's view,
// `status`, the source of rules and the tests.
// Threads: one. Lifetime: the messages that it hands out are valid during the call.
// Failure: an unreachable broker is Unavailable at Open; later the library reconnects by itself,
// and Poll returns nothing until then. A topic that was just created is Unavailable, at Open or
// ReadToEnd, until its leaders know it.
class TopicReader {
 public:
  enum class Isolation { kReadCommitted, kReadUncommitted };

  // `topic` includes the prefix. NotFound if it does not exist.
  static absl::StatusOr<std::unique_ptr<TopicReader>> Open(const KafkaConfig& config,
                                                           const std::string& topic,
                                                           Isolation isolation);
  ~TopicReader();

  using OnMessage = std::function<void(const Message&)>;

  // Hands out the messages that arrive within `timeout`; returns their number.
  int Poll(absl::Duration timeout, const OnMessage& on_message);

  // Hands out everything up to the current ends of the partitions. Waits for the transactions that
  // are open now. DeadlineExceeded if that takes longer than `timeout`.
  absl::Status ReadToEnd(absl::Duration timeout, const OnMessage& on_message);

  // Whether the reader has reached the end of every partition and has got no message since.
  bool at_end() const;

  int32_t partitions() const;

 private:
  struct Impl;
  explicit TopicReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
