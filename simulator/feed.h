#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/clock.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "simulator/cloud.h"
#include "simulator/scenario.h"

namespace picket::simulator {

struct FeedOptions {
  uint64_t seed = 1;
  // Rate of all tenants together. 0: everything at once.
  double records_per_second = 0;
  // Records per blob. A generated blob has a random number of records, from one to just under twice
  // this number; a blob of a file has exactly this number.
  int blob_records = 20;

  // Generated records.
  int64_t records_per_tenant = 2000;
  // Length of the working day over which the records are spread; it ends now. It must not be
  // shorter than the attack stories, which take 90 minutes each.
  absl::Duration day = absl::Hours(8);
  int campaigns = 1;
  bool near_misses = true;
  // After the day is published, work and attacks continue in real time, at `records_per_second`.
  bool forever = false;

  // Publishes the records of a file instead: newline-delimited JSON, plain or gzip-compressed.
  // Records of a tenant of the cloud go to that tenant. All others are distributed over the
  // tenants, one blob after the other, and receive the OrganizationId of their tenant.
  std::string records_file;
  // Number of records to publish from the file; it is repeated with new Ids as often as necessary.
  // 0: the records of the file, once.
  int64_t total_records = 0;

  // Fraction of the blobs that are listed late, with contentCreated up to five minutes in the past.
  double listed_late_share = 0;
  // Fraction of the records that are published a second time, in a later blob.
  double republished_share = 0;
};

// A blob, and when it becomes available after the start.
struct PlannedBlob {
  std::string tenant;
  std::string content_type;
  std::string body;
  std::vector<std::string> ids;  // of the records that have one
  int64_t records = 0;
  absl::Duration due;
};

// Divides the records of a tenant into blobs, in order; each blob contains one content type. A blob
// has exactly `blob_records` records or, if `varying`, a random number from one to just under twice
// as many. `due` stays zero.
std::vector<PlannedBlob> PlanBlobs(std::string_view tenant, std::vector<AuditRecord> records,
                                   int blob_records, bool varying, uint64_t seed);

// Publishes the content of a cloud's tenants, at once or over time, and records what it published.
// Threads: any; publishes on a thread of its own. Lifetime: the destructor stops it; `cloud` and
// `clock` must outlive it.
class Feed {
 public:
  // Generates or reads all records before it returns. Returns an error if the file cannot be read
  // or a line is not a record.
  static absl::StatusOr<std::unique_ptr<Feed>> Make(Cloud& cloud, FeedOptions options,
                                                    Clock& clock);
  ~Feed();

  // Starts publishing. Without a rate, everything is published when this returns.
  void Start();

  // The alerts that the stories should raise, in order of time. Grows only with `forever`.
  std::vector<ExpectedAlert> Expected() const;
  // The distinct Ids of the published records, by tenant. Empty with `forever`, because their
  // number would be unlimited.
  std::map<std::string, std::vector<std::string>> PublishedIds() const;
  // Including repetitions.
  uint64_t records_published() const;
  uint64_t records_planned() const;
  // Never true with `forever`.
  bool AllPublished() const;

 private:
  Feed(Cloud& cloud, FeedOptions options, Clock& clock);

  absl::Status ReadFile();
  void Generate();
  // Generates the next minutes of continuous work.
  void GenerateLive(absl::Time from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Queues the blobs of all tenants, ordered by the fraction of the tenant's records that is
  // complete with each blob.
  void Enqueue(std::vector<std::vector<PlannedBlob>> by_tenant);
  void Publish(PlannedBlob blob) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  void Run(const std::stop_token& stop);

  Cloud& cloud_;
  const FeedOptions options_;
  Clock& clock_;

  mutable Mutex mu_;
  Random random_ ABSL_GUARDED_BY(mu_);
  std::deque<PlannedBlob> queue_ ABSL_GUARDED_BY(mu_);
  std::vector<ExpectedAlert> expected_ ABSL_GUARDED_BY(mu_);
  std::map<std::string, std::vector<std::string>> published_ids_ ABSL_GUARDED_BY(mu_);
  StringMap<StringSet> known_ids_ ABSL_GUARDED_BY(mu_);
  uint64_t records_published_ ABSL_GUARDED_BY(mu_) = 0;
  uint64_t records_planned_ ABSL_GUARDED_BY(mu_) = 0;
  int next_campaign_ ABSL_GUARDED_BY(mu_) = 0;
  std::jthread thread_;
};

}  // namespace picket::simulator
