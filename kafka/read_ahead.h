#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "kafka/client_config.h"

namespace picket::kafka {

// Keeps a consuming client fetching. Once librdkafka has read ahead as much as it may
// (queued.min.messages, queued.max.messages.kbytes), its fetching thread sleeps for up to a second,
// even if the messages are consumed earlier. (Version 2.2 has fetch.queue.backoff.ms for this.) A
// request wakes the thread.
// Threads: the consumer's.
class ReadAhead {
 public:
  ReadAhead() = default;
  // With the limits that are set in `conf`.
  explicit ReadAhead(rd_kafka_conf_t* conf);

  void Taken(const rd_kafka_message_t& message) {
    ++messages_;
    bytes_ += static_cast<int64_t>(message.len);
  }

  // Called before the next message is requested. Wakes the client of `handle` if so much was taken
  // from `queue` that its thread may have stopped, and so little is left that it would not stop
  // again at once. Waits for the answer for up to 200 ms and ignores its content. `consumed`
  // returns the partitions; it is called only if the client is woken.
  void KeepUp(rd_kafka_t* handle, rd_kafka_queue_t* queue,
              absl::FunctionRef<PartitionList()> consumed) {
    if (messages_ >= most_messages_ || bytes_ >= most_bytes_) Wake(handle, queue, consumed);
  }

 private:
  void Wake(rd_kafka_t* handle, rd_kafka_queue_t* queue,
            absl::FunctionRef<PartitionList()> consumed);

  int64_t most_messages_ = 0;
  int64_t most_bytes_ = 0;
  // Taken since the client was last woken.
  int64_t messages_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace picket::kafka
