#include "parser/normalizer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "common/batch_counts.h"
#include "common/json_writer.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "json/json_repair.h"
#include "json/json_tokens.h"
#include "parser/geo/geo.h"
#include "parser/input/unwrapper.h"
#include "parser/mapping/audit_record.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/ecs_writer.h"
#include "parser/mapping/event_writer.h"
#include "parser/mapping/fact_finder.h"
#include "parser/mapping/remarks.h"
#include "parser/mapping/timestamp.h"
#include "parser/masking.h"
#include "parser/record_salvage.h"

namespace picket::parser {
namespace {

// Larger blobs are split into records first, so that memory use does not grow with the blob.
constexpr size_t kLargestWholeBlob = 4 << 20;
constexpr size_t kMaxUnmappedOperations = 500;
constexpr size_t kLongestOperationLabel = 100;
constexpr size_t kLongestIdInKey = 256;
constexpr size_t kLongestContentType = 256;
constexpr std::string_view kUtf8Bom = "\xef\xbb\xbf";

// The reason why a record is rejected.
struct Rejection {
  std::string_view reason;  // a constant such as "not_json"
  std::string error;
  bool has_event = false;
};

// The blob that is being normalised.
struct BlobContext {
  const BlobSource& source;
  NormalizedBatch& out;
  int64_t logged_time_ms;
  int64_t fallback_ms;  // the time of records without a time
  std::string_view blob;
  int next_index = 0;  // the index of the next record

  // Adds rejected bytes. `is_masked` is true if they are the bytes of a masked record.
  // `source_bytes` are the bytes of the blob from which they come.
  void Reject(int index, std::string_view bytes, bool is_masked, std::string_view source_bytes,
              Rejection rejection) const {
    if (source.mask != nullptr) {
      if (is_masked) {
        bytes = out.owned_bytes.emplace_back(bytes);
      } else {
        // Bytes that cannot be read cannot be masked either, so they are withheld.
        bytes = {};
        rejection.error += " (bytes withheld: fields of this tenant are masked)";
      }
    }
    const bool is_in_blob = source_bytes.data() == bytes.data();
    if (!is_in_blob && source.mask == nullptr) bytes = out.owned_bytes.emplace_back(bytes);
    out.rejected.push_back({index, bytes, rejection.reason, std::move(rejection.error),
                            rejection.has_event,
                            static_cast<size_t>(source_bytes.data() - blob.data())});
  }
};

// One record of the blob.
struct InputRecord {
  std::string_view bytes;  // original bytes or masked bytes
  bool is_masked = false;
  uint16_t remarks = 0;
};

}  // namespace

size_t NormalizedBatch::records() const {
  return events.size() + std::count_if(rejected.begin(), rejected.end(),
                                       [](const Rejected& one) { return !one.has_event; });
}

void NormalizedBatch::Clear() {
  text.Clear();
  events.clear();
  rejected.clear();
  owned_bytes.clear();
  empty_blob = false;
}

struct Normalizer::Impl {
  NormalizerOptions options;
  Metrics& metrics;
  BatchCounts counts;
  BatchCount& bytes_total;
  BatchCount& salvaged_total;

  JsonTokens tokens;
  MixedTypeMonitor field_types;
  AuditRecord record;  // the last record that was read
  FactFinder finder;
  std::unique_ptr<GeoCache> geo;  // nullptr if not configured
  Unwrapper unwrapper;
  RecordSalvage salvage;
  std::string repaired;
  std::string native;  // the last unwrapped record
  std::string masked;
  std::string content_type_text;  // the content type of the last blob
  std::string content_type_json;  // content_type_text as the inside of a JSON string
  std::string organization_text;  // the last OrganizationId
  std::string organization_guid;  // organization_text in lower case; empty if not a GUID
  std::string uid;                // the event uid
  ByteBuffer uid_json;  // the event uid with JSON escapes, if the record's Id is not a GUID
  std::string scratch;  // buffer for an unescaped string
  StringMap<BatchCount*> unmapped_counters;
  std::string counter_key;
  // The counters of the blob's unmapped operations. They are incremented at the end of the blob,
  // because a blob for which the fast path fails is read again.
  std::vector<BatchCount*> unmapped_seen;

