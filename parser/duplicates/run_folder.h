#pragma once

// Stores the run files of a partition.
//
// Named files are in a folder that belongs to one partition. A lock keeps other workers and
// processes out of the folder. A manifest lists the run files, so that the next start can reuse
// them. It also records the row of the topic `seen` up to which the files are complete. Each file
// is written under a temporary name, synced and renamed, and the manifest is written last.
// Therefore, a process that is killed leaves either the old state or the new state. Runs that the
// manifest does not list are removed.
//
// Unnamed files are unlinked as soon as they are created. They disappear with the process.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parser/duplicates/disk_file.h"
#include "parser/duplicates/packed_id.h"

namespace picket::parser {

// Identifies a row of `seen`. A restore compares the mark in the manifest with the row of the
// topic. If they differ, the runs belong to another topic, such as an earlier `seen` that was
// deleted.
struct RowMark {
  int64_t offset = -1;  // -1 if there is no row
  uint64_t checksum = 0;
};

struct RunManifest {
  HashSeed seed;
  RowMark mark;  // the runs contain all Ids up to and including this row
  struct Run {
    uint64_t number;
    int64_t blocks;
  };
  std::vector<Run> runs;
  std::vector<std::string> tenants;  // tenant ids, indexed by IdKey::tenant
};
std::string FormatRunManifest(const RunManifest& manifest);
// Parses a manifest. Returns DataLoss if the text is not a manifest or is damaged.
absl::StatusOr<RunManifest> ParseRunManifest(std::string_view text);

// The run files of one partition.
// Threads: an object is used by one thread. Lifetime: each assigned partition has its own object.
// Destruction releases the lock and keeps named files. Failure: functions return ResourceExhausted
// if the disk is full, NotFound if a file is missing, and Unavailable for any other error.
class RunFolder {
 public:
  // `base` is the folder that all partitions share. `name` is the name of this partition's folder
  // within `base`, or empty for unnamed files.
  RunFolder(std::string base, std::string name, const DiskFault* fault);
  ~RunFolder();

  // If the folder has a name, creates and locks it. Returns Unavailable if another worker or
  // process holds the lock. Files are unnamed as long as the folder is not locked.
  absl::Status Lock();
  // Returns true if the folder is locked. Returns false in a child process, which must not change
  // the files of its parent.
  bool locked() const { return lock_ >= 0 && IsOurs(); }
  // Returns false in a child process of the process that created this object.
  bool IsOurs() const;
  void Unlock();

  // Reads the manifest. Returns NotFound if the file is missing, and DataLoss if it is damaged.
  absl::StatusOr<RunManifest> ReadManifest();
  // Replaces the manifest, and then removes every run that the new manifest does not list.
  // PublishRun must have been called for all runs in the new manifest.
  absl::Status WriteManifest(const RunManifest& manifest);
  // Returns true if the manifest on disk is the manifest that this object last read or wrote.
  bool IsUnchanged() const;

  absl::StatusOr<DiskFile> OpenRun(uint64_t number) const;
  // Creates a file for writing. A named file gets its final name from PublishRun. An unnamed file
  // disappears when it is closed.
  absl::StatusOr<DiskFile> CreateRun(uint64_t number);
  absl::Status PublishRun(uint64_t number);
  void DiscardRun(uint64_t number);
  // Removes the runs that the manifest does not list. A killed process may have left such runs
  // behind.
  void RemoveAllBut(const RunManifest& manifest);
  // Removes the manifest and all named runs. Open files stay readable.
  void Clear();

 private:
  std::string PathOf(std::string_view file) const;

  const std::string base_;
  const std::string name_;
  const DiskFault* const fault_;
  const int process_;  // the id of the process that created this object
  int lock_ = -1;
  std::string manifest_text_;  // the manifest that was last read or written
  std::vector<uint64_t> unpublished_;
};

}  // namespace picket::parser
