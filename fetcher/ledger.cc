#include "fetcher/ledger.h"

#include <simdjson.h>

#include <algorithm>

#include "absl/strings/str_split.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "m365/api_time.h"

namespace picket::fetcher {
namespace {

constexpr std::string_view kKindNames[] = {"blob", "watermark", "subscription", "quota"};
constexpr std::string_view kStatusNames[] = {"listed", "stored", "dead"};

absl::Status BadRow(std::string_view key, std::string_view what) {
  return absl::DataLossError(
      absl::StrCat("ledger row ", ToAbsl(key.substr(0, 200)), ": ", ToAbsl(what)));
}

bool ReadTime(simdjson::dom::element value, const char* name, absl::Time& time) {
  std::string_view text;
  if (value[name].get(text) != simdjson::SUCCESS) return false;
  const std::optional<absl::Time> parsed = m365::ParseApiTime(text);
  if (parsed.has_value()) time = *parsed;
  return parsed.has_value();
}

bool ReadFlag(simdjson::dom::element value, const char* name) {
  bool flag = false;
  return value[name].get(flag) == simdjson::SUCCESS && flag;
}

}  // namespace

LedgerRow BlobRow(std::string tenant, std::string content_type, std::string content_id,
                  BlobStatus status, const ListedContent& listed) {
  LedgerRow row;
  row.tenant = std::move(tenant);
  row.content_type = std::move(content_type);
  row.kind = RowKind::kBlob;
  row.id = std::move(content_id);
  row.status = status;
  row.created = listed.created;
  row.expiration = listed.expiration;
  row.late = listed.late;
  row.backfill = listed.backfill;
  return row;
}

std::string LedgerKey(const LedgerRow& row) {
  return absl::StrCat(row.tenant, "|", row.content_type, "|",
                      ToAbsl(kKindNames[static_cast<int>(row.kind)]), "|", row.id);
}

std::string LedgerValue(const LedgerRow& row) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject();
  switch (row.kind) {
    case RowKind::kBlob:
      json.Key("state").Value(kStatusNames[static_cast<int>(row.status)]);
      json.Key("created").Value(m365::FormatApiTime(row.created));
      if (row.status == BlobStatus::kListed) {
        json.Key("expiration").Value(m365::FormatApiTime(row.expiration));
        if (row.late) json.Key("late").Value(true);
        if (row.backfill) json.Key("backfill").Value(true);
      }
      if (!row.reason.empty()) json.Key("reason").Value(row.reason);
      break;
    case RowKind::kWatermark:
      json.Key("watermark").Value(m365::FormatApiTime(row.time));
      if (row.reconciled != absl::InfinitePast()) {
        json.Key("reconciled").Value(m365::FormatApiTime(row.reconciled));
      }
      break;
    case RowKind::kSubscription:
      json.Key("started").Value(m365::FormatApiTime(row.time));
      break;
    case RowKind::kQuota:
      json.Key("requests_per_minute").Value(row.requests_per_minute);
      break;
  }
  json.EndObject();
  return text;
}

absl::StatusOr<LedgerRow> ParseLedgerRow(std::string_view key, std::string_view value) {
  // A content id cannot contain '|', because ParseContentPage() rejects such ids.
  const std::vector<absl::string_view> parts = absl::StrSplit(ToAbsl(key), '|');
  if (parts.size() != 4) return BadRow(key, "the key must be tenant|content type|kind|id");
  LedgerRow row;
  row.tenant = std::string(parts[0]);
  row.content_type = std::string(parts[1]);
  row.id = std::string(parts[3]);
  const auto kind = std::find(std::begin(kKindNames), std::end(kKindNames), ToStd(parts[2]));
  if (kind == std::end(kKindNames)) return BadRow(key, "unknown kind");
  row.kind = static_cast<RowKind>(kind - std::begin(kKindNames));
  if (value.empty()) return row;

  // The parser is reused, because a restore reads millions of rows.
  thread_local simdjson::dom::parser parser;
  simdjson::dom::element root;
  if (parser.parse(value.data(), value.size(), true).get(root) != simdjson::SUCCESS) {
    return BadRow(key, "the value is not JSON");
  }
  switch (row.kind) {
    case RowKind::kBlob: {
      std::string_view state;
      if (root["state"].get(state) != simdjson::SUCCESS) return BadRow(key, "the state is missing");
      const auto status = std::find(std::begin(kStatusNames), std::end(kStatusNames), state);
      if (status == std::end(kStatusNames)) return BadRow(key, "unknown state");
      row.status = static_cast<BlobStatus>(status - std::begin(kStatusNames));
      if (!ReadTime(root, "created", row.created))
        return BadRow(key, "the creation time is missing or invalid");
      row.expiration = row.created + absl::Hours(24 * 7);
      ReadTime(root, "expiration", row.expiration);
      row.late = ReadFlag(root, "late");
      row.backfill = ReadFlag(root, "backfill");
      break;
    }
    case RowKind::kWatermark:
      if (!ReadTime(root, "watermark", row.time))
        return BadRow(key, "the watermark is missing or invalid");
      ReadTime(root, "reconciled", row.reconciled);
      break;
    case RowKind::kSubscription:
      if (!ReadTime(root, "started", row.time))
        return BadRow(key, "the start time is missing or invalid");
      break;
    case RowKind::kQuota:
      if (root["requests_per_minute"].get(row.requests_per_minute) != simdjson::SUCCESS) {
        return BadRow(key, "the rate is missing");
      }
      break;
  }
  return row;
}

