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

// The headers of a message. Those of a consumed one are read when they are first asked for: the client copies each into memory
// of its own then, which costs more than all else of a small message.
// Threads: one. Lifetime: what it is made of must outlive it.
class Headers {
 public:
  Headers() = default;
  template <std::convertible_to<absl::Span<const Header>> List>
  // NOLINTNEXTLINE(google-explicit-constructor): as a span is made
  Headers(const List& list) : list_(list) {}
  // `storage` is the memory of the list.
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

// A message as consumed. Everything it points to is borrowed for the call it is handed to.
struct Message {
  std::string_view topic;  // with the prefix
  int32_t partition = 0;
  int64_t offset = 0;
  int64_t timestamp_ms = 0;  // the broker's: when it was produced
  std::string_view key;
  std::string_view value;
  bool is_tombstone = false;  // no value at all, which differs from an empty one
  Headers headers;

  std::optional<std::string_view> FindHeader(std::string_view name) const {
    for (const Header& header : headers) {
      if (header.name == name) return header.value;
    }
    return std::nullopt;
  }
};

// A message of librdkafka, which it borrows from; `headers` is the memory of its headers.
Message ToMessage(const rd_kafka_message_s& message, std::string_view topic,
                  std::vector<Header>& headers);

}  // namespace picket::kafka
