#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "fetcher/blob_body.h"
#include "fetcher/ledger.h"
#include "kafka/output_batch.h"

namespace picket::fetcher {

// Adds the content of `row` to `raw`: as it came where it fits one message, else cut between records into messages of
// about kChunkTarget that are complete JSON arrays. A record too long for a message, and what cannot be cut into
// records and is too long, becomes a dead letter with its bytes; `source` names the topic in it. Values may be borrowed
// from `body`, which must live until the batch is cleared.
absl::Status AddRawMessages(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                            std::string_view source, int32_t partition, kafka::OutputBatch& out);

}  // namespace picket::fetcher
