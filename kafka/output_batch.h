#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "absl/types/span.h"
#include "kafka/message.h"
#include "kafka/topics.h"

namespace picket::kafka {

// The messages that one transaction will send. A stage adds messages. The worker produces the
// messages without another copy and clears the batch when the transaction is decided.
// Threads: One thread uses it. Lifetime: Stored bytes keep their address until Clear(). The next
// batch reuses the memory.
class OutputBatch {
 public:
  struct Entry {
    Topic topic;
    int32_t partition;
    std::string_view key;
    std::string_view value;
    bool is_tombstone;
    uint32_t first_header;
    uint32_t header_count;
  };

  // Headers that are copied once and shared by several messages. They are valid until Clear().
  struct SharedHeaders {
    uint32_t first;
    uint32_t count;
  };
  SharedHeaders Share(absl::Span<const Header> headers);
  // Returns the headers of `shared` followed by one more. Copies only the value of the last one;
  // its name must not move or change until Clear().
  SharedHeaders ShareWith(SharedHeaders shared, const Header& last);

  // Adds a message. Copies the key, the value and the headers.
  void Add(Topic topic, int32_t partition, std::string_view key, std::string_view value,
           absl::Span<const Header> headers = {});
  void AddShared(Topic topic, int32_t partition, std::string_view key, std::string_view value,
                 SharedHeaders headers);
  // Like Add, but does not copy the value. The bytes of the value must not move or change until
  // Clear().
  void AddBorrowed(Topic topic, int32_t partition, std::string_view key, std::string_view value,
                   absl::Span<const Header> headers = {});
  // Adds a message with a key but no value, which makes compaction remove the key.
  void AddTombstone(Topic topic, int32_t partition, std::string_view key);

  // Marks a partition of the stage's input topic as part of this transaction, even if no message
  // was consumed from the partition. The transaction then sends the partition's offset. Sending the
  // offset fences a predecessor. The fetcher needs this because it consumes no messages.
  void Touch(int32_t partition);

  absl::Span<const Entry> entries() const { return entries_; }
  absl::Span<const Header> HeadersOf(const Entry& entry) const {
    return absl::MakeConstSpan(headers_).subspan(entry.first_header, entry.header_count);
  }
  absl::Span<const int32_t> touched() const { return touched_; }
  // Returns an upper bound on the size of all messages on the wire.
  size_t bytes() const { return bytes_; }
  bool empty() const { return entries_.empty() && touched_.empty(); }
  void Clear();

 private:
  std::string_view Store(std::string_view bytes);
  void AddEntry(const Entry& entry);

  struct Block {
    std::unique_ptr<char[]> data;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0;  // index of the block being filled
  size_t used_ = 0;   // bytes used in the block being filled
  std::vector<Entry> entries_;
  std::vector<Header> headers_;
  std::vector<int32_t> touched_;
  size_t bytes_ = 0;
};

}  // namespace picket::kafka
