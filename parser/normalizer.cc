#include "parser/normalizer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "common/sha256.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "json/json_splitter.h"
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

namespace picket::parser {
namespace {

constexpr size_t kLargestRecord = 2 << 20;
// Larger blobs are cut into records first, so that memory does not grow with the blob.
constexpr size_t kLargestWholeBlob = 4 << 20;
constexpr int64_t kSearchBudget = 64 << 20;
constexpr int kMaxNestedArrays = 8;
constexpr size_t kMaxUnmappedOperations = 500;
constexpr size_t kLongestIdInKey = 256;

// The length of the valid UTF-8 character at `at`, 0 when it is none.
size_t Utf8Length(std::string_view text, size_t at) {
  const auto byte = [&](size_t i) {
    return at + i < text.size() ? static_cast<uint8_t>(text[at + i]) : 0;
  };
  const auto follows = [&](size_t i) { return (byte(i) & 0xc0) == 0x80; };
  const uint8_t first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    if (!follows(1) || !follows(2)) return 0;
    if (first == 0xe0 && byte(1) < 0xa0) return 0;
    if (first == 0xed && byte(1) > 0x9f) return 0;  // a surrogate
    return 3;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    if (!follows(1) || !follows(2) || !follows(3)) return 0;
    if (first == 0xf0 && byte(1) < 0x90) return 0;
    if (first == 0xf4 && byte(1) > 0x8f) return 0;
    return 4;
  }
  return 0;
}

// A copy of `text` in which bad bytes and lone surrogates are U+FFFD, and raw control characters inside strings are
// escaped.
void Repair(std::string_view text, std::string& out) {
  static constexpr char kHex[] = "0123456789abcdef";
  out.clear();
  bool in_string = false;
  for (size_t at = 0; at < text.size();) {
    const unsigned char c = static_cast<unsigned char>(text[at]);
    if (c >= 0x80) {
      const size_t length = Utf8Length(text, at);
      if (length == 0) {
        out.append("\xef\xbf\xbd");
        ++at;
      } else {
        out.append(text, at, length);
        at += length;
      }
      continue;
    }
    if (!in_string) {
      in_string = c == '"';
      out.push_back(static_cast<char>(c));
      ++at;
      continue;
    }
    if (c == '"') {
      in_string = false;
    } else if (c < 0x20) {
      out.append("\\u00");
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
      ++at;
      continue;
    } else if (c == '\\' && at + 1 < text.size()) {
      if (text[at + 1] == 'u') {
        const int code = JsonHex4(text, at + 2);
        if (code >= 0xd800 && code < 0xe000) {
          const bool pair = code < 0xdc00 && text.substr(at + 6, 2) == "\\u" &&
                            JsonHex4(text, at + 8) >= 0xdc00 && JsonHex4(text, at + 8) < 0xe000;
          if (pair) {
            out.append(text, at, 12);
            at += 12;
          } else {
            out.append("\\ufffd");
            at += 6;
          }
          continue;
        }
      }
      out.push_back('\\');
      // What is escaped may be a control character or a bad byte itself: the next turn sees to it.
      if (static_cast<unsigned char>(text[at + 1]) < 0x20 ||
          static_cast<unsigned char>(text[at + 1]) >= 0x80) {
        ++at;
        continue;
      }
      out.push_back(text[at + 1]);
      at += 2;
      continue;
    }
    out.push_back(static_cast<char>(c));
    ++at;
  }
}

// Whether there is outside strings what no JSON has there. Behind a quote that is not closed every name of a field
// stands outside. Takes no memory, so that it can be asked of text of any size.
bool HasWordsOutsideStrings(std::string_view text) {
  static constexpr std::array<bool, 256> kOutside = [] {
    std::array<bool, 256> good{};
    for (const char c : std::string_view("{}[]:, \t\r\n0123456789+-.eEtrufalsn")) {
      good[static_cast<uint8_t>(c)] = true;
    }
    return good;
  }();
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '"') {
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      ++at;
    } else if (!kOutside[static_cast<uint8_t>(c)]) {
      return true;
    }
  }
  return false;
}

}  // namespace

