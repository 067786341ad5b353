#pragma once

// Where the run files of a partition lie.
//
// With a name: a folder of its own under a lock, so that no two workers or processes share it, with a manifest that says
// which files hold what of the topic `seen`. The next start takes them up. Files are written under a temporary name,
// synced and renamed, the manifest after them: a process killed at any instant leaves the old or the new state, and
// what the manifest does not name is removed. Without a name: files that are unlinked as soon as they are made and go
// with the process.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parser/duplicates/run_disk.h"
#include "parser/duplicates/seen_id.h"

namespace picket::parser {

// A row of `seen` by which the topic is known again.
struct SeenMark {
  int64_t offset = -1;  // -1: none
  uint64_t checksum = 0;
};

struct SeenManifest {
  SeenSeed seed;
  SeenMark mark;  // every row up to and including this one is in the runs
  struct Run {
    uint64_t number;
    int64_t blocks;
  };
  std::vector<Run> runs;
  std::vector<std::string> tenants;  // by number
};
std::string FormatSeenManifest(const SeenManifest& manifest);
// DataLoss where the text is none, or is damaged.
absl::StatusOr<SeenManifest> ParseSeenManifest(std::string_view text);

// Threads: one. Lifetime: one an assigned partition; destruction unlocks, what has a name stays.
class SeenFolder {
 public:
  // `base` is the folder that all share; `name` that of this partition's folder in it, empty for files without names.
  SeenFolder(std::string base, std::string name, const DiskFault* fault);
  ~SeenFolder();

  // Takes the folder if it has a name. Without the lock (Unavailable: somebody has it) files have no names.
  absl::Status Lock();
  // Never in a child process: what it does must not show in the files of its parent.
  bool locked() const { return lock_ >= 0 && IsOurs(); }
  // False in a child process.
  bool IsOurs() const;
  void Unlock();

  // NotFound where there is none.
  absl::StatusOr<SeenManifest> ReadManifest();
  // Replaces it; the runs it names must have been published. Then removes every run that it does not name.
  absl::Status WriteManifest(const SeenManifest& manifest);
  // Whether the manifest on disk is the one that was read or written last.
  bool IsUnchanged() const;

  absl::StatusOr<DiskFile> OpenRun(uint64_t number) const;
  // A file to write. It gets its name by Publish, or goes with its descriptor.
  absl::StatusOr<DiskFile> CreateRun(uint64_t number);
  absl::Status PublishRun(uint64_t number);
  void DiscardRun(uint64_t number);
  // Removes what a killed process has left behind: the runs that the manifest does not name.
  void RemoveAllBut(const SeenManifest& manifest);
  // Removes everything that has a name in the folder. Files that are open stay as they are.
  void Clear();

 private:
  std::string PathOf(std::string_view file) const;

  const std::string base_;
  const std::string name_;
  const DiskFault* const fault_;
  const int process_;
  int lock_ = -1;
  std::string manifest_text_;
  std::vector<uint64_t> unpublished_;
};

}  // namespace picket::parser
