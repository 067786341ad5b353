#include "detector/correlation/correlation_rows.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <utility>

#include "detector/correlation/varint_codec.h"

namespace picket::detector::correlation {
namespace {

constexpr char kRowVersion = 1;
// The version of a head row that has the places of its recent events. A head without places has
// kRowVersion, so that an older detector reads it while the detectors of a cluster are upgraded:
// only newer parsers, which are upgraded later, give places to events.
constexpr char kHeadVersionWithPlaces = 2;
constexpr std::string_view kWatermark = "watermark";
constexpr std::string_view kHead = "head";
constexpr size_t kGroupDigits = 32;

std::string Hex64(uint64_t number) {
  std::string text(16, '0');
  for (int i = 15; i >= 0; --i, number >>= 4)
    text[static_cast<size_t>(i)] = "0123456789abcdef"[number & 15];
  return text;
}

std::string Decimal(int64_t number) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof(digits), number);
  return std::string(digits, result.ptr);
}

bool ParseDecimal(std::string_view text, int64_t* number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

// The parts that follow "tenant|" in the key of a group row.
struct GroupKey {
  std::string_view correlation;
  std::string_view group;
  std::string_view row;  // "head", or the name of a bucket row
};

// Splits `rest`, the part of a key after "tenant|", into a GroupKey. Returns false if `rest` does
// not have three parts or if the part `group` is not 32 characters long.
bool SplitGroupKey(std::string_view rest, GroupKey* key) {
  const size_t first = rest.find('|');
  if (first == std::string_view::npos) return false;
  const size_t second = rest.find('|', first + 1);
  if (second == std::string_view::npos || second - first != kGroupDigits + 1) return false;
  key->correlation = rest.substr(0, first);
  key->group = rest.substr(first + 1, kGroupDigits);
  key->row = rest.substr(second + 1);
  return true;
}

// Adds a bucket row to a group. `name` is "start" or "start.part". Returns false if the row is
// invalid.
bool RestoreBucket(std::string_view name, std::string_view value, Group* group) {
  if (value.empty() || value.front() != kRowVersion) return false;
  value.remove_prefix(1);
  int64_t start = 0;
  int64_t part = 0;
  const size_t dot = name.find('.');
  if (!ParseDecimal(name.substr(0, dot), &start)) return false;
  if (group->window.counts_values()) {
    if (dot == std::string_view::npos) return false;
    if (!ParseDecimal(name.substr(dot + 1), &part)) return false;
  }
  return group->window.RestoreRow(group->window.BucketOf(start), static_cast<uint32_t>(part),
                                  value);
}

}  // namespace

std::string GroupPrefix(const Group& group) {
  std::string key = group.tenant->id;
  key += '|';
  key += group.spec->hash;
  key += '|';
  key += Hex64(group.id.high);
  key += Hex64(group.id.low);
  key += '|';
  return key;
}

Row WatermarkRow(const Tenant& tenant) {
  Row row;
  row.key = tenant.id + "|" + std::string(kWatermark);
  row.value.push_back(kRowVersion);
  PutSignedVarint(row.value, tenant.watermark);
  return row;
}

bool DecodeWatermark(std::string_view value, int64_t* watermark) {
  if (value.empty() || value.front() != kRowVersion) return false;
  VarintReader reader(value.substr(1));
  *watermark = reader.SignedVarint();
  return reader.ok();
}

bool SplitTenant(std::string_view key, std::string_view* tenant, bool* is_watermark) {
  const size_t bar = key.find('|');
  if (bar == std::string_view::npos) return false;
  *tenant = key.substr(0, bar);
  *is_watermark = key.substr(bar + 1) == kWatermark;
  return true;
}

std::string HeadKey(std::string_view group_prefix) {
  std::string key(group_prefix);
  key += kHead;
  return key;
}

std::string EncodeHead(const Group& group) {
  bool has_places = false;
  for (size_t i = 0; i < group.recent.size(); ++i) {
    has_places |= group.recent[i].place.is_known();
  }
  std::string value(1, has_places ? kHeadVersionWithPlaces : kRowVersion);
  PutSignedVarint(value, group.newest);
  PutSignedVarint(value, group.decided_until);
  PutVarint(value, group.names.size());
  for (const std::string& name : group.names) PutSizedString(value, name);
  PutVarint(value, group.episodes.all().size());
  int64_t before = 0;
  for (const Episode& episode : group.episodes.all()) {
    PutSignedVarint(value, episode.start - before);
    PutSignedVarint(value, episode.end - episode.start);
    before = episode.end;
  }
  PutVarint(value, group.recent.size());
  for (size_t i = 0; i < group.recent.size(); ++i) {
    const RecentEvent& event = group.recent[i];
    PutSignedVarint(value, event.time);
    PutSizedString(value, event.uid);
    PutSizedString(value, event.value);
    if (!has_places) continue;
    PutSignedVarint(value, event.place.offset);
    PutSignedVarint(value, event.place.raw_offset);
    PutSignedVarint(value, event.place.raw_index);
  }
  return value;
}