size_t NormalizedBatch::records() const {
  return events.size() + std::count_if(rejected.begin(), rejected.end(),
                                       [](const Rejected& one) { return !one.has_event; });
}

void NormalizedBatch::Clear() {
  text.Clear();
  events.clear();
  rejected.clear();
  masked.clear();
  empty_blob = false;
}

struct Normalizer::Impl {
  NormalizerOptions options;
  Metrics& metrics;
  Counter& records_total;
  Counter& bytes_total;
  Counter& salvaged_total;
  Counter& empty_total;

  JsonTokens tokens;
  FieldTypes field_types;
  AuditRecord record;
  FactFinder finder;
  std::string repaired;
  std::unique_ptr<GeoCache> geo;  // nullptr: not asked for
  Unwrapper unwrapper;
  std::string native;  // the record that a wrapper holds
  std::string masked;
  bool is_masked = false;         // the record at hand
  std::string organization_text;  // the last OrganizationId
  std::string organization_guid;  // the same in lower case; empty when it is no GUID
  std::string uid;
  Bytes uid_json;  // the same where it needs escapes
  std::string id_text;
  StringMap<Counter*> unmapped_counters;
  std::string counter_key;
  std::vector<Counter*> unmapped_seen;  // of this blob, counted once it is done

  const BlobSource* source = nullptr;
  NormalizedBatch* out = nullptr;
  int64_t logged_time_ms = -1;
  int64_t fallback_time_ms = 0;
  bool has_created = false;
  int64_t last_good_ms = 0;  // of the records before, over blobs
  int next_index = 0;
  int64_t search_budget = 0;  // bytes that may be read in search of records behind damage

  Impl(const NormalizerOptions& o, Metrics& m)
      : options(o),
        metrics(m),
        records_total(m.GetCounter("picket_normalizer_records_total", "Audit records read.")),
        bytes_total(m.GetCounter("picket_normalizer_bytes_total", "Bytes of blobs read.")),
        salvaged_total(m.GetCounter("picket_normalizer_salvaged_blobs_total",
                                    "Blobs that were read record by record.")),
        empty_total(m.GetCounter("picket_normalizer_empty_blobs_total", "Blobs without a record.")),
        field_types(m),
        geo(o.geo == nullptr ? nullptr : std::make_unique<GeoCache>(o.geo)) {
    record.TellTypes(field_types);
  }

  void Reject(int index, std::string_view bytes, std::string_view reason, std::string error) {
    if (source->mask != nullptr) {
      // What could not be read could not be masked either.
      if (is_masked) {
        bytes = out->masked.emplace_back(bytes);
      } else {
        bytes = {};
        error += " (bytes withheld: fields of this tenant are masked)";
      }
    }
    out->rejected.push_back({index, bytes, reason, std::move(error)});
  }

  bool WholeBlob(std::string_view text);
  void RecordByRecord(std::string_view text, int depth);
  // False when the slice is no JSON; it is not rejected yet.
  bool OneRecord(std::string_view slice, int depth);
  size_t FindRecord(std::string_view tail, size_t size);
  bool ReadAlone(std::string_view slice, JsonFault& fault);
  bool ReadRepaired(std::string_view slice, JsonFault& fault, uint16_t& remarks);
  // What lacks one of these may be a wrapper of a record.
  bool IsNative() const {
    return record.Get(Field::kOperation).is_text() && record.Has(Field::kId) &&
           record.Has(Field::kCreationTime);
  }
  // Writes the record last read. `original`: its bytes as they came.
  void Emit(std::string_view original, uint16_t remarks);
  bool Write(const RecordFacts& facts, NormalizedBatch::Event& item);
  void RejectWithoutOperation(int index, std::string_view original);
  void CountUnmapped(std::string_view workload, std::string_view operation);
};