  Impl(const NormalizerOptions& o, Metrics& m)
      : options(o),
        metrics(m),
        bytes_total(counts.Of(m.GetCounter("picket_normalizer_bytes_total"))),
        salvaged_total(counts.Of(m.GetCounter("picket_normalizer_salvaged_blobs_total"))),
        field_types(m),
        geo(o.geo == nullptr ? nullptr : std::make_unique<GeoCache>(o.geo)),
        salvage([this](std::string_view text) {
          if (Read(text) != JsonFault::kNone) return false;
          if (IsNative()) return true;
          return unwrapper.Unwrap(record.raw(), native) && Read(native) == JsonFault::kNone &&
                 record.Get(Field::kOperation).is_text();
        }) {
    record.SetTypeObserver(field_types);
  }

  // These functions implement the two ways to read a blob (normalizer.h). NormalizeWhole returns
  // false if anything in the blob is unusual. In this case, `blob.out` is incomplete.
  bool NormalizeWhole(BlobContext& blob, std::string_view text);
  void NormalizeByRecord(BlobContext& blob, std::string_view text);

  // These functions read a text into `record`.
  JsonFault Read(std::string_view text);
  JsonFault ReadOrRepair(std::string_view text, uint16_t& remarks);
  enum class ReadResult { kRecord, kRejected, kNotJson };
  ReadResult ReadElement(const BlobSource& source, InputRecord& input, Rejection& rejection);
  // Returns true if `record` has the fields of a native record. Otherwise, `record` may be a
  // wrapper.
  bool IsNative() const {
    return record.Get(Field::kOperation).is_text() && record.Has(Field::kId) &&
           record.Has(Field::kCreationTime);
  }
  Rejection WithoutOperation() const;

  // Writes the event of `record`.
  std::optional<Rejection> WriteEvent(const BlobContext& blob, const InputRecord& input, int index);
  std::optional<Rejection> SetTenant(const BlobSource& source, EventFrame& frame);
  void SetId(std::string_view original, EventFrame& frame, RecordId& id);
  void SetTime(const BlobContext& blob, EventFrame& frame);
  bool WriteJson(const BlobContext& blob, const RecordFacts& facts, NormalizedBatch::Event& event);
  void CountIfUnmapped(const Mapping& mapping);
  void SetContentType(std::string_view content_type);
};

Normalizer::Normalizer(const NormalizerOptions& options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, metrics)) {}
Normalizer::~Normalizer() = default;

void Normalizer::Normalize(const BlobSource& source, std::string_view blob, NormalizedBatch& out) {
  Impl& n = *impl_;
  out.Clear();
  n.unmapped_seen.clear();
  n.bytes_total.Add(static_cast<int64_t>(blob.size()));
  n.SetContentType(source.content_type);
  if (n.geo != nullptr) n.geo->Refresh();
  std::string_view text = blob;
  if (text.substr(0, kUtf8Bom.size()) == kUtf8Bom) text.remove_prefix(kUtf8Bom.size());
  text = TrimBlanks(text);
  if (!text.empty()) {
    const int64_t logged_ms = ParseTime(source.fetched_at).value_or(-1);
    const int64_t arrival_ms = logged_ms >= 0 ? logged_ms : source.processed_time_ms;
    BlobContext context{
        source, out, logged_ms,
        ParseTime(source.content_created).value_or(std::max<int64_t>(arrival_ms, 0)), blob};
    n.unwrapper.SetDateOrder(source.date_order);
    const bool may_be_read_whole =
        !n.options.record_by_record && source.mask == nullptr && text.size() <= kLargestWholeBlob;
    if (!may_be_read_whole || !n.NormalizeWhole(context, text)) {
      out.Clear();
      context.next_index = 0;
      n.unmapped_seen.clear();
      n.salvaged_total.Add();
      n.NormalizeByRecord(context, text);
    }
    for (BatchCount* const count : n.unmapped_seen) count->Add();
  }
  out.empty_blob = out.events.empty() && out.rejected.empty();
}

void Normalizer::Commit() { impl_->counts.Commit(); }
void Normalizer::Abort() { impl_->counts.Abort(); }

// The content type comes from a header of the message, so it may be any string. It is shortened and
// escaped only if it differs from the content type of the last blob.
void Normalizer::Impl::SetContentType(std::string_view content_type) {
  content_type = TruncateUtf8(content_type, kLongestContentType);
  if (content_type == content_type_text) return;
  content_type_text.assign(content_type);
  content_type_json.clear();
  AppendJsonEscaped(content_type_json, content_type);
}

