#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "fetcher/blob_body.h"
#include "fetcher/ledger.h"
#include "kafka/output_batch.h"

namespace picket::fetcher {

// Adds the content of `row` to `raw`. Content that fits in one message is sent unchanged. Longer
// content is split between records into messages of about kChunkTarget, each a complete JSON array.
// Two things become dead letters with their bytes: a record that is too long for a message, and a
// remainder that is too long and cannot be split into records; `source` is the topic name in them.
// Values may borrow bytes from `body`, which must live until the batch is cleared.
absl::Status AddRawMessages(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                            std::string_view source, int32_t partition, kafka::OutputBatch& out);

}  // namespace picket::fetcher
