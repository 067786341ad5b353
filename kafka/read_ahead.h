#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "kafka/client_config.h"

namespace picket::kafka {

// Keeps the client of a consumer fetching messages. When librdkafka has read ahead as far as its
// limits allow (queued.min.messages, queued.max.messages.kbytes), its fetching thread sleeps for up
// to a second, even if the application consumes the messages meanwhile. A request wakes the thread.
// (librdkafka 2.2 added fetch.queue.backoff.ms to shorten the sleep.)
// Threads: The consumer's thread makes all calls.
class ReadAhead {
 public:
  ReadAhead() = default;
  // Uses the read-ahead limits that are set in `conf`.
  explicit ReadAhead(rd_kafka_conf_t* conf);

  void Taken(const rd_kafka_message_t& message) {
    ++messages_;
    bytes_ += static_cast<int64_t>(message.len);
  }

  // The consumer calls this before it requests the next message. Wakes the client's thread if two
  // conditions hold. First, the thread may be sleeping, because many messages were taken from
  // `queue`. Second, few messages are left in `queue`, so the woken thread would fetch more. To
  // wake the thread, this function sends a request and waits up to 200 ms for the answer. The
  // content of the answer is ignored. The function calls `consumed` for the list of consumed
  // partitions, but only to wake the thread.
  void KeepUp(rd_kafka_t* handle, rd_kafka_queue_t* queue,
              absl::FunctionRef<PartitionList()> consumed) {
    if (messages_ >= most_messages_ || bytes_ >= most_bytes_) Wake(handle, queue, consumed);
  }

 private:
  void Wake(rd_kafka_t* handle, rd_kafka_queue_t* queue,
            absl::FunctionRef<PartitionList()> consumed);

  int64_t most_messages_ = 0;
  int64_t most_bytes_ = 0;
  // The numbers of messages and bytes taken since the client was last woken.
  int64_t messages_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace picket::kafka