bool Normalizer::Impl::NormalizeWhole(BlobContext& blob, std::string_view text) {
  if (tokens.Index(text) != JsonFault::kNone) return false;
  record.Begin(tokens);
  if (tokens.count() == 0 || tokens.at(0) != '[') return false;
  uint32_t token = 1;
  if (token < tokens.count() && tokens.at(token) == ']') return token + 1 == tokens.count();
  while (true) {
    if (token >= tokens.count() || record.Read(token) != JsonFault::kNone) return false;
    if (!IsNative() || record.is_flattened()) return false;
    const int index = blob.next_index++;
    const InputRecord input{.bytes = record.raw()};
    if (std::optional<Rejection> rejection = WriteEvent(blob, input, index)) {
      blob.Reject(index, input.bytes, input.is_masked, input.bytes, *std::move(rejection));
    }
    if (token >= tokens.count()) return false;
    if (tokens.at(token) == ']') return token + 1 == tokens.count();
    if (tokens.at(token) != ',') return false;
    ++token;
  }
}

void Normalizer::Impl::NormalizeByRecord(BlobContext& blob, std::string_view text) {
  salvage.Start(text);
  while (const std::optional<RecordSalvage::Piece> piece = salvage.Next()) {
    InputRecord input{.bytes = piece->bytes};
    std::optional<Rejection> rejection;
    if (!piece->error.empty()) {
      rejection = {"not_json", std::string(piece->error)};
    } else {
      const ReadResult result = ReadElement(blob.source, input, rejection.emplace());
      if (result == ReadResult::kNotJson) {
        salvage.MarkDamaged();
        continue;
      }
      if (result == ReadResult::kRecord) rejection = WriteEvent(blob, input, blob.next_index);
    }
    const int index = piece->is_whole_blob ? -1 : blob.next_index++;
    if (rejection.has_value()) {
      blob.Reject(index, input.bytes, input.is_masked, piece->source, *std::move(rejection));
    }
  }
}

JsonFault Normalizer::Impl::Read(std::string_view text) {
  JsonFault fault = tokens.Index(text);
  if (fault != JsonFault::kNone) return fault;
  record.Begin(tokens);
  uint32_t token = 0;
  fault = record.Read(token);
  if (fault == JsonFault::kNone && token != tokens.count()) fault = JsonFault::kSyntax;
  return fault;
}

JsonFault Normalizer::Impl::ReadOrRepair(std::string_view text, uint16_t& remarks) {
  const JsonFault fault = Read(text);
  if (fault != JsonFault::kBadString) return fault;
  RepairJsonStrings(text, repaired);
  remarks |= kUtf8Repaired;
  return Read(repaired);
}

Normalizer::Impl::ReadResult Normalizer::Impl::ReadElement(const BlobSource& source,
                                                           InputRecord& input,
                                                           Rejection& rejection) {
  const std::string_view element = input.bytes;
  if (element.size() > kLargestRecord) {
    // An unclosed quote may have joined many records into this element. Such an element is not
    // rejected as a whole, but split as damaged JSON.
    if (HasInvalidBytesOutsideStrings(element)) return ReadResult::kNotJson;
    rejection = {"too_large", "the record is larger than 2 MiB"};
    return ReadResult::kRejected;
  }
  switch (ReadOrRepair(element, input.remarks)) {
    case JsonFault::kNone:
      break;
    case JsonFault::kTooDeep:
      rejection = {"too_deep", "nested deeper than 256 levels"};
      return ReadResult::kRejected;
    case JsonFault::kNotAnObject: {
      bool integral = false;
      const bool is_json = element == "null" || element == "true" || element == "false" ||
                           element.front() == '"' || element.front() == '[' ||
                           IsJsonNumber(element, integral);
      rejection = is_json ? Rejection{"not_an_object", "an audit record is a JSON object"}
                          : Rejection{"not_json", "not JSON"};
      return ReadResult::kRejected;
    }
    case JsonFault::kBadString:
    case JsonFault::kSyntax:
      return ReadResult::kNotJson;
  }
  bool is_restored = false;
  if (!IsNative()) {
    is_restored = unwrapper.Unwrap(record.raw(), native);
  } else if (record.is_flattened()) {
    unwrapper.RestoreFlattened(record.raw(), native);
    is_restored = true;
  }
  if (is_restored) {
    if (unwrapper.has_lost_nesting()) input.remarks |= kLostNesting;
    const JsonFault fault = ReadOrRepair(native, input.remarks);
    if (fault != JsonFault::kNone) {
      rejection = {fault == JsonFault::kTooDeep ? "too_deep" : "not_json",
                   "the record in the wrapper cannot be read"};
      return ReadResult::kRejected;
    }
  }
  if (source.mask != nullptr) {
    source.mask->Apply(record.raw(), masked);
    input.bytes = masked;
    input.is_masked = Read(masked) == JsonFault::kNone;
    if (!input.is_masked) {
      rejection = {"not_json", "the masked record cannot be read"};
      return ReadResult::kRejected;
    }
  }
  if (!record.Get(Field::kOperation).is_text()) {
    rejection = WithoutOperation();
    return ReadResult::kRejected;
  }
  return ReadResult::kRecord;
}