Ledger::BlobHash Ledger::HashOf(std::string_view tenant, std::string_view content_type,
                                std::string_view content_id) {
  const Sha256Digest digest = Sha256Of({tenant, content_type, content_id});
  BlobHash hash{0, 0};
  for (int i = 0; i < 8; ++i) {
    hash.high = hash.high << 8 | digest[i];
    hash.low = hash.low << 8 | digest[8 + i];
  }
  return hash;
}

std::string Ledger::FeedName(std::string_view tenant, std::string_view content_type) {
  return absl::StrCat(ToAbsl(tenant), "|", ToAbsl(content_type));
}

void Ledger::Restore(const LedgerRow& row) {
  switch (row.kind) {
    case RowKind::kBlob: {
      const int64_t created = std::clamp<int64_t>(absl::ToUnixSeconds(row.created), 0, UINT32_MAX);
      blobs_[HashOf(row.tenant, row.content_type, row.id)] = {static_cast<uint32_t>(created),
                                                              row.status};
      Feed& feed = feeds_[FeedName(row.tenant, row.content_type)];
      if (row.status == BlobStatus::kListed) {
        feed.listed[row.id] = {row.created, row.expiration, row.late, row.backfill};
      } else {
        feed.listed.erase(row.id);
      }
      break;
    }
    case RowKind::kWatermark: {
      Feed& feed = feeds_[FeedName(row.tenant, row.content_type)];
      feed.watermark = row.time;
      feed.reconciled = row.reconciled;
      break;
    }
    case RowKind::kSubscription:
      feeds_[FeedName(row.tenant, row.content_type)].subscription_started = row.time;
      break;
    case RowKind::kQuota:
      quotas_[row.tenant] = row.requests_per_minute;
      break;
  }
}

void Ledger::RestoreTombstone(const LedgerRow& key) {
  switch (key.kind) {
    case RowKind::kBlob: {
      blobs_.erase(HashOf(key.tenant, key.content_type, key.id));
      const auto feed = feeds_.find(FeedName(key.tenant, key.content_type));
      if (feed != feeds_.end()) feed->second.listed.erase(key.id);
      break;
    }
    case RowKind::kWatermark:
      feeds_[FeedName(key.tenant, key.content_type)].watermark.reset();
      break;
    case RowKind::kSubscription:
      feeds_[FeedName(key.tenant, key.content_type)].subscription_started.reset();
      break;
    case RowKind::kQuota:
      quotas_.erase(key.tenant);
      break;
  }
}

void Ledger::PutTombstone(LedgerRow key) { tombstones_.push_back(std::move(key)); }

void Ledger::Commit() {
  for (const LedgerRow& row : overlay_) Restore(row);
  for (const LedgerRow& key : tombstones_) RestoreTombstone(key);
  Abort();
}

void Ledger::Abort() {
  overlay_.clear();
  tombstones_.clear();
}

std::optional<BlobStatus> Ledger::Find(std::string_view tenant, std::string_view content_type,
                                       std::string_view content_id) const {
  for (auto row = overlay_.rbegin(); row != overlay_.rend(); ++row) {
    if (row->kind == RowKind::kBlob && row->id == content_id && row->tenant == tenant &&
        row->content_type == content_type) {
      return row->status;
    }
  }
  const auto blob = blobs_.find(HashOf(tenant, content_type, content_id));
  if (blob == blobs_.end()) return std::nullopt;
  return blob->second.status;
}

const Ledger::Feed* Ledger::FindFeed(std::string_view tenant, std::string_view content_type) const {
  const auto feed = feeds_.find(FeedName(tenant, content_type));
  return feed == feeds_.end() ? nullptr : &feed->second;
}

std::optional<double> Ledger::Quota(std::string_view tenant) const {
  const auto quota = quotas_.find(tenant);
  if (quota == quotas_.end()) return std::nullopt;
  return quota->second;
}

size_t Ledger::DropBefore(absl::Time limit) {
  const int64_t limit_secs = absl::ToUnixSeconds(limit);
  const size_t before = blobs_.size();
  absl::erase_if(blobs_, [limit_secs](const auto& blob) {
    return blob.second.status != BlobStatus::kListed && blob.second.created_secs < limit_secs;
  });
  return before - blobs_.size();
}

}  // namespace picket::fetcher
