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

// Reads all partitions of one topic from their beginning, without a group: what the demo's view, `status`, the source of
// rules and the tests look at topics with.
// Threads: one. Lifetime: the messages it hands out are valid during the call.
// Failure: an unreachable broker is Unavailable at Open; later the library reconnects by itself and Poll gives nothing. A
// topic that was made a moment ago is Unavailable, at Open or ReadToEnd, until its leaders know of it.
class TopicReader {
 public:
  enum class Isolation { kReadCommitted, kReadUncommitted };

  // `topic` with its prefix. NotFound when it does not exist.
  static absl::StatusOr<std::unique_ptr<TopicReader>> Open(const KafkaConfig& config,
                                                           const std::string& topic,
                                                           Isolation isolation);
  ~TopicReader();

  using OnMessage = std::function<void(const Message&)>;

  // Hands out what arrives within `timeout`; returns how many messages.
  int Poll(absl::Duration timeout, const OnMessage& on_message);

  // Everything up to the ends that the partitions have now, which includes waiting for transactions that are open now.
  // DeadlineExceeded when that takes longer than `timeout`.
  absl::Status ReadToEnd(absl::Duration timeout, const OnMessage& on_message);

  // Whether the last that was heard of each partition is that there is nothing more.
  bool at_end() const;

  int32_t partitions() const;

 private:
  struct Impl;
  explicit TopicReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