// Returns the rejection for an object without an Operation. Such an object may be an error response
// of the API, which returns errors as an object instead of a blob.
Rejection Normalizer::Impl::WithoutOperation() const {
  JsonValue error;
  if (tokens.count() > 0 && tokens.at(0) == '{') {
    tokens.ForEachMember(tokens.ValueAt(0), [&](std::string_view key, const JsonValue& value) {
      if (key == "error" && value.kind == JsonValue::kObject) error = value;
    });
  }
  if (error.kind == JsonValue::kAbsent) return {"no_operation", "the record has no Operation"};
  std::string text;
  for (const std::string_view member : {"code", "message"}) {
    const JsonValue value = tokens.Member(error, member);
    if (!value.is_text()) continue;
    if (!text.empty()) text += ": ";
    AppendJsonUnescaped(value.inner(), text);
  }
  return {"api_error", std::move(text)};
}

std::optional<Rejection> Normalizer::Impl::WriteEvent(const BlobContext& blob,
                                                      const InputRecord& input, int index) {
  if (input.bytes.size() > kLargestRecord) {
    return Rejection{"too_large", "the record is larger than 2 MiB"};
  }
  EventFrame frame;
  frame.content_type = content_type_json;
  frame.logged_time_ms = blob.logged_time_ms;
  frame.processed_time_ms = blob.source.processed_time_ms;
  frame.remarks = input.remarks;
  frame.raw_data = options.raw_data;
  frame.geo = geo.get();
  if (std::optional<Rejection> rejection = SetTenant(blob.source, frame)) return rejection;
  // The event is built in place, because copying a struct that was just written is slow (see
  // ParseAddress).
  NormalizedBatch::Event& event = blob.out.events.emplace_back();
  SetId(input.bytes, frame, event.id);
  SetTime(blob, frame);

  std::optional<Rejection> rejection;
  const RecordFacts& facts = finder.Find(record, frame);
  if (!WriteJson(blob, facts, event)) {
    // `unmapped` usually makes up most of the event, so the event may fit without it. The record is
    // also rejected, so that its dead letter contains the whole record.
    frame.remarks |= kTruncated;
    frame.unmapped = false;
    finder.Find(record, frame);
    if (!WriteJson(blob, facts, event)) {
      blob.out.events.pop_back();
      return Rejection{"too_large", "its event is larger than 6 MiB"};
    }
    rejection = {"too_large", "its event would be larger than 6 MiB and is without `unmapped`",
                 /*has_event=*/true};
  }
  CountIfUnmapped(facts.mapping);
  ByteBuffer& text = blob.out.text;
  event.uid_begin = text.size();
  event.uid_size = uid.size();
  text.Put(uid);
  event.tenant_begin = event.uid_begin;
  event.tenant_size = frame.tenant.size();
  event.index = index;
  event.remarks = frame.remarks;
  event.time_ms = frame.time_ms;
  event.hour = static_cast<int32_t>(frame.time_ms / 3'600'000);
  event.class_uid = facts.mapping.class_uid;
  return rejection;
}

std::optional<Rejection> Normalizer::Impl::SetTenant(const BlobSource& source, EventFrame& frame) {
  // The last OrganizationId is kept, because nearly all records of a blob have the same one.
  const std::string_view organization = record.Text(Field::kOrganizationId);
  if (organization != organization_text) {
    organization_text.assign(organization.substr(0, 64));
    std::array<uint8_t, 16> bytes;
    organization_guid.resize(36);
    if (!ParseGuid(organization, bytes, organization_guid.data())) organization_guid.clear();
  }
  const bool has_organization = !organization_guid.empty();
  if (source.tenant.empty()) {
    frame.tenant = has_organization                  ? organization_guid
                   : !source.fallback_tenant.empty() ? source.fallback_tenant
                                                     : kNilTenant;
    return std::nullopt;
  }
  frame.tenant = source.tenant;
  if (!has_organization || source.tenant == organization_guid) return std::nullopt;
  if (!source.own_fetcher) {
    return Rejection{"foreign_tenant",
                     "OrganizationId " + organization_guid + " is not the message's tenant"};
  }
  frame.remarks |= kOrgMismatch;
  return std::nullopt;
}

