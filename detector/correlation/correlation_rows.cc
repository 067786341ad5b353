#include "detector/correlation/correlation_rows.h"

#include <charconv>

#include "detector/correlation/varint_codec.h"

namespace picket::detector::correlation {
namespace {

std::string Hex64(uint64_t number) {
  std::string text(16, '0');
  for (int i = 15; i >= 0; --i, number >>= 4)
    text[static_cast<size_t>(i)] = "0123456789abcdef"[number & 15];
  return text;
}

}  // namespace

std::string Number(int64_t number) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof(digits), number);
  return std::string(digits, result.ptr);
}

bool ParseNumber(std::string_view text, int64_t* number) {
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *number);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
}

bool ParseHex64(std::string_view text, uint64_t* number) {
  if (text.size() != 16) return false;
  const auto result = std::from_chars(text.data(), text.data() + 16, *number, 16);
  return result.ec == std::errc() && result.ptr == text.data() + 16;
}

std::string GroupKey(const Group& group) {
  std::string key = group.tenant->id;
  key += '|';
  key += group.spec->hash;
  key += '|';
  key += Hex64(group.id.high);
  key += Hex64(group.id.low);
  key += '|';
  return key;
}

std::string EncodeHead(const Group& group) {
  std::string row(1, kRowVersion);
  PutSigned(row, group.newest);
  PutSigned(row, group.decided_until);
  PutNumber(row, group.names.size());
  for (const std::string& name : group.names) PutText(row, name);
  PutNumber(row, group.episodes.size());
  int64_t before = 0;
  for (const Episode& episode : group.episodes) {
    PutSigned(row, episode.start - before);
    PutSigned(row, episode.end - episode.start);
    before = episode.end;
  }
  PutNumber(row, group.recent.size());
  for (size_t i = 0; i < group.recent.size(); ++i) {
    const size_t oldest = group.recent.size() < kRecentEvents ? 0 : group.next_recent;
    const RecentEvent& event = group.recent[(oldest + i) % group.recent.size()];
    PutSigned(row, event.time);
    PutText(row, event.uid);
    PutText(row, event.value);
  }
  return row;
}

bool DecodeHead(std::string_view row, Group* group) {
  if (row.empty() || row.front() != kRowVersion) return false;
  PackedReader reader(row.substr(1));
  group->newest = reader.Signed();
  group->decided_until = reader.Signed();
  group->names.clear();
  for (uint64_t n = reader.Number(); n > 0 && reader.ok(); --n) {
    group->names.emplace_back(reader.Text());
  }
  group->episodes.clear();
  int64_t before = 0;
  for (uint64_t n = reader.Number(); n > 0 && reader.ok(); --n) {
    Episode episode;
    episode.start = before + reader.Signed();
    episode.end = episode.start + reader.Signed();
    before = episode.end;
    group->episodes.push_back(episode);
  }
  group->recent.clear();
  for (uint64_t n = reader.Number(); n > 0 && reader.ok(); --n) {
    RecentEvent event;
    event.time = reader.Signed();
    event.uid = reader.Text();
    event.value = reader.Text();
    group->recent.push_back(std::move(event));
  }
  if (group->recent.size() > kRecentEvents) return false;
  group->next_recent = group->recent.size() % kRecentEvents;
  return reader.ok() && reader.empty();
}

}  // namespace picket::detector::correlation