Normalizer::Normalizer(const NormalizerOptions& options, Metrics& metrics)
    : impl_(std::make_unique<Impl>(options, metrics)) {}
Normalizer::~Normalizer() = default;

// The whole array in one index. False on any trouble; the caller then starts afresh, record by record.
bool Normalizer::Impl::WholeBlob(std::string_view text) {
  if (tokens.Index(text) != JsonFault::kNone) return false;
  record.Begin(tokens);
  if (tokens.count() == 0 || tokens.at(0) != '[') return false;
  uint32_t token = 1;
  if (token < tokens.count() && tokens.at(token) == ']') return token + 1 == tokens.count();
  while (true) {
    if (token >= tokens.count() || record.Read(token) != JsonFault::kNone) return false;
    if (!IsNative()) return false;
    Emit(record.raw(), 0);
    if (token >= tokens.count()) return false;
    if (tokens.at(token) == ']') return token + 1 == tokens.count();
    if (tokens.at(token) != ',') return false;
    ++token;
  }
}

void Normalizer::Impl::RecordByRecord(std::string_view text, int depth) {
  JsonArraySplitter splitter(text);
  bool any = false;
  bool resumed = false;
  while (true) {
    const std::optional<std::string_view> slice = splitter.Next();
    if (slice.has_value()) {
      any = true;
      if (OneRecord(*slice, depth)) continue;
    } else if (splitter.complete()) {
      return;
    }
    const std::string_view damaged = slice.has_value() ? *slice : TrimBlanks(splitter.rest());
    if (damaged.empty() || (resumed && !slice.has_value() && damaged == "]")) return;
    is_masked = false;                                     // the record before was; this is none
    if (!slice.has_value() && depth < kMaxNestedArrays) {  // an envelope that is cut off
      if (const std::string_view records = EnvelopeRecords(damaged); !records.empty()) {
        return RecordByRecord(records, depth + 1);
      }
    }
    // A quote that is not closed turns text into brackets and brackets into text, so that the damaged piece may hold good
    // records and end in the middle of one.
    const std::string_view tail = text.substr(damaged.data() - text.data());
    const size_t behind = FindRecord(tail, damaged.size());
    if (behind != std::string_view::npos) {
      std::string_view before = TrimBlanks(damaged.substr(0, behind));
      if (before.back() == ',') before.remove_suffix(1);
      Reject(next_index++, before, "not_json", "the record is not JSON");
      any = resumed = true;
      text = tail.substr(behind);
      splitter = JsonArraySplitter(text);
    } else if (slice.has_value()) {
      Reject(next_index++, damaged, "not_json", "the record is not JSON");
    } else {
      return Reject(
          any || depth > 0 ? next_index++ : -1, damaged, "not_json",
          any ? "the blob is cut off or damaged: what follows cannot be split into records"
              : "no JSON array or object");
    }
  }
}

// Where, within the first `size` bytes of `tail` but not at its front, a record begins that can be read; npos when
// there is none. What is tried is bounded for the blob, so that text of nothing but beginnings costs no more.
size_t Normalizer::Impl::FindRecord(std::string_view tail, size_t size) {
  for (size_t at = tail.find("{\"", 1); at < size; at = tail.find("{\"", at + 1)) {
    if (search_budget < 0) break;
    const size_t before = tail.find_last_not_of(" \t\r\n", at - 1);
    if (before == std::string_view::npos || (tail[before] != ',' && tail[before] != '}')) continue;
    const std::string_view most = tail.substr(at, kLargestRecord);
    const std::optional<std::string_view> slice = JsonArraySplitter(most).Next();
    search_budget -= static_cast<int64_t>(slice.has_value() ? slice->size() : most.size());
    JsonFault fault;
    if (slice.has_value() && ReadAlone(*slice, fault) && IsNative()) return at;
  }
  return std::string_view::npos;
}

