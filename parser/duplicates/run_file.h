#pragma once

// A run of sorted Ids in a file: written once, then only read.
//
// A file is a row of blocks of 8 KiB. A block has a checksum that also covers whose file it is and its place there,
// segments (hour of CreationTime, tenant, count), then the Ids (16 bytes) and arrivals (2 bytes) of all segments. An Id
// costs 18.1 bytes where a tenant has many in an hour, 30 where it has one. In memory stay the first key of each block
// (0.04 bytes an Id) and the hours that the file has. Numbers are in the machine's own order: nobody else reads them.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "parser/duplicates/run_disk.h"
#include "parser/duplicates/seen_id.h"

namespace picket::parser {

inline constexpr size_t kSeenBlockBytes = 8192;

// A block taken apart. Threads: one.
struct SeenBlock {
  struct Segment {
    uint32_t hour_word;
    uint32_t tenant;
    uint32_t count;
  };
  static constexpr size_t kHeadBytes = 16;
  static constexpr size_t kEntryBytes = sizeof(SeenId) + sizeof(uint16_t);
  static constexpr size_t kMostEntries =
      (kSeenBlockBytes - kHeadBytes - sizeof(Segment)) / kEntryBytes;
  static constexpr size_t kMostSegments =
      (kSeenBlockBytes - kHeadBytes) / (sizeof(Segment) + kEntryBytes);

  size_t segment_count = 0;
  size_t entry_count = 0;
  int32_t base_arrival = 0;  // hours that arrivals are counted from
  std::array<Segment, kMostSegments> segments;
  std::array<SeenId, kMostEntries> ids;
  std::array<uint16_t, kMostEntries> arrivals;

  void Encode(uint64_t salt, char* bytes) const;
  // False where the bytes are not what Encode made with this salt.
  bool Decode(uint64_t salt, const char* bytes);
};

// Threads: one. Lifetime: as long as anybody looks into it; the file itself may have lost its name.
// Failure: what cannot be read, or is not what was written, is damage; the caller then does without the file.
class SeenRunFile {
 public:
  // Reads the whole file and checks it; nothing where it is damaged, or `stranger` is true of it.
  static std::shared_ptr<SeenRunFile> Open(DiskFile file, uint64_t number, const SeenSeed& seed,
                                           int64_t blocks);

  enum class Answer { kYes, kNo, kDamaged };
  // Whether the Id is there with an arrival at or after `horizon`. One block is read, rarely two.
  Answer Find(const SeenKey& key, const SeenId& id, int32_t horizon) const;
  // False: no Id of this hour is in the file. Costs a search among some hundred hours.
  bool MayHave(uint32_t hour_word) const;

  uint64_t number() const { return number_; }
  int64_t ids() const { return ids_; }
  int64_t blocks() const { return static_cast<int64_t>(fences_.size()); }
  int64_t bytes() const { return blocks() * static_cast<int64_t>(kSeenBlockBytes); }
  size_t memory_bytes() const;
  int32_t oldest_arrival() const { return oldest_arrival_; }
  int32_t newest_arrival() const { return newest_arrival_; }

 private:
  friend class SeenRunWriter;
  friend class SeenRunCursor;
  SeenRunFile(DiskFile file, uint64_t number, const SeenSeed& seed)
      : file_(std::move(file)), number_(number), seed_(seed) {}
  void Learn(const SeenBlock& block);
  uint64_t SaltOf(int64_t block) const;

  DiskFile file_;
  uint64_t number_;
  SeenSeed seed_;
  int64_t ids_ = 0;
  int32_t oldest_arrival_ = INT32_MAX;
  int32_t newest_arrival_ = INT32_MIN;
  std::vector<SeenKey> fences_;  // the first key of each block
  std::vector<uint32_t> hours_;  // sorted; empty: too many to keep
  bool hours_known_ = true;
};

// Writes a run in the order of (key, id).
// Threads: one. Lifetime: one a file. Failure: after one, Add and Finish are false; error() is the errno.
class SeenRunWriter {
 public:
  // Arrivals lie between `base_arrival` and 65,535 hours later.
  SeenRunWriter(DiskFile file, uint64_t number, const SeenSeed& seed, int32_t base_arrival);

  bool Add(const SeenEntry& entry);
  // On disk to stay; nothing after a failure.
  std::shared_ptr<SeenRunFile> Finish();
  int error() const { return error_; }
  int64_t bytes() const { return run_->bytes(); }

 private:
  bool CloseBlock();
  bool WriteOut();

  std::shared_ptr<SeenRunFile> run_;
  SeenBlock block_;
  std::vector<char> buffer_;
  int64_t written_ = 0;
  int64_t unsynced_ = 0;
  int error_ = 0;
};

// Goes through a run from its first Id to its last.
// Threads: one. Failure: false from Next with damaged() true.
class SeenRunCursor {
 public:
  explicit SeenRunCursor(std::shared_ptr<const SeenRunFile> run);
  bool Next();  // false at the end
  const SeenEntry& entry() const { return entry_; }
  bool damaged() const { return damaged_; }
  const SeenRunFile& run() const { return *run_; }

 private:
  std::shared_ptr<const SeenRunFile> run_;
  SeenBlock block_;
  std::vector<char> bytes_;
  int64_t next_block_ = 0;
  size_t at_ = 0;  // in the block
  size_t segment_ = 0;
  size_t segment_end_ = 0;
  SeenEntry entry_;
  bool damaged_ = false;
};

}  // namespace picket::parser
