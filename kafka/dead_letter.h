#pragma once

#include <string_view>

#include "kafka/message.h"
#include "kafka/output_batch.h"

namespace picket::kafka {

// Why a record or message was set aside. Headers of the dead letter are made from it:
// dead-letter-stage, -reason, -error, -topic, -partition, -offset, -record, -attempts; the source's own headers are kept.
struct DeadLetterCause {
  std::string_view stage;   // "parser"
  std::string_view reason;  // a short constant: "not_json", "not_an_object", "crashed", "oversized"
  std::string_view error;   // for people; cut at 1 KiB; never a secret
  int attempts = 1;
};

// Adds the dead letter of `value`, which is record `index` of `source` (-1: the whole message), to the partition the
// source lies in. Key: tenant, source topic, partition, offset, index, joined by '|'; the tenant is the first part of
// the source's key, up to '|'. A value too large for one message goes in parts with header `part` = k/n and key suffix
// '|k/n'.
void AddDeadLetter(const Message& source, int index, std::string_view value,
                   const DeadLetterCause& cause, OutputBatch& out);

}  // namespace picket::kafka