bool Normalizer::Impl::ReadAlone(std::string_view slice, JsonFault& fault) {
  fault = tokens.Index(slice);
  if (fault != JsonFault::kNone) return false;
  record.Begin(tokens);
  uint32_t token = 0;
  fault = record.Read(token);
  if (fault == JsonFault::kNone && token != tokens.count()) fault = JsonFault::kSyntax;
  return fault == JsonFault::kNone;
}

// Reads it, mended where its text is bad.
bool Normalizer::Impl::ReadRepaired(std::string_view slice, JsonFault& fault, uint16_t& remarks) {
  if (ReadAlone(slice, fault)) return true;
  if (fault != JsonFault::kBadText) return false;
  Repair(slice, repaired);
  remarks |= kUtf8Repaired;
  return ReadAlone(repaired, fault);
}

bool Normalizer::Impl::OneRecord(std::string_view slice, int depth) {
  if (depth < kMaxNestedArrays) {
    if (slice.front() == '[') {
      RecordByRecord(slice, depth + 1);
      return true;
    }
    if (const std::string_view records = EnvelopeRecords(slice); !records.empty()) {
      RecordByRecord(records, depth + 1);
      return true;
    }
  }
  std::string_view original = slice;
  is_masked = false;
  if (slice.size() > kLargestRecord) {
    // An unclosed quote may have joined many records.
    if (HasWordsOutsideStrings(slice)) return false;
    Reject(next_index++, original, "too_large", "the record is larger than 2 MiB");
    return true;
  }
  uint16_t remarks = 0;
  JsonFault fault;
  ReadRepaired(slice, fault, remarks);
  switch (fault) {
    case JsonFault::kNone:
      break;
    case JsonFault::kTooDeep:
      Reject(next_index++, original, "too_deep", "nested deeper than 256 levels");
      return true;
    case JsonFault::kNotAnObject: {
      bool integral = false;
      const bool scalar = slice == "null" || slice == "true" || slice == "false" ||
                          slice.front() == '"' || slice.front() == '[' ||
                          IsJsonNumber(slice, integral);
      Reject(next_index++, original, scalar ? "not_an_object" : "not_json",
             scalar ? "an audit record is a JSON object" : "not JSON");
      return true;
    }
    case JsonFault::kBadText:
    case JsonFault::kSyntax:
      return false;
  }
  if (!IsNative() && unwrapper.Unwrap(record.raw(), native) &&
      !ReadRepaired(native, fault, remarks)) {
    Reject(next_index++, original, fault == JsonFault::kTooDeep ? "too_deep" : "not_json",
           "the record in the wrapper cannot be read");
    return true;
  }
  if (source->mask != nullptr) {
    source->mask->Apply(record.raw(), masked);
    original = masked;
    is_masked = ReadAlone(masked, fault);
    if (!is_masked) {
      Reject(next_index++, original, "not_json", "the masked record cannot be read");
      return true;
    }
  }
  if (!record.Get(Field::kOperation).is_text()) {
    RejectWithoutOperation(next_index++, original);
    return true;
  }
  Emit(original, remarks);
  return true;
}

void Normalizer::Impl::RejectWithoutOperation(int index, std::string_view original) {
  // The API answers errors with an object in place of a blob.
  JsonValue error;
  if (tokens.count() > 0 && tokens.at(0) == '{') {
    tokens.ForEachMember(tokens.ValueAt(0), [&](std::string_view key, const JsonValue& value) {
      if (key == "error" && value.kind == JsonValue::kObject) error = value;
    });
  }
  if (error.kind == JsonValue::kAbsent) {
    return Reject(index, original, "no_operation", "the record has no Operation");
  }
  std::string text;
  for (const std::string_view member : {"code", "message"}) {
    const JsonValue value = tokens.Member(error, member);
    if (!value.is_text()) continue;
    if (!text.empty()) text += ": ";
    AppendJsonUnescaped(value.inner(), text);
  }
  Reject(index, original, "api_error", std::move(text));
}

