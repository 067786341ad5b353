#pragma once

#include <cstdint>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "fetcher/content/blob_body.h"
#include "fetcher/ledger.h"
#include "kafka/output_batch.h"

namespace picket::fetcher {

// Adds `body` to `out` as messages for the topic `raw`. `row` describes the content in `body`.
// Content that fits in one message is sent unchanged. Longer content is split between records into
// messages of about kChunkTarget bytes. Each message is a complete JSON array. A record that is too
// long for a message becomes a dead letter. If the end of the content cannot be split into records,
// this remainder is sent unchanged or, if it is too long for a message, becomes a dead letter.
// `on_dead_letter` is called for each dead letter. `source` is the topic name in the dead letters.
// Values in `out` may refer to bytes of `body`, so `body` must live until `out` is cleared. If the
// function fails, it has added nothing.
absl::Status AddRawMessages(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                            std::string_view source, int32_t partition, kafka::OutputBatch& out,
                            absl::FunctionRef<void(std::string_view reason)> on_dead_letter);

// Adds `body`, which was received instead of the content in `row` (status kDead), to `out` as a
// dead letter, so that nothing that the API has sent is lost. Of a body above kLongestLostBody,
// only the beginning is kept. The other parameters are those of AddRawMessages.
absl::Status AddLostBody(const LedgerRow& row, absl::Time fetched_at, BlobBody& body,
                         std::string_view source, int32_t partition, kafka::OutputBatch& out,
                         absl::FunctionRef<void(std::string_view reason)> on_dead_letter);
inline constexpr size_t kLongestLostBody = size_t{32} << 20;

}  // namespace picket::fetcher
