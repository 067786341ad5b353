#include "kafka/message.h"

#include <librdkafka/rdkafka.h>

#include <algorithm>

namespace picket::kafka {

absl::Span<const Header> Headers::list() const {
  if (unread_ == nullptr) return list_;
  storage_->clear();
  rd_kafka_headers_t* source = nullptr;
  if (rd_kafka_message_headers(unread_, &source) == RD_KAFKA_RESP_ERR_NO_ERROR) {
    const char* name;
    const void* value;
    size_t size;
    for (size_t i = 0;
         rd_kafka_header_get_all(source, i, &name, &value, &size) == RD_KAFKA_RESP_ERR_NO_ERROR;
         ++i) {
      storage_->push_back(
          {name, std::string_view(static_cast<const char*>(value), value == nullptr ? 0 : size)});
    }
  }
  unread_ = nullptr;
  list_ = *storage_;
  return list_;
}

Message ToMessage(const rd_kafka_message_s& message, std::string_view topic,
                  std::vector<Header>& headers) {
  Message result;
  result.topic = topic;
  result.partition = message.partition;
  result.offset = message.offset;
  // The client returns -1 if there is no timestamp.
  result.timestamp_ms = std::max<int64_t>(0, rd_kafka_message_timestamp(&message, nullptr));
  result.key = std::string_view(static_cast<const char*>(message.key), message.key_len);
  result.value = std::string_view(static_cast<const char*>(message.payload), message.len);
  result.is_tombstone = message.payload == nullptr;
  result.headers = Headers(message, headers);
  return result;
}

}  // namespace picket::kafka