void Normalizer::Impl::Emit(std::string_view original, uint16_t remarks) {
  const int index = next_index++;
  if (original.size() > kLargestRecord) {
    return Reject(index, original, "too_large", "the record is larger than 2 MiB");
  }
  EventFrame frame;
  frame.content_type = source->content_type;
  frame.logged_time_ms = logged_time_ms;
  frame.processed_time_ms = source->processed_time_ms;
  frame.raw_data = options.raw_data;
  frame.geo = geo.get();

  // Records of one blob are of one organisation nearly always.
  const std::string_view organization = record.Text(Field::kOrganizationId);
  if (organization != organization_text) {
    organization_text.assign(organization.substr(0, 64));
    std::array<uint8_t, 16> bytes;
    organization_guid.resize(36);
    if (!ReadGuid(organization, bytes, organization_guid.data())) organization_guid.clear();
  }
  const std::string_view tenant = organization_guid;
  const bool has_organization = !tenant.empty();
  if (!source->tenant.empty()) {
    if (has_organization && source->tenant != tenant) {
      if (!source->own_fetcher) {
        return Reject(index, original, "foreign_tenant",
                      "OrganizationId " + std::string(tenant) + " is not the message's tenant");
      }
      remarks |= kOrgMismatch;
    }
    frame.tenant = source->tenant;
  } else {
    frame.tenant = has_organization                   ? tenant
                   : !source->fallback_tenant.empty() ? source->fallback_tenant
                                                      : kNilTenant;
  }

  NormalizedBatch::Event& item = out->events.emplace_back();  // in place, see ParseAddress
  const JsonValue& id = record.Get(Field::kId);
  const std::string_view id_inner = id.is_text() ? TrimBlanks(id.inner()) : std::string_view();
  const size_t tenant_size = frame.tenant.size();
  uid.resize(tenant_size + 1 + 36);
  std::memcpy(uid.data(), frame.tenant.data(), tenant_size);
  uid[tenant_size] = '|';
  frame.uid = uid;
  if (!ReadGuid(id_inner, item.id.bytes, uid.data() + tenant_size + 1)) {
    uid.resize(tenant_size + 1);
    Sha256Digest digest;
    if (!id_inner.empty()) {
      id_text.clear();
      AppendJsonUnescaped(id_inner, id_text);
      digest = Sha256(id_text);
    } else {
      remarks |= kIdMissing;
      digest = Sha256(original);
      id_text.clear();
    }
    item.id.is_hash = true;
    std::memcpy(item.id.bytes.data(), digest.data(), 16);
    if (id_text.empty() || id_text.size() > kLongestIdInKey) {
      uid.append(HexPrefix(digest, 32));
    } else {
      uid.append(id_text);
    }
    uid_json.Clear();
    uid_json.PutEscaped(uid);
    frame.uid = uid_json.view();
  }

  const std::string_view created = record.Text(Field::kCreationTime);
  std::optional<int64_t> time = ParseTime(created);
  if (!time.has_value() && created.find('\\') != std::string_view::npos) {  // 3\/4\/2026
    id_text.clear();
    AppendJsonUnescaped(created, id_text);
    time = ParseTime(id_text);
  }
  if (time.has_value()) {
    frame.time_ms = *time;
    last_good_ms = *time;
  } else {
    frame.time_ms = has_created ? fallback_time_ms : last_good_ms;
    remarks |= kTimeMissing;
  }
  frame.remarks = remarks;

  Bytes& text = out->text;
  const RecordFacts& facts = finder.Find(record, frame);
  const Mapping& mapping = facts.mapping;
  bool fits = Write(facts, item);
  if (!fits) {
    // What has no place of its own is the bulk; it stays with the record's own bytes.
    frame.remarks |= kTruncated;
    frame.unmapped = false;
    finder.Find(record, frame);
    fits = Write(facts, item);
    Reject(index, original, "too_large",
           fits ? "its event would be larger than 6 MiB and is without `unmapped`"
                : "its event is larger than 6 MiB");
    out->rejected.back().has_event = fits;
    if (!fits) return out->events.pop_back();
  }
  if (mapping.by == MappedBy::kVerb || mapping.by == MappedBy::kNothing) {
    CountUnmapped(record.Text(Field::kWorkload), record.Text(Field::kOperation));
  }
  item.uid_begin = text.size();
  item.uid_size = uid.size();
  text.Put(uid);
  item.tenant_begin = item.uid_begin;
  item.tenant_size = frame.tenant.size();
  item.index = index;
  item.time_ms = frame.time_ms;
  item.hour = static_cast<int32_t>(frame.time_ms / 3'600'000);
  item.class_uid = mapping.class_uid;
}

