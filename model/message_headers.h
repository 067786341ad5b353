#pragma once

// Names of the message headers, by topic. Header values are strings. Times are in RFC 3339, UTC.

#include <string_view>

namespace picket::headers {

// Headers of the topic `raw`.
inline constexpr std::string_view kContentId = "content-id";
inline constexpr std::string_view kAuditContentType = "audit-content-type";
inline constexpr std::string_view kContentCreated = "content-created";
inline constexpr std::string_view kContentExpiration = "content-expiration";
inline constexpr std::string_view kChunk = "chunk";  // "2/5"
inline constexpr std::string_view kFetchedAt = "fetched-at";
inline constexpr std::string_view kLate = "late";
inline constexpr std::string_view kBackfill = "backfill";
inline constexpr std::string_view kMoved = "moved";
// Headers of the topic `events`.
inline constexpr std::string_view kTenant = "tenant";
inline constexpr std::string_view kClassUid = "class-uid";
// The offset of the message on `raw` that contains the event's record, and the index of the record
// in this message. The partition is the event's own.
inline constexpr std::string_view kRawOffset = "raw-offset";
inline constexpr std::string_view kRawIndex = "raw-index";
// Headers of all topics.
inline constexpr std::string_view kSchema = "schema";

}  // namespace picket::headers
