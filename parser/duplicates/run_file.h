#pragma once

// A run is a file of sorted Ids that is written once and then only read.
//
// A run consists of blocks of 8 KiB. Each block contains
//   a checksum, salted with the file's number and the block's position;
//   segments (hour of CreationTime, tenant, number of Ids);
//   the Ids (16 bytes each) and the arrivals (2 bytes each) of all segments.
// An Id takes 18.1 bytes if the tenant has many Ids in the same hour, and 30 bytes if the tenant
// has only this Id in that hour. Two things are kept in memory: the first key of each block (0.04
// bytes per Id) and a list of the hours of CreationTime. Numbers are in the machine's own byte
// order, because no other machine reads these files.

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "parser/duplicates/disk_file.h"
#include "parser/duplicates/packed_id.h"

namespace picket::parser {

inline constexpr size_t kRunBlockBytes = 8192;

// A decoded block.
// Threads: an object is used by one thread.
struct RunBlock {
  struct Segment {
    uint32_t hour_word;
    uint32_t tenant;
    uint32_t count;
  };
  static constexpr size_t kHeadBytes = 16;
  static constexpr size_t kEntryBytes = sizeof(PackedId) + sizeof(uint16_t);
  static constexpr size_t kMostEntries =
      (kRunBlockBytes - kHeadBytes - sizeof(Segment)) / kEntryBytes;
  static constexpr size_t kMostSegments =
      (kRunBlockBytes - kHeadBytes) / (sizeof(Segment) + kEntryBytes);

  size_t segment_count = 0;
  size_t entry_count = 0;
  int32_t base_arrival = 0;  // the hour to which each entry of `arrivals` is added
  std::array<Segment, kMostSegments> segments;
  std::array<PackedId, kMostEntries> ids;
  std::array<uint16_t, kMostEntries> arrivals;

  void Encode(uint64_t salt, char* bytes) const;
  // Returns false if the bytes were not written by Encode with this salt.
  bool Decode(uint64_t salt, const char* bytes);
};

// A finished run, open for lookups.
// Threads: an object is used by one thread. Lifetime: the run is shared by its users, and stays
// readable even if the file has been unlinked.
// Failure: a run is damaged if one of its blocks cannot be read or has a wrong checksum. The caller
// then drops the run.
class RunFile {
 public:
  // Reads and checks the whole file. Returns nullptr if the file is damaged or does not have
  // `blocks` blocks.
  static std::shared_ptr<RunFile> Open(DiskFile file, uint64_t number, const HashSeed& seed,
                                       int64_t blocks);

  enum class Answer { kYes, kNo, kDamaged };
  // Reports whether the run contains the Id with an arrival at or after `horizon`. Reads one block,
  // or two in rare cases.
  Answer Find(const IdKey& key, const PackedId& id, int32_t horizon) const;
  // Returns true if the run may contain an Id with this hour word. Does not read the file.
  bool MayHave(uint32_t hour_word) const;

  uint64_t number() const { return number_; }
  int64_t ids() const { return ids_; }
  int64_t blocks() const { return static_cast<int64_t>(fences_.size()); }
  int64_t bytes() const { return blocks() * static_cast<int64_t>(kRunBlockBytes); }
  size_t memory_bytes() const;
  int32_t oldest_arrival() const { return oldest_arrival_; }
  int32_t newest_arrival() const { return newest_arrival_; }

 private:
  friend class RunWriter;
  friend class RunCursor;
  RunFile(DiskFile file, uint64_t number, const HashSeed& seed)
      : file_(std::move(file)), number_(number), seed_(seed) {}
  // Updates the counts, the fences and the hours for the next block.
  void IndexBlock(const RunBlock& block);
  uint64_t SaltOf(int64_t block) const;

  DiskFile file_;
  uint64_t number_;
  HashSeed seed_;
  int64_t ids_ = 0;
  int32_t oldest_arrival_ = INT32_MAX;
  int32_t newest_arrival_ = INT32_MIN;
  std::vector<IdKey> fences_;    // the first key of each block
  std::vector<uint32_t> hours_;  // sorted hour words; empty if there are too many to keep
  bool hours_known_ = true;
};

// Writes a run. Entries must be added in the order of (key, id).
// Threads: an object is used by one thread. Lifetime: an object writes one file. Failure: after the
// first error, Add and Finish fail, and error() returns the errno.
class RunWriter {
 public:
  // No entry may have arrived before `base_arrival`, or more than 65,535 hours after it.
  RunWriter(DiskFile file, uint64_t number, const HashSeed& seed, int32_t base_arrival);

  bool Add(const IdEntry& entry);
  // Writes and syncs the remaining entries, and returns the finished run. Returns nullptr after a
  // failure.
  std::shared_ptr<RunFile> Finish();
  int error() const { return error_; }
  int64_t bytes() const { return run_->bytes(); }

 private:
  bool CloseBlock();
  bool WriteOut();

  std::shared_ptr<RunFile> run_;
  RunBlock block_;
  std::vector<char> buffer_;
  int64_t written_ = 0;
  int64_t unsynced_ = 0;
  int error_ = 0;
};

// Iterates over a run from its first Id to its last.
// Threads: an object is used by one thread. Failure: if the run is damaged, Next returns false and
// damaged() returns true.
class RunCursor {
 public:
  explicit RunCursor(std::shared_ptr<const RunFile> run);
  // Advances to the next Id. Returns false at the end of the run.
  bool Next();
  const IdEntry& entry() const { return entry_; }
  bool damaged() const { return damaged_; }
  const RunFile& run() const { return *run_; }

 private:
  std::shared_ptr<const RunFile> run_;
  RunBlock block_;
  std::vector<char> bytes_;
  int64_t next_block_ = 0;
  size_t at_ = 0;  // the index of the next Id in the block
  size_t segment_ = 0;
  size_t segment_end_ = 0;
  IdEntry entry_;
  bool damaged_ = false;
};

}  // namespace picket::parser
