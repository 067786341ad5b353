#include "cli/demo/publish_audit.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "common/xxh3.h"
#include "json/json_members.h"
#include "model/message_headers.h"

namespace picket {
namespace {

std::string_view HeaderOf(const kafka::Message& message, std::string_view name) {
  for (const kafka::Header& header : message.headers) {
    if (header.name == name) return header.value;
  }
  return {};
}

// Parses the index and number of parts in a header such as "2/5". Returns 1 and 1 if `text` does
// not have this form.
std::pair<uint32_t, uint32_t> PartOf(std::string_view text) {
  const size_t slash = text.find('/');
  uint32_t index = 1;
  uint32_t count = 1;
  if (slash != std::string_view::npos) {
    if (!absl::SimpleAtoi(ToAbsl(text.substr(0, slash)), &index) ||
        !absl::SimpleAtoi(ToAbsl(text.substr(slash + 1)), &count)) {
      return {1, 1};
    }
  }
  return {index, count};
}

bool ParseMs(std::string_view text, int64_t& ms) {
  absl::Time time;
  std::string error;
  // Times of the API may come without a zone. They are in UTC.
  if (!absl::ParseTime(absl::RFC3339_full, ToAbsl(text), &time, &error) &&
      !absl::ParseTime("%Y-%m-%dT%H:%M:%E*S", ToAbsl(text), &time, &error)) {
    return false;
  }
  ms = absl::ToUnixMillis(time);
  return true;
}

std::string_view StringMember(std::string_view object, std::string_view name) {
  return JsonStringContent(JsonMember(object, name));
}

}  // namespace

PublishAudit::Key PublishAudit::KeyOf(std::string_view tenant, std::string_view type,
                                      std::string_view id) {
  const Xxh3Digest digest =
      Xxh3(absl::StrCat(LowerAscii(tenant), "|", ToAbsl(type), "|", ToAbsl(id)));
  return {digest.high, digest.low};
}

PublishAudit::Blob* PublishAudit::FindBlob(std::string_view tenant, std::string_view type,
                                           std::string_view id) {
  const auto found = blobs_.find(KeyOf(tenant, type, id));
  return found == blobs_.end() ? nullptr : &found->second;
}

void PublishAudit::AddPublished(const simulator::PublishedBlob& blob) {
  const auto [index, inserted] =
      tenant_index_.try_emplace(blob.tenant, static_cast<uint32_t>(tenants_.size()));
  if (inserted) tenants_.push_back(blob.tenant);
  size_t type = std::find(types_.begin(), types_.end(), blob.content_type) - types_.begin();
  if (type == types_.size()) types_.push_back(blob.content_type);

  Blob& entry = blobs_[KeyOf(blob.tenant, blob.content_type, blob.content_id)];
  entry.id = blob.content_id;
  entry.tenant = index->second;
  entry.type = static_cast<uint8_t>(type);
  entry.published = true;
  entry.created_ms = absl::ToUnixMillis(blob.created);
  entry.expected = {};
  for (const simulator::RecordDigest& record : blob.records) entry.expected.Add(record.hash);
  const auto tracked = tracked_.find(KeyOf(blob.tenant, blob.content_type, blob.content_id));
  if (tracked != tracked_.end()) tracked->second.published = blob.records;
}

void PublishAudit::AcceptLaterBlob(const simulator::PublishedBlob& blob) {
  const auto found = blobs_.find(KeyOf(blob.tenant, blob.content_type, blob.content_id));
  if (found != blobs_.end() && !found->second.published) blobs_.erase(found);
}

void PublishAudit::TrackRecords(const std::vector<Finding>& findings) {
  tracked_.clear();
  for (const Finding& finding : findings) {
    tracked_[KeyOf(finding.tenant, finding.content_type, finding.content_id)];
  }
}

std::vector<std::string> PublishAudit::RecordLines(const Finding& finding, size_t limit) const {
  std::vector<std::string> lines;
  const auto found = tracked_.find(KeyOf(finding.tenant, finding.content_type, finding.content_id));
  if (found == tracked_.end()) return lines;
  // How many more times a record is on the topics than it was published.
  std::map<std::pair<std::string, uint64_t>, int> balance;
  for (const simulator::RecordDigest& record : found->second.published) {
    --balance[{record.id, record.hash}];
  }
  for (const simulator::RecordDigest& record : found->second.on_topics) {
    ++balance[{record.id, record.hash}];
  }
  std::map<std::string, std::pair<int, int>> by_id;  // numbers of missing and additional records
  for (const auto& [record, difference] : balance) {
    if (difference < 0) by_id[record.first].first -= difference;
    if (difference > 0) by_id[record.first].second += difference;
  }
  for (const auto& [id, differences] : by_id) {
    if (lines.size() >= limit) {
      lines.push_back("and more records");
      break;
    }
    const auto [missing, additional] = differences;
    const char* const what = missing > 0 && additional > 0      ? "is altered"
                             : missing > 0                      ? "is missing"
                             : finding.end == BlobEnd::kDoubled ? "is on raw more than once"
                                                                : "was not published in this blob";
    lines.push_back(absl::StrCat("record ", id.empty() ? "without an Id" : id, " ", what));
  }
  return lines;
}

void PublishAudit::AddRaw(const kafka::Message& message) {
  const auto tenant = tenant_index_.find(message.key);
  if (tenant == tenant_index_.end()) {
    ++other_messages_;
    return;
  }
  // A message that the parser moved to its right partition is a copy.
  if (!HeaderOf(message, headers::kMoved).empty()) return;
  const std::string_view id = HeaderOf(message, headers::kContentId);
  const std::string_view type = HeaderOf(message, headers::kAuditContentType);
  Blob& blob = blobs_[KeyOf(message.key, type, id)];
  if (!blob.published && blob.id.empty()) {
    blob.id = std::string(id);
    blob.tenant = tenant->second;
    size_t known = std::find(types_.begin(), types_.end(), type) - types_.begin();
    if (known == types_.size()) types_.emplace_back(type);
    blob.type = static_cast<uint8_t>(known);
  }
  simulator::RecordDigester digester;
  digester.Add(message.value);
  const auto tracked = tracked_.find(KeyOf(message.key, type, id));
  for (simulator::RecordDigest& record : digester.Take()) {
    blob.raw.Add(record.hash);
    if (tracked != tracked_.end()) tracked->second.on_topics.push_back(std::move(record));
  }

  const auto [index, count] = PartOf(HeaderOf(message, headers::kChunk));
  if (blob.chunks != 0 && blob.chunks != count) blob.chunk_mismatch = true;
  blob.chunks = count;
  if (index == 1) {
    ++blob.first_chunk;
  } else {
    ++blob.more[index];
  }
}

void PublishAudit::AddDeadLetter(const kafka::Message& message) {
  // The other stages process what is on `raw`, and AddRaw counts that.
  if (HeaderOf(message, "dead-letter-stage") != "fetcher") return;
  const std::string_view id = HeaderOf(message, headers::kContentId);
  const std::string_view type = HeaderOf(message, headers::kAuditContentType);
  const std::string_view tenant = message.key.substr(0, message.key.find('|'));
  Blob* const blob = FindBlob(tenant, type, id);
  if (blob == nullptr) return;
  if (HeaderOf(message, "dead-letter-reason") != "oversized") {
    blob->dead = true;
    return;
  }
  // The message contains a record that is too long for `raw`, or one part of such a record. The
  // parts of a record arrive in order.
  const auto [index, count] = PartOf(HeaderOf(message, "part"));
  const std::string record_name =
      absl::StrCat(ToAbsl(tenant), "|", ToAbsl(type), "|", ToAbsl(id), "|",
                   ToAbsl(HeaderOf(message, "dead-letter-record")));
  Parts& parts = parts_[record_name];
  if (index == 1) {
    parts.next = 1;
    parts.digester = std::make_unique<simulator::RecordDigester>();
    parts.digester->Add("[");
  }
  if (parts.digester == nullptr || parts.next != index) return;
  ++parts.next;
  parts.digester->Add(message.value);
  if (index != count) return;
  parts.digester->Add("]");
  const auto tracked = tracked_.find(KeyOf(tenant, type, id));
  for (simulator::RecordDigest& record : parts.digester->Take()) {
    blob->dead_records.Add(record.hash);
    if (tracked != tracked_.end()) tracked->second.on_topics.push_back(std::move(record));
  }
  parts_.erase(record_name);
}

void PublishAudit::AddCoverage(const kafka::Message& message) {
  if (StringMember(message.value, "kind") != "gap") return;
  const std::string_view tenant = StringMember(message.value, "tenant");
  const std::string_view type = StringMember(message.value, "content_type");
  if (!tenant_index_.contains(tenant)) return;
  const std::string_view id = StringMember(message.value, "content_id");
  if (!id.empty()) {
    if (Blob* const blob = FindBlob(tenant, type, id)) blob->in_gap = true;
    return;
  }
  Gap gap{};
  if (!ParseMs(StringMember(message.value, "from"), gap.from_ms) ||
      !ParseMs(StringMember(message.value, "to"), gap.to_ms)) {
    return;
  }
  gaps_[absl::StrCat(ToAbsl(tenant), "|", ToAbsl(type))].push_back(gap);
}

void PublishAudit::ForgetMessages() {
  absl::erase_if(blobs_, [](const auto& entry) { return !entry.second.published; });
  for (auto& [key, blob] : blobs_) {
    blob.dead = false;
    blob.in_gap = false;
    blob.raw = {};
    blob.dead_records = {};
    blob.chunks = 0;
    blob.first_chunk = 0;
    blob.more.clear();
    blob.chunk_mismatch = false;
  }
  gaps_.clear();
  parts_.clear();
  other_messages_ = 0;
}

bool PublishAudit::IsInGap(const Blob& blob) const {
  if (blob.in_gap) return true;
  const std::string& tenant = tenants_[blob.tenant];
  for (const std::string& type : {types_[blob.type], std::string("*")}) {
    const auto gaps = gaps_.find(absl::StrCat(tenant, "|", type));
    if (gaps == gaps_.end()) continue;
    for (const Gap& gap : gaps->second) {
      if (blob.created_ms >= gap.from_ms && blob.created_ms < gap.to_ms) return true;
    }
  }
  return false;
}

BlobEnd PublishAudit::EndOf(const Blob& blob, std::string* detail) const {
  const auto say = [detail](std::string text) {
    if (detail != nullptr) *detail = std::move(text);
  };
  if (blob.chunks == 0) {
    if (blob.dead) return BlobEnd::kDead;
    // All records of the blob were too long for a message.
    if (blob.dead_records.records > 0 && blob.dead_records == blob.expected) {
      return BlobEnd::kStored;
    }
    if (IsInGap(blob)) return BlobEnd::kGap;
    say("on no topic");
    return BlobEnd::kUnaccounted;
  }
  uint32_t copies = blob.first_chunk > 1 ? blob.first_chunk : 0;
  uint32_t present = blob.first_chunk > 0 ? 1 : 0;
  for (const auto& [index, times] : blob.more) {
    ++present;
    if (times > 1) copies = std::max(copies, times);
  }
  if (copies > 0) {
    say(absl::StrCat("a message of the blob is on raw ", copies, " times"));
    return BlobEnd::kDoubled;
  }
  if (blob.chunk_mismatch || present != blob.chunks) {
    say(absl::StrCat(blob.chunks - std::min(present, blob.chunks), " of ", blob.chunks,
                     " messages are missing"));
    return BlobEnd::kIncomplete;
  }
  simulator::RecordSum all = blob.raw;
  all.records += blob.dead_records.records;
  all.sum += blob.dead_records.sum;
  if (all == blob.expected) return BlobEnd::kStored;
  // The fetcher writes the end of a blob as a dead letter if it cannot split the end into records.
  if (blob.dead && all.records < blob.expected.records) return BlobEnd::kDead;
  if (all.records < blob.expected.records) {
    say(absl::StrCat(blob.expected.records - all.records, " of ", blob.expected.records,
                     " records are missing"));
    return BlobEnd::kIncomplete;
  }
  if (all.records > blob.expected.records) {
    say(absl::StrCat(all.records, " records instead of ", blob.expected.records));
    return BlobEnd::kDoubled;
  }
  say("the records are not those that were published");
  return BlobEnd::kAltered;
}

AuditCounts PublishAudit::Count() const {
  AuditCounts counts;
  counts.other_messages = other_messages_;
  for (const auto& [key, blob] : blobs_) {
    if (!blob.published) {
      ++counts.unknown;
      continue;
    }
    ++counts.blobs;
    counts.records += blob.expected.records;
    switch (EndOf(blob, nullptr)) {
      case BlobEnd::kStored:
        ++counts.stored;
        counts.records_stored += blob.raw.records;
        counts.records_dead += blob.dead_records.records;
        break;
      case BlobEnd::kDead:
        ++counts.dead;
        break;
      case BlobEnd::kGap:
        ++counts.in_gap;
        break;
      case BlobEnd::kUnaccounted:
        ++counts.unaccounted;
        break;
      case BlobEnd::kIncomplete:
        ++counts.incomplete;
        break;
      case BlobEnd::kDoubled:
        ++counts.doubled;
        break;
      case BlobEnd::kAltered:
        ++counts.altered;
        break;
    }
  }
  return counts;
}

std::vector<PublishAudit::Finding> PublishAudit::Findings(size_t limit) const {
  std::vector<Finding> findings;
  for (const auto& [key, blob] : blobs_) {
    if (findings.size() >= limit) break;
    Finding finding;
    if (blob.published) {
      finding.end = EndOf(blob, &finding.detail);
      if (finding.end == BlobEnd::kStored || finding.end == BlobEnd::kDead ||
          finding.end == BlobEnd::kGap) {
        continue;
      }
    } else {
      finding.end = BlobEnd::kAltered;
      finding.detail = "on raw, but was never published";
    }
    finding.tenant = tenants_[blob.tenant];
    finding.content_type = types_[blob.type];
    finding.content_id = blob.id;
    findings.push_back(std::move(finding));
  }
  std::sort(findings.begin(), findings.end(), [](const Finding& a, const Finding& b) {
    return std::tie(a.tenant, a.content_type, a.content_id) <
           std::tie(b.tenant, b.content_type, b.content_id);
  });
  return findings;
}

}  // namespace picket
