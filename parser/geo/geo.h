#pragma once

// Where a network address is and whose it is, by MaxMind databases that the operator supplies (GeoLite2 or GeoIP2 City,
// Country, ASN, Enterprise; others of the same layout).

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

// What is known of an address, ready to stand behind the other members of an object.
struct GeoPlace {
  std::string ocsf;  // ,"location":{…},"autonomous_system":{…}
  std::string ecs;   // ,"geo":{…},"as":{…}
};

using GeoDatabases = std::vector<std::shared_ptr<const MaxMindReader>>;

// The database files of a process.
// Threads: any. Lifetime: shared by the workers. A file that changes (time, size or inode) is read again, whole, within a
// second; the databases change over between two look-ups of a GeoCache. Failure: one that is damaged or gone then leaves
// the old one in use, with a warning in the log and a counter.
class GeoFiles {
 public:
  // Every file must be a database. In the order of `paths` the first that knows a thing says it.
  static absl::StatusOr<std::shared_ptr<GeoFiles>> Open(const std::vector<std::string>& paths,
                                                        Metrics& metrics);

  // Counts up with every change.
  int64_t generation() const { return generation_.load(std::memory_order_acquire); }
  GeoDatabases Current() const;

  // Reads what has changed if the last look was a second ago or more.
  void RefreshIfDue();
  // Reads what has changed.
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
    Stamp stamp;  // of what was read last, good or bad
  };

  explicit GeoFiles(Metrics& metrics);
  static Stamp StampOf(const std::string& path);
  static absl::StatusOr<std::shared_ptr<const MaxMindReader>> Read(const std::string& path);

  std::atomic<int64_t> generation_{1};
  std::atomic<int64_t> next_look_ns_{0};
  mutable Mutex mutex_;
  std::vector<File> files_ ABSL_GUARDED_BY(mutex_);
  GeoDatabases databases_ ABSL_GUARDED_BY(mutex_);
  Counter& reloads_;
  Counter& refused_;
};

// Look-ups of one normaliser, kept by the text of the address.
// Threads: one. Failure: none; an address that is private, special or unknown has no place. Complexity: a hash look-up
// for an address that came before; no allocation then.
class GeoCache {
 public:
  static constexpr size_t kMostAddresses = 1 << 16;  // beyond it the cache starts anew

  explicit GeoCache(std::shared_ptr<GeoFiles> files) : files_(std::move(files)) {}

  // Takes up what has changed in the files; between blobs.
  void Refresh();
  // nullptr: nothing is known. Valid until the next call. `ip` is an address as ParseAddress gives it.
  const GeoPlace* Find(std::string_view ip);

 private:
  const std::shared_ptr<GeoFiles> files_;
  int64_t generation_ = 0;
  GeoDatabases databases_;
  StringMap<std::unique_ptr<GeoPlace>> places_;
};

}  // namespace picket::parser
