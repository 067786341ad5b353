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

// Reads all partitions of one topic from the beginning, without joining a group. Commands, the
// detector's rule loader, the benchmark and tests use it.
// Threads: One thread uses it. Lifetime: A message that is passed to a callback is valid only
// during that call. Failure: Open returns Unavailable if the broker cannot be reached. After Open,
// the library reconnects by itself, with the credentials that Open has read. In the meantime, Poll
// returns nothing, and Fault says why. Open and ReadToEnd also return Unavailable while the leaders
// of a newly created topic do not know the topic yet.
class TopicReader {
 public:
  enum class Isolation { kReadCommitted, kReadUncommitted };

  // `topic` includes the prefix. Returns NotFound if the topic does not exist, and PermissionDenied
  // if our user may not describe it.
  static absl::StatusOr<std::unique_ptr<TopicReader>> Open(const KafkaConfig& config,
                                                           const std::string& topic,
                                                           Isolation isolation);
  ~TopicReader();

  using OnMessage = std::function<void(const Message&)>;

  // Passes the messages that arrive within `timeout` to `on_message`. Returns the number of
  // messages passed.
  int Poll(absl::Duration timeout, const OnMessage& on_message);

  // Passes all messages up to the current ends of the partitions to `on_message`. Waits for the
  // transactions that are open now. Returns DeadlineExceeded if reading and waiting take longer
  // than `timeout`.
  absl::Status ReadToEnd(absl::Duration timeout, const OnMessage& on_message);

  // Returns the last error of the connection or of a partition since the last message or end of a
  // partition, or an empty string. The error may be over if the topic has no new message.
  const std::string& Fault() const;

  // Returns true if the reader has reached the end of every partition and has received no message
  // since.
  bool at_end() const;

  int32_t partitions() const;

 private:
  struct Impl;
  explicit TopicReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::kafka
