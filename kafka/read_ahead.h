#pragma once

#include <cstdint>

#include "absl/functional/function_ref.h"
#include "kafka/client_config.h"

namespace picket::kafka {

// Keeps a consuming client fetching. Once it has read ahead what it may (queued.min.messages, queued.max.messages.kbytes),
// the thread that fetches sleeps for up to a second, however soon the messages are taken: until 2.2, which has
// fetch.queue.backoff.ms. A request wakes it.
// Threads: the consumer's.
class ReadAhead {
 public:
  ReadAhead() = default;
  // As `conf` is set.
  explicit ReadAhead(rd_kafka_conf_t* conf);

  void Taken(const rd_kafka_message_t& message) {
    ++messages_;
    bytes_ += static_cast<int64_t>(message.len);
  }

  // Before the next message is asked for: wakes the client of `handle` when so much has been taken from `queue` that it may
  // have stopped, and so little is left there that it would not stop again at once. Waits for the answer, at most
  // 200 ms; what the answer says is of no interest. `consumed` lists the partitions, and is asked only then.
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
