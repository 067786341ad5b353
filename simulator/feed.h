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
  // The total rate of all tenants. If 0, everything is published immediately.
  double records_per_second = 0;
  // Records per blob. A blob of records from a file has exactly `blob_records` records, except for
  // the last blobs. A generated blob has a random number of records, from one to just under twice
  // `blob_records`.
  int blob_records = 20;

  // Options for generated records.
  int64_t records_per_tenant = 2000;
  // Length of the working day over which the records are spread. The day ends when the feed is
  // made. The day must be at least as long as the longest attack story (kLongestStory, 90 minutes).
  absl::Duration day = absl::Hours(8);
  int campaigns = 1;
  bool near_misses = true;
  // If set, work and attacks continue in real time after the day is published, at
  // `records_per_second`.
  bool forever = false;

  // The path of a file whose records are published instead of generated records. The file contains
  // newline-delimited JSON, plain or gzip-compressed. A record of a tenant of the cloud is
  // published for that tenant. All other records are distributed over the tenants blob by blob, and
  // receive the OrganizationId of their new tenant.
  std::string records_file;
  // The number of records to publish from the file. The records are repeated with new Ids as often
  // as necessary. If 0, each record of the file is published once.
  int64_t total_records = 0;

  // Fraction of the blobs that are listed late, with contentCreated up to five minutes in the past.
  double listed_late_share = 0;
  // Fraction of the records that are published a second time, usually in a later blob.
  double republished_share = 0;
};

// A blob and the time at which it becomes available.
struct PlannedBlob {
  std::string tenant;
  std::string content_type;
  std::string body;
  std::vector<std::string> ids;  // the records' Ids; a record without an Id has no entry
  int64_t records = 0;
  absl::Duration due;  // time from the start of the feed to the publication
};

// Divides the records of a tenant into blobs, in order. All records of a blob have the same content
// type. If `varying` is false, each blob has `blob_records` records, but the last blob of a content
// type may have fewer. Otherwise, each blob has a random number of records, from one to just under
// twice `blob_records`. The caller must set the member `due` of each blob.
std::vector<PlannedBlob> PlanBlobs(std::string_view tenant, std::vector<AuditRecord> records,
                                   int blob_records, bool varying, uint64_t seed);

// Publishes the content of a cloud's tenants, either immediately or over time, and keeps track of
// the published content.
// Threads: Any thread may use it. The feed publishes over time on a thread of its own.
// Lifetime: the destructor stops the feed. `cloud` and `clock` must outlive the feed.
class Feed {
 public:
  // Creates a feed, and generates or reads all records of the feed. Returns an error if the file
  // cannot be read or a line is not a record.
  static absl::StatusOr<std::unique_ptr<Feed>> Make(Cloud& cloud, FeedOptions options,
                                                    Clock& clock);
  ~Feed();

  // Starts publishing. If the rate is 0, everything has been published when this function returns.
  void Start();

  // Returns the alerts that the stories should raise. The alerts of each tenant are ordered by
  // time. With `forever`, the list grows over time.
  std::vector<ExpectedAlert> Expected() const;
  // Returns the distinct Ids of the published records by tenant. With `forever`, the result is
  // empty, because the number of Ids would be unlimited.
  std::map<std::string, std::vector<std::string>> PublishedIds() const;
  // Returns the number of published records, including repetitions.
  uint64_t records_published() const;
  uint64_t records_planned() const;
  // Returns true if nothing is left to publish. With `forever`, always returns false.
  bool AllPublished() const;

 private:
  Feed(Cloud& cloud, FeedOptions options, Clock& clock);

  absl::Status ReadFile();
  void Generate();
  // Generates continuous work for the next few minutes, beginning at `from`.
  void GenerateLive(absl::Time from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // Queues the blobs of all tenants so that all tenants finish at the same time. The sort key of a
  // blob is the share of the tenant's records that have been published once this blob is published.
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