bool DecodeHead(std::string_view value, Group* group) {
  if (value.empty()) return false;
  const bool has_places = value.front() == kHeadVersionWithPlaces;
  if (!has_places && value.front() != kRowVersion) return false;
  VarintReader reader(value.substr(1));
  group->newest = reader.SignedVarint();
  group->decided_until = reader.SignedVarint();
  group->names.clear();
  for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
    group->names.emplace_back(reader.SizedString());
  }
  group->episodes.Clear();
  int64_t before = 0;
  for (uint64_t n = reader.Varint(); n > 0 && reader.ok(); --n) {
    Episode episode;
    episode.start = before + reader.SignedVarint();
    episode.end = episode.start + reader.SignedVarint();
    before = episode.end;
    group->episodes.Append(episode);
  }
  group->recent.Clear();
  const uint64_t recent = reader.Varint();
  if (recent > RecentEvents::kMax) return false;
  for (uint64_t n = recent; n > 0 && reader.ok(); --n) {
    const int64_t time = reader.SignedVarint();
    const std::string_view uid = reader.SizedString();
    const std::string_view counted = reader.SizedString();
    EventPlace place;
    if (has_places) {
      place.offset = reader.SignedVarint();
      place.raw_offset = reader.SignedVarint();
      place.raw_index = reader.SignedVarint();
    }
    group->recent.Add(time, uid, counted, place);
  }
  return reader.ok() && reader.empty();
}

std::string BucketKey(const Group& group, std::string_view group_prefix, int64_t bucket,
                      uint32_t part) {
  std::string key(group_prefix);
  key += Decimal(group.window.StartOf(bucket));
  if (group.window.counts_values()) {
    key += '.';
    key += Decimal(part);
  }
  return key;
}

std::string EncodeBucket(const Group& group, int64_t bucket, uint32_t part) {
  std::string value(1, kRowVersion);
  value += group.window.EncodeRow(bucket, part);
  return value;
}

void ForEachBucketKey(const Group& group, int64_t below_bucket,
                      absl::FunctionRef<void(std::string_view key)> visit) {
  const std::string prefix = GroupPrefix(group);
  group.window.ForEachRow(below_bucket, [&](int64_t bucket, uint32_t part) {
    visit(BucketKey(group, prefix, bucket, part));
  });
}

void AppendRows(const Group& group, std::vector<Row>* rows) {
  const std::string prefix = GroupPrefix(group);
  rows->push_back({HeadKey(prefix), EncodeHead(group)});
  group.window.ForEachRow(kNever, [&](int64_t bucket, uint32_t part) {
    rows->push_back({BucketKey(group, prefix, bucket, part), EncodeBucket(group, bucket, part)});
  });
}

int64_t RestoreGroups(const Specs& specs, std::vector<Row>* rows, Tenant* tenant) {
  int64_t bad_rows = 0;
  std::vector<Row> unknown;
  std::sort(rows->begin(), rows->end(), [](const Row& a, const Row& b) { return a.key < b.key; });
  // The first pass creates the groups from the head rows, and the second pass fills their windows.
  for (const bool heads : {true, false}) {
    for (Row& row : *rows) {
      if (row.key.empty()) continue;  // the first pass moved this row to `unknown`
      GroupKey key;
      if (!SplitGroupKey(std::string_view(row.key).substr(tenant->id.size() + 1), &key)) {
        if (heads) ++bad_rows;
        continue;
      }
      if ((key.row == kHead) != heads) continue;
      const Spec* spec = FindSpec(specs, key.correlation);
      if (spec == nullptr) {
        unknown.push_back(std::move(row));
        row.key.clear();
        continue;
      }
      GroupId id{spec->id, 0, 0};
      if (!ParseHex64(key.group.substr(0, 16), &id.high) ||
          !ParseHex64(key.group.substr(16), &id.low)) {
        ++bad_rows;
        continue;
      }
      if (heads) {
        auto group = std::make_unique<Group>(tenant, spec, id);
        if (DecodeHead(row.value, group.get())) {
          tenant->groups.insert_or_assign(id, std::move(group));
        } else {
          ++bad_rows;
        }
        continue;
      }
      const auto it = tenant->groups.find(id);
      if (it == tenant->groups.end() || !RestoreBucket(key.row, row.value, it->second.get())) {
        ++bad_rows;
      }
    }
  }
  *rows = std::move(unknown);
  return bad_rows;
}

}  // namespace picket::detector::correlation
