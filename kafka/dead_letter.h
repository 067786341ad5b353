#pragma once

#include <string_view>

#include "kafka/message.h"
#include "kafka/output_batch.h"

namespace picket::kafka {

// The reason why a record or a message was set aside. The fields become the headers
// dead-letter-stage, -reason, -error and -attempts of the dead letter. The headers
// dead-letter-topic, -partition, -offset and -record say where the record comes from. The dead
// letter also keeps the headers of the source. If the source is a dead letter itself, its headers
// of that kind are renamed to previous-dead-letter-stage and so on, so that each of these names
// occurs once. Headers of the source that already have such a name are dropped, so that the number
// of headers does not grow each time.
struct DeadLetterCause {
  std::string_view stage;  // such as "parser"
  // A short constant ("not_json", "not_an_object", "crashed", "oversized").
  std::string_view reason;
  // A text for people, which must not contain a secret. It becomes one line of at most 1 KiB of
  // valid UTF-8.
  std::string_view error;
  int attempts = 1;
};

// Adds a dead letter with `value` to partition `source.partition` of `dead-letters`. `value` is
// record `index` of `source`, or the whole message if `index` is -1. The key consists of the
// tenant, source topic, partition, offset and index, joined by '|'. The tenant is the part of the
// source's key before the first '|', cut to 64 bytes of valid UTF-8. Headers of the source beyond
// 256 KiB are dropped. A value that is too large for one message is split into n parts. Part k has
// the header `part` with the value k/n, and '|k/n' is appended to its key.
void AddDeadLetter(const Message& source, int index, std::string_view value,
                   const DeadLetterCause& cause, OutputBatch& out);

}  // namespace picket::kafka
