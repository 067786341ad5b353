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
  // All tenants together; 0 = everything at once.
  double records_per_second = 0;
  // Generated blobs hold from one to twice so many records, at random; those of a file exactly so many.
  int blob_records = 20;

  // Generated records.
  int64_t records_per_tenant = 2000;
  // The working day that the records are spread over; it ends now. No shorter than the attack stories, 90 minutes each.
  absl::Duration day = absl::Hours(8);
  int campaigns = 1;
  bool near_misses = true;
  // After the day is published, work and attacks go on in real time, at `records_per_second`.
  bool forever = false;

  // Records from a file instead: newline-delimited JSON, plain or gzip. Those of a tenant that the cloud knows go there;
  // all others are dealt out blob by blob, and get the OrganizationId of their tenant.
  std::string records_file;
  // The file is repeated, with new Ids, until there are so many records; 0 = as often as it says, once.
  int64_t total_records = 0;

  // Share of the blobs that are listed late: contentCreated up to five minutes in the past.
  double listed_late_share = 0;
  // Share of the records that come a second time, in a later blob.
  double republished_share = 0;
};

// A blob and when it becomes available, counted from the start.
struct PlannedBlob {
  std::string tenant;
  std::string content_type;
  std::string body;
  std::vector<std::string> ids;  // of its records, those that have one
  int64_t records = 0;
  absl::Duration due;
};

// Puts records of a tenant into blobs, in order; a blob holds one content type. Exactly `blob_records` in each, or, when
// `varying`, from one to twice as many. `due` stays zero.
std::vector<PlannedBlob> PlanBlobs(std::string_view tenant, std::vector<AuditRecord> records,
                                   int blob_records, bool varying, uint64_t seed);

// Gives the tenants of a cloud their content, at once or over time, and knows what it gave.
// Threads: any; publishes on its own. Lifetime: stops in the destructor; cloud and clock must outlive it.
class Feed {
 public:
  // Generates or reads everything before it returns; a file that cannot be read or a line that is no record is an error.
  static absl::StatusOr<std::unique_ptr<Feed>> Make(Cloud& cloud, FeedOptions options,
                                                    Clock& clock);
  ~Feed();

  // Content becomes available from now on. With no rate, all of it has when this returns.
  void Start();

  // What the stories deserve, in the order of time; grows only with `forever`.
  std::vector<ExpectedAlert> Expected() const;
  // Distinct record Ids that were published, by tenant; with `forever` none, since they would be without end.
  std::map<std::string, std::vector<std::string>> PublishedIds() const;
  // With repetitions.
  uint64_t records_published() const;
  uint64_t records_planned() const;
  // Never with `forever`.
  bool AllPublished() const;

 private:
  Feed(Cloud& cloud, FeedOptions options, Clock& clock);

  absl::Status Read();
  void Generate();
  // The next minutes of work that goes on forever.
  void GenerateLive(absl::Time from) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);
  // By tenant → one line in the order of the share of the tenant's records.
  void Queue(std::vector<std::vector<PlannedBlob>> by_tenant);
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
