#pragma once

// Looks up the place and the owner of a network address in MaxMind databases that the operator
// supplies (GeoLite2 or GeoIP2 City, Country, ASN, Enterprise, or others with the same layout).

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

// The place and owner of an address, as JSON that is appended to the other members of an object.
struct GeoPlace {
  std::string ocsf;  // ,"location":{…},"autonomous_system":{…}
  std::string ecs;   // ,"geo":{…},"as":{…}
};

using GeoDatabases = std::vector<std::shared_ptr<const MaxMindReader>>;

// The database files of a process. If the time, size or inode of a file changes, the whole file is
// read again within a second.
// Threads: all functions can be called from any thread. Lifetime: the workers share one object.
// Failure: if a changed file is damaged or missing, the old database stays in use, and a log line
// and a counter report the failure.
class GeoFiles {
 public:
  // Opens all files, each of which must be a database. The databases are searched in the order of
  // `paths`, and each value is taken from the first database that has the value.
  static absl::StatusOr<std::shared_ptr<GeoFiles>> Open(const std::vector<std::string>& paths,
                                                        Metrics& metrics);

  // Returns a number that increases whenever a database is replaced.
  int64_t generation() const { return generation_.load(std::memory_order_acquire); }
  GeoDatabases Current() const;

  // Calls Refresh, but at most once per second.
  void RefreshIfDue();
  // Reads all files that have changed.
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
    Stamp stamp;  // the file's stamp when it was last read, successfully or not
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

// Looks up addresses for one normaliser, and caches the results by address string.
// Threads: an object is used by one thread. Lifetime: each normaliser has its own cache. Failure:
// no function fails; a private, special or unknown address has no place. Complexity: a cached
// address costs one hash lookup and no allocation.
class GeoCache {
 public:
  static constexpr size_t kMostAddresses = 1 << 16;  // a cache with this many is cleared

  explicit GeoCache(std::shared_ptr<GeoFiles> files) : files_(std::move(files)) {}

  // Clears the cache if a file has changed. The function is called between blobs, so that all
  // records of a blob see the same databases.
  void Refresh();
  // Returns the place of an address, or nullptr if nothing is known about it. The result is valid
  // until the next call. `ip` must have the form that ParseAddress returns.
  const GeoPlace* Find(std::string_view ip);

 private:
  const std::shared_ptr<GeoFiles> files_;
  int64_t generation_ = 0;
  GeoDatabases databases_;
  StringMap<std::unique_ptr<GeoPlace>> places_;
};

}  // namespace picket::parser
