#pragma once

// Where the run files of a partition are stored.
//
// Named files are in a folder of the partition's own. A lock keeps other workers and processes
// out; a manifest lists the run files and the rows of the topic `seen` that they contain, and the
// next start reuses them. Files are written under a temporary name, synced and renamed, and the
// manifest is written last: a process killed at any instant leaves the old state or the new one.
// Runs that the manifest does not list are removed.
//
// Unnamed files are unlinked as soon as they are created, and disappear with the process.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parser/duplicates/disk_file.h"
#include "parser/duplicates/packed_id.h"

namespace picket::parser {

// Identifies a row of `seen`, to check that stored runs belong to this very topic.
struct RowMark {
  int64_t offset = -1;  // -1: no row
  uint64_t checksum = 0;
};

struct RunManifest {
  HashSeed seed;
  RowMark mark;  // the runs contain every row up to and including this one
  struct Run {
    uint64_t number;
    int64_t blocks;
  };
  std::vector<Run> runs;
  std::vector<std::string> tenants;  // by number
};
std::string FormatRunManifest(const RunManifest& manifest);
// DataLoss if the string is not a manifest, or is damaged.
absl::StatusOr<RunManifest> ParseRunManifest(std::string_view text);

// Threads: one. Lifetime: one per assigned partition; destruction releases the lock and keeps
// named files. Failure: Unavailable, ResourceExhausted if the disk is full, NotFound for a missing
// file.
class RunFolder {
 public:
  // `base` is the folder that all partitions share; `name` is that of this partition's folder in
  // it, or empty for unnamed files.
  RunFolder(std::string base, std::string name, const DiskFault* fault);
  ~RunFolder();

  // Creates and locks the folder, if it has a name. Unavailable: somebody else holds the lock.
  // Without the lock, files are unnamed.
  absl::Status Lock();
  // False in a child process: its actions must not show in its parent's files.
  bool locked() const { return lock_ >= 0 && IsOurs(); }
  // False in a child process.
  bool IsOurs() const;
  void Unlock();

  // NotFound if there is no manifest.
  absl::StatusOr<RunManifest> ReadManifest();
  // Replaces the manifest; the runs in it must be published. Then removes every run not in it.
  absl::Status WriteManifest(const RunManifest& manifest);
  // Whether the manifest on disk is the one that was last read or written here.
  bool IsUnchanged() const;

  absl::StatusOr<DiskFile> OpenRun(uint64_t number) const;
  // Creates a file to write. A named file gets its final name by PublishRun; an unnamed one
  // disappears when it is closed.
  absl::StatusOr<DiskFile> CreateRun(uint64_t number);
  absl::Status PublishRun(uint64_t number);
  void DiscardRun(uint64_t number);
  // Removes the runs that the manifest does not list: a killed process may have left some.
  void RemoveAllBut(const RunManifest& manifest);
  // Removes the manifest and all named runs. Open files stay readable.
  void Clear();

 private:
  std::string PathOf(std::string_view file) const;

  const std::string base_;
  const std::string name_;
  const DiskFault* const fault_;
  const int process_;  // that created this object
  int lock_ = -1;
  std::string manifest_text_;  // as last read or written
  std::vector<uint64_t> unpublished_;
};

}  // namespace picket::parser
