#include "parser/duplicates/run_file.h"

#include <algorithm>
#include <cerrno>

#include "common/check.h"

namespace picket::parser {
namespace {

constexpr size_t kMostHours = 4096;
constexpr int64_t kBlocksAtOnce = 64;     // 512 KiB per read or write
constexpr int64_t kSyncBytes = 32 << 20;  // bytes between two syncs, so that no sync takes long

struct BlockHead {
  uint64_t checksum;
  int32_t base_arrival;
  uint16_t segments;
  uint16_t entries;
};
static_assert(sizeof(BlockHead) == RunBlock::kHeadBytes);

}  // namespace

void RunBlock::Encode(uint64_t salt, char* bytes) const {
  BlockHead head{0, base_arrival, static_cast<uint16_t>(segment_count),
                 static_cast<uint16_t>(entry_count)};
  char* at = bytes;
  const auto put = [&at](const void* from, size_t size) {
    std::memcpy(at, from, size);
    at += size;
  };
  put(&head, sizeof(head));
  put(segments.data(), segment_count * sizeof(Segment));
  put(ids.data(), entry_count * sizeof(PackedId));
  put(arrivals.data(), entry_count * sizeof(uint16_t));
  std::memset(at, 0, bytes + kRunBlockBytes - at);
  head.checksum =
      Checksum(bytes + sizeof(head.checksum), kRunBlockBytes - sizeof(head.checksum), salt);
  std::memcpy(bytes, &head.checksum, sizeof(head.checksum));
}

bool RunBlock::Decode(uint64_t salt, const char* bytes) {
  BlockHead head;
  std::memcpy(&head, bytes, sizeof(head));
  if (head.checksum !=
      Checksum(bytes + sizeof(head.checksum), kRunBlockBytes - sizeof(head.checksum), salt)) {
    return false;
  }
  base_arrival = head.base_arrival;
  segment_count = head.segments;
  entry_count = head.entries;
  if (segment_count == 0 || segment_count > kMostSegments || entry_count > kMostEntries ||
      kHeadBytes + segment_count * sizeof(Segment) + entry_count * kEntryBytes > kRunBlockBytes) {
    return false;
  }
  const char* at = bytes + sizeof(head);
  const auto get = [&at](void* to, size_t size) {
    std::memcpy(to, at, size);
    at += size;
  };
  get(segments.data(), segment_count * sizeof(Segment));
  get(ids.data(), entry_count * sizeof(PackedId));
  get(arrivals.data(), entry_count * sizeof(uint16_t));
  size_t sum = 0;
  for (size_t i = 0; i < segment_count; ++i) {
    if (segments[i].count == 0) return false;
    sum += segments[i].count;
  }
  return sum == entry_count;
}

uint64_t RunFile::SaltOf(int64_t block) const {
  return (seed_.a ^ number_ * 0x9e3779b97f4a7c15ull) + static_cast<uint64_t>(block);
}

void RunFile::IndexBlock(const RunBlock& block) {
  fences_.push_back(
      {block.segments[0].hour_word, block.segments[0].tenant, HashId(block.ids[0], seed_)});
  ids_ += static_cast<int64_t>(block.entry_count);
  for (size_t i = 0; i < block.segment_count && hours_known_; ++i) {
    const uint32_t hour_word = block.segments[i].hour_word;
    if (hours_.empty() || hours_.back() != hour_word) hours_.push_back(hour_word);
    if (hours_.size() > kMostHours) {
      hours_ = {};
      hours_known_ = false;
    }
  }
  for (size_t i = 0; i < block.entry_count; ++i) {
    const int32_t arrival = block.base_arrival + block.arrivals[i];
    oldest_arrival_ = std::min(oldest_arrival_, arrival);
    newest_arrival_ = std::max(newest_arrival_, arrival);
  }
}

std::shared_ptr<RunFile> RunFile::Open(DiskFile file, uint64_t number, const HashSeed& seed,
                                       int64_t blocks) {
  if (blocks <= 0 || file.Size() != blocks * static_cast<int64_t>(kRunBlockBytes)) return nullptr;
  std::shared_ptr<RunFile> run(new RunFile(std::move(file), number, seed));
  RunBlock block;
  std::vector<char> bytes(kBlocksAtOnce * kRunBlockBytes);
  for (int64_t first = 0; first < blocks; first += kBlocksAtOnce) {
    const int64_t count = std::min(kBlocksAtOnce, blocks - first);
    if (run->file_.Read(bytes.data(), count * kRunBlockBytes, first * kRunBlockBytes) != 0) {
      return nullptr;
    }
    for (int64_t i = 0; i < count; ++i) {
      if (!block.Decode(run->SaltOf(first + i), bytes.data() + i * kRunBlockBytes)) return nullptr;
      run->IndexBlock(block);
    }
  }
  return run;
}

bool RunFile::MayHave(uint32_t hour_word) const {
  return !hours_known_ || std::binary_search(hours_.begin(), hours_.end(), hour_word);
}

size_t RunFile::memory_bytes() const {
  return sizeof(*this) + fences_.capacity() * sizeof(IdKey) + hours_.capacity() * sizeof(uint32_t);
}

RunFile::Answer RunFile::Find(const IdKey& key, const PackedId& id, int32_t horizon) const {
  // Ids with equal keys may fill the end of one block and the start of the next block. Therefore,
  // the search begins one block early.
  size_t at = std::lower_bound(fences_.begin(), fences_.end(), key) - fences_.begin();
  if (at > 0) --at;
  alignas(8) char bytes[kRunBlockBytes];
  for (; at < fences_.size() && fences_[at] <= key; ++at) {
    if (file_.Read(bytes, kRunBlockBytes, static_cast<int64_t>(at * kRunBlockBytes)) != 0) {
      return Answer::kDamaged;
    }
    BlockHead head;
    std::memcpy(&head, bytes, sizeof(head));
    if (head.checksum != Checksum(bytes + sizeof(head.checksum),
                                  kRunBlockBytes - sizeof(head.checksum),
                                  SaltOf(static_cast<int64_t>(at)))) {
      return Answer::kDamaged;
    }
    // The checksum is correct, so this block was written by RunWriter. Therefore, the counts in the
    // block need not be checked.
    const char* segment_at = bytes + sizeof(head);
    const char* const ids = segment_at + head.segments * sizeof(RunBlock::Segment);
    const char* const arrivals = ids + head.entries * sizeof(PackedId);
    size_t begin = 0;
    for (size_t i = 0; i < head.segments; ++i, segment_at += sizeof(RunBlock::Segment)) {
      RunBlock::Segment segment;
      std::memcpy(&segment, segment_at, sizeof(segment));
      if (segment.hour_word == key.hour_word && segment.tenant == key.tenant) {
        size_t low = begin;
        size_t high = begin + segment.count;
        while (low < high) {
          const size_t middle = (low + high) / 2;
          if (HashId(PackId(ids + middle * sizeof(PackedId)), seed_) < key.hash) {
            low = middle + 1;
          } else {
            high = middle;
          }
        }
        for (; low < begin + segment.count; ++low) {
          const PackedId found = PackId(ids + low * sizeof(PackedId));
          if (found == id) {
            uint16_t arrival;
            std::memcpy(&arrival, arrivals + low * sizeof(arrival), sizeof(arrival));
            return head.base_arrival + arrival >= horizon ? Answer::kYes : Answer::kNo;
          }
          if (HashId(found, seed_) != key.hash) break;
        }
      }
      begin += segment.count;
    }
  }
  return Answer::kNo;
}

RunWriter::RunWriter(DiskFile file, uint64_t number, const HashSeed& seed, int32_t base_arrival)
    : run_(new RunFile(std::move(file), number, seed)) {
  block_.base_arrival = base_arrival;
  buffer_.reserve(kBlocksAtOnce * kRunBlockBytes);
}

bool RunWriter::Add(const IdEntry& entry) {
  const auto fits = [this](size_t segments) {
    return RunBlock::kHeadBytes + segments * sizeof(RunBlock::Segment) +
               (block_.entry_count + 1) * RunBlock::kEntryBytes <=
           kRunBlockBytes;
  };
  const auto is_same = [&entry](const RunBlock::Segment& segment) {
    return segment.hour_word == entry.key.hour_word && segment.tenant == entry.key.tenant;
  };
  bool continues = block_.segment_count > 0 && is_same(block_.segments[block_.segment_count - 1]);
  if (!fits(block_.segment_count + (continues ? 0 : 1))) {
    if (!CloseBlock()) return false;
    continues = false;
  }
  if (!continues) {
    block_.segments[block_.segment_count++] = {entry.key.hour_word, entry.key.tenant, 0};
  }
  ++block_.segments[block_.segment_count - 1].count;
  const int32_t offset = entry.arrival_hour - block_.base_arrival;
  PICKET_CHECK(offset >= 0 && offset <= UINT16_MAX);
  block_.ids[block_.entry_count] = entry.id;
  block_.arrivals[block_.entry_count++] = static_cast<uint16_t>(offset);
  return error_ == 0;
}

bool RunWriter::CloseBlock() {
  if (error_ != 0) return false;
  const size_t at = buffer_.size();
  buffer_.resize(at + kRunBlockBytes);
  block_.Encode(run_->SaltOf(run_->blocks()), buffer_.data() + at);
  run_->IndexBlock(block_);
  block_.segment_count = 0;
  block_.entry_count = 0;
  return buffer_.size() < kBlocksAtOnce * kRunBlockBytes || WriteOut();
}

bool RunWriter::WriteOut() {
  error_ = run_->file_.Write(buffer_.data(), buffer_.size(), written_);
  if (error_ != 0) return false;
  written_ += static_cast<int64_t>(buffer_.size());
  unsynced_ += static_cast<int64_t>(buffer_.size());
  buffer_.clear();
  if (unsynced_ < kSyncBytes) return true;
  unsynced_ = 0;
  error_ = run_->file_.Sync();
  return error_ == 0;
}

std::shared_ptr<RunFile> RunWriter::Finish() {
  if (block_.entry_count > 0 && !CloseBlock()) return nullptr;
  if (!buffer_.empty() && !WriteOut()) return nullptr;
  if (error_ == 0) error_ = run_->file_.Sync();
  if (error_ != 0) return nullptr;
  run_->fences_.shrink_to_fit();
  run_->hours_.shrink_to_fit();
  return run_;
}

RunCursor::RunCursor(std::shared_ptr<const RunFile> run)
    : run_(std::move(run)), bytes_(kRunBlockBytes) {}

bool RunCursor::Next() {
  if (damaged_) return false;
  if (at_ == block_.entry_count) {
    if (next_block_ == run_->blocks()) return false;
    if (run_->file_.Read(bytes_.data(), kRunBlockBytes, next_block_ * kRunBlockBytes) != 0 ||
        !block_.Decode(run_->SaltOf(next_block_), bytes_.data())) {
      damaged_ = true;
      return false;
    }
    ++next_block_;
    at_ = 0;
    segment_ = 0;
    segment_end_ = block_.segments[0].count;
  }
  if (at_ == segment_end_) segment_end_ += block_.segments[++segment_].count;
  const RunBlock::Segment& segment = block_.segments[segment_];
  entry_.key = {segment.hour_word, segment.tenant, HashId(block_.ids[at_], run_->seed_)};
  entry_.id = block_.ids[at_];
  entry_.arrival_hour = block_.base_arrival + block_.arrivals[at_];
  ++at_;
  return true;
}

}  // namespace picket::parser
