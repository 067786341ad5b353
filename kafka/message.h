#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

struct rd_kafka_message_s;

namespace picket::kafka {

struct Header {
  std::string_view name;
  std::string_view value;
};

// The headers of a message. The headers of a consumed message are read only on first use, because
// reading them makes librdkafka allocate a copy of each header.
// Threads: One thread uses it. Lifetime: The arguments of the constructor must outlive the object.
class Headers {
 public:
  Headers() = default;
  template <std::convertible_to<absl::Span<const Header>> List>
  // NOLINTNEXTLINE(google-explicit-constructor): implicit, like the conversions of a span
  Headers(const List& list) : list_(list) {}
  // Reads the headers of `unread` into `storage` on first use.
  Headers(const rd_kafka_message_s& unread, std::vector<Header>& storage)
      : unread_(&unread), storage_(&storage) {}

  absl::Span<const Header> list() const;
  // NOLINTNEXTLINE(google-explicit-constructor)
  operator absl::Span<const Header>() const { return list(); }
  const Header* begin() const { return list().data(); }
  const Header* end() const { return list().data() + list().size(); }

 private:
  mutable const rd_kafka_message_s* unread_ = nullptr;
  std::vector<Header>* storage_ = nullptr;
  mutable absl::Span<const Header> list_;
};

// A consumed message. The message points to data that is valid only during the call that receives
// the message.
struct Message {
  std::string_view topic;  // including the prefix
  int32_t partition = 0;
  int64_t offset = 0;
  // Kafka's timestamp in Unix milliseconds. By default, it is the time at which the producer
  // created the message, according to the producer's clock. It is 0 if the message has none.
  int64_t timestamp_ms = 0;
  std::string_view key;
  std::string_view value;
  bool is_tombstone = false;  // true if there is no value, as opposed to an empty value
  Headers headers;

  std::optional<std::string_view> FindHeader(std::string_view name) const {
    for (const Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }
};

// Converts a librdkafka message. The result points into `message`. The headers are read into
// `headers` on first use.
Message ToMessage(const rd_kafka_message_s& message, std::string_view topic,
                  std::vector<Header>& headers);

}  // namespace picket::kafka