// Sets `id` to the record's Id, and `uid` to the event uid, which is tenant|Id. In `id`, an Id that
// is not a GUID is replaced by a hash. In the uid, only a missing or long Id is replaced by a hash.
void Normalizer::Impl::SetId(std::string_view original, EventFrame& frame, RecordId& id) {
  const JsonValue& value = record.Get(Field::kId);
  const std::string_view inner = value.is_text() ? TrimBlanks(value.inner()) : std::string_view();
  const size_t tenant_size = frame.tenant.size();
  uid.resize(tenant_size + 1 + 36);
  std::memcpy(uid.data(), frame.tenant.data(), tenant_size);
  uid[tenant_size] = '|';
  frame.uid = uid;
  if (ParseGuid(inner, id.bytes, uid.data() + tenant_size + 1)) return;

  uid.resize(tenant_size + 1);
  scratch.clear();
  AppendJsonUnescaped(inner, scratch);
  if (inner.empty()) frame.remarks |= kIdMissing;
  const Sha256Digest digest = Sha256(inner.empty() ? original : std::string_view(scratch));
  id.is_hash = true;
  std::memcpy(id.bytes.data(), digest.data(), 16);
  if (scratch.empty() || scratch.size() > kLongestIdInKey) {
    uid.append(HexPrefix(digest, 32));
  } else {
    uid.append(scratch);
  }
  uid_json.Clear();
  uid_json.PutEscaped(uid);
  frame.uid = uid_json.view();
}

void Normalizer::Impl::SetTime(const BlobContext& blob, EventFrame& frame) {
  const std::string_view created = record.Text(Field::kCreationTime);
  std::optional<int64_t> time = ParseTime(created, blob.source.date_order);
  // The time may contain escapes, as in 3\/4\/2026.
  if (!time.has_value() && created.find('\\') != std::string_view::npos) {
    scratch.clear();
    AppendJsonUnescaped(created, scratch);
    time = ParseTime(scratch, blob.source.date_order);
  }
  const JsonValue& value = record.Get(Field::kCreationTime);
  if (value.kind == JsonValue::kNumber) time = ParseTime(value.raw);
  if (!time.has_value()) frame.remarks |= kTimeMissing;
  frame.time_ms = time.value_or(blob.fallback_ms);
}

// Appends the event in each requested schema. If any of these events is too large, removes all of
// them and returns false.
bool Normalizer::Impl::WriteJson(const BlobContext& blob, const RecordFacts& facts,
                                 NormalizedBatch::Event& event) {
  ByteBuffer& text = blob.out.text;
  event.begin = text.size();
  event.ecs_begin = event.ecs_size = 0;
  WriteOcsfEvent(facts, text);
  event.size = text.size() - event.begin;
  bool fits = event.size <= kLargestEvent;
  if (blob.source.ecs && fits) {
    event.ecs_begin = text.size();
    WriteEcsEvent(facts, options.elastic_actions, text);
    event.ecs_size = text.size() - event.ecs_begin;
    fits = event.ecs_size <= kLargestEvent;
  }
  if (!fits) text.Cut(event.begin);
  return fits;
}

void Normalizer::Impl::CountIfUnmapped(const Mapping& mapping) {
  if (mapping.by != MappedBy::kVerb && mapping.by != MappedBy::kNothing) return;
  const std::string_view workload =
      TruncateUtf8(record.Text(Field::kWorkload), kLongestOperationLabel);
  const std::string_view operation =
      TruncateUtf8(record.Text(Field::kOperation), kLongestOperationLabel);
  counter_key.assign(workload);
  counter_key.push_back('|');
  counter_key.append(operation);
  auto found = unmapped_counters.find(counter_key);
  if (found == unmapped_counters.end()) {
    // The names come from outside, so the number of counters is limited. All further names share
    // one counter.
    const bool is_full = unmapped_counters.size() >= kMaxUnmappedOperations;
    if (is_full) counter_key = "other";
    Counter& counter =
        metrics.GetCounter("picket_normalizer_unmapped_operations_total",
                           {{"workload", is_full ? "other" : std::string(workload)},
                            {"operation", is_full ? "other" : std::string(operation)}});
    found = unmapped_counters.try_emplace(counter_key, &counts.Of(counter)).first;
  }
  unmapped_seen.push_back(found->second);
}

}  // namespace picket::parser