// Appends the event in each schema that is asked for; takes it back and returns false when one is too large.
bool Normalizer::Impl::Write(const RecordFacts& facts, NormalizedBatch::Event& item) {
  Bytes& text = out->text;
  item.begin = text.size();
  item.ecs_begin = item.ecs_size = 0;
  WriteOcsfEvent(facts, text);
  item.size = text.size() - item.begin;
  bool fits = item.size <= kLargestEvent;
  if (source->ecs && fits) {
    item.ecs_begin = text.size();
    WriteEcsEvent(facts, options.elastic_actions, text);
    item.ecs_size = text.size() - item.ecs_begin;
    fits = item.ecs_size <= kLargestEvent;
  }
  if (!fits) text.Cut(item.begin);
  return fits;
}

void Normalizer::Impl::CountUnmapped(std::string_view workload, std::string_view operation) {
  counter_key.assign(workload);
  counter_key.push_back('|');
  counter_key.append(operation.substr(0, 100));
  auto found = unmapped_counters.find(counter_key);
  if (found == unmapped_counters.end()) {
    // Names come from outside: past a bound they share one counter.
    const bool full = unmapped_counters.size() >= kMaxUnmappedOperations;
    if (full) counter_key = "other";
    Counter& counter =
        metrics.GetCounter("picket_normalizer_unmapped_operations_total",
                           "Records whose operation has no row of its own in the mapping.",
                           {{"workload", full ? "other" : std::string(workload)},
                            {"operation", full ? "other" : std::string(operation.substr(0, 100))}});
    found = unmapped_counters.try_emplace(counter_key, &counter).first;
  }
  unmapped_seen.push_back(found->second);
}

void Normalizer::Normalize(const BlobSource& source, std::string_view blob, NormalizedBatch& out) {
  Impl& n = *impl_;
  out.Clear();
  n.source = &source;
  n.out = &out;
  n.next_index = 0;
  n.search_budget = kSearchBudget;
  n.unmapped_seen.clear();
  n.is_masked = false;
  n.logged_time_ms = ParseTime(source.fetched_at).value_or(-1);
  const std::optional<int64_t> created = ParseTime(source.content_created);
  n.has_created = created.has_value();
  n.fallback_time_ms = created.value_or(0);
  if (n.geo != nullptr) n.geo->Refresh();
  n.bytes_total.Increment(static_cast<double>(blob.size()));
  std::string_view text = blob;
  if (text.substr(0, 3) == "\xef\xbb\xbf") text.remove_prefix(3);
  text = TrimBlanks(text);
  if (text.empty()) {
    out.empty_blob = true;
    n.empty_total.Increment();
    return;
  }
  const int64_t last_good_ms = n.last_good_ms;
  if (n.options.record_by_record || source.mask != nullptr || text.size() > kLargestWholeBlob ||
      !n.WholeBlob(text)) {
    out.Clear();
    n.next_index = 0;
    n.last_good_ms = last_good_ms;
    n.unmapped_seen.clear();
    n.salvaged_total.Increment();
    n.RecordByRecord(text, 0);
  }
  for (Counter* const counter : n.unmapped_seen) counter->Increment();
  n.records_total.Increment(static_cast<double>(out.records()));
  if (out.events.empty() && out.rejected.empty()) {
    out.empty_blob = true;
    n.empty_total.Increment();
  }
}

}  // namespace picket::parser
