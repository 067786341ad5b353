#pragma once

// The place and the owner of a network address, from MaxMind databases that the operator supplies
// (GeoLite2 or GeoIP2 City, Country, ASN, Enterprise, or others with the same layout).

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/metrics.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "parser/geo/maxmind_reader.h"

namespace picket::parser {

// What is known of an address, as JSON to append to the other members of an object.
struct GeoPlace {
  std::string ocsf;  // ,"location":{…},"autonomous_system":{…}
  std::string ecs;   // ,"geo":{…},"as":{…}
};

using GeoDatabases = std::vector<std::shared_ptr<const MaxMindReader>>;

// The database files of a process. A file whose time, size or inode changes is read again as a whole
// within a second.
// Threads: any. Lifetime: shared by the workers. Failure: if the changed file is damaged or missing,
// the old database stays in use; a log line and a counter show it.
class GeoFiles {
 public:
  // Every file must be a database. A value is taken from the first database that has it, in the
  // order of `paths`.
  static absl::StatusOr<std::shared_ptr<GeoFiles>> Open(const std::vector<std::string>& paths,
                                                        Metrics& metrics);

  // Increases with every change.
  int64_t generation() const { return generation_.load(std::memory_order_acquire); }
  GeoDatabases Current() const;

  // Refreshes if the last check was a second ago or more.
  void RefreshIfDue();
  // Reads the files that have changed.
  void Refresh();

 private:
  struct Stamp {
    int64_t seconds = 0;
    int64_t nanoseconds = 0;
    int64_t size = -1;
    uint64_t inode = 0;
    friend bool operator==(const Stamp&, const Stamp&) = default;
  };
  struct File {
    std::string path;
    Stamp stamp;  // of the file when it was last read, successfully or not
  };

  explicit GeoFiles(Metrics& metrics);
  static Stamp StampOf(const std::string& path);
  static absl::StatusOr<std::shared_ptr<const MaxMindReader>> Read(const std::string& path);

  std::atomic<int64_t> generation_{1};
  std::atomic<int64_t> next_check_ns_{0};
  mutable Mutex mutex_;
  std::vector<File> files_ ABSL_GUARDED_BY(mutex_);
  GeoDatabases databases_ ABSL_GUARDED_BY(mutex_);
  Counter& reloads_;
  Counter& refused_;
};

// The lookups of one normaliser, cached by the address string.
// Threads: one. Lifetime: one per normaliser. Failure: none; a private, special or unknown address
// has no place. Complexity: a cached address costs one hash lookup and no allocation.
class GeoCache {
 public:
  static constexpr size_t kMostAddresses = 1 << 16;  // a full cache is cleared

  explicit GeoCache(std::shared_ptr<GeoFiles> files) : files_(std::move(files)) {}

  // Clears the cache if a file has changed. Called between blobs, so that all records of a blob see
  // the same databases.
  void Refresh();
  // nullptr: nothing is known. Valid until the next call. `ip` is an address as ParseAddress returns
  // it.
  const GeoPlace* Find(std::string_view ip);

 private:
  const std::shared_ptr<GeoFiles> files_;
  int64_t generation_ = 0;
  GeoDatabases databases_;
  StringMap<std::unique_ptr<GeoPlace>> places_;
};

}  // namespace picket::parser
