#pragma once

#include <string_view>

#include "kafka/message.h"
#include "kafka/output_batch.h"

namespace picket::kafka {

// Why a record or message was set aside. It becomes the headers of the dead letter:
// dead-letter-stage, -reason, -error, -topic, -partition, -offset, -record, -attempts. The headers
// of the source are kept.
struct DeadLetterCause {
  std::string_view stage;   // "parser"
  std::string_view reason;  // a short constant: "not_json", "not_an_object", "crashed", "oversized"
  std::string_view error;   // for people; cut at 1 KiB; must not contain a secret
  int attempts = 1;
};

// Adds a dead letter with `value`, which is record `index` of `source` (-1: the whole message), to
// the partition of the source. Key: tenant, source topic, partition, offset and index, joined by
// '|'; the tenant is the source's key up to the first '|'. A value that is too large for one
// message is split: its parts have the header `part` = k/n and the key suffix '|k/n'.
void AddDeadLetter(const Message& source, int index, std::string_view value,
                   const DeadLetterCause& cause, OutputBatch& out);

}  // namespace picket::kafka
