#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/clock.h"
#include "kafka/io.h"
#include "kafka/worker/partition.h"
#include "kafka/worker/worker_context.h"

namespace picket::kafka {

// Takes assigned partitions from kBarrier to kReady (docs/exactly-once.md §3). Also parks the state
// of revoked partitions, which means that it keeps the state for a while, since the partitions may
// come back unchanged.
// Threads: The worker's thread makes all calls. Lifetime: It lives as long as its worker. Failure:
// A step that fails is tried again in the next slice.
class PartitionStarter {
 public:
  // All arguments must outlive the object.
  PartitionStarter(const WorkerContext& context, Assignment& assignment);

  // Creates the client that queries the ends of the changelogs.
  absl::Status Connect();

  // Works for a short time on the partitions that are not ready. Returns false if nothing has
  // changed. The caller must then wait a little before the next slice, since a query that fails may
  // fail at once.
  bool RunSlice(InputConsumer& consumer);

  // Returns why the changelogs cannot be read now, or an empty string.
  std::string Fault() const;

  // Parks the state of `partitions`, which have just been revoked.
  void Park(const std::vector<const Partition*>& partitions);
  // Stops all restores. The worker calls this when the partitions have been revoked.
  void StopReading() { readers_.clear(); }
  // Releases the state of partitions that have been parked for too long.
  void ReleaseExpired();
  // Releases all parked state.
  void ReleaseParked();

 private:
  // A revoked partition whose state is kept in case the partition comes back unchanged.
  struct Parked {
    std::optional<int64_t> committed;
    std::string mark;
    std::vector<int64_t> changelog_ends;
    MonotonicTime since;
  };

  // These functions return true if they have made progress.
  bool PassBarrier(InputConsumer& consumer);
  bool FindEnds(InputConsumer& consumer);
  void BeginState(Partition& partition, const std::vector<OffsetRange>& changelogs);
  bool StartReading();
  bool StartReading(Partition& partition);
  bool Read();
  void FinishChangelog(size_t changelog, int32_t number);
  ChangelogSource* ReaderOf(size_t changelog);
  // Returns one list of offset ranges per changelog, in the order of StageSpec::changelogs. Each
  // list is in the order of `partitions`.
  absl::StatusOr<std::vector<std::vector<OffsetRange>>> QueryChangelogs(
      const std::vector<int32_t>& partitions);

  const WorkerContext& context_;
  Assignment& assignment_;
  std::unique_ptr<UncommittedRanges> ranges_;
  std::map<size_t, std::unique_ptr<ChangelogSource>> readers_;  // indexed by changelog
  std::map<int32_t, Parked> parked_;
  // The number of queries of committed offsets that failed.
  size_t barrier_waits_ = 0;
};

// Returns a text for /readyz that describes what an assigned partition is waiting for, such as
// "restoring partition 7: 62 %".
std::string DescribeProgress(const Partition& partition);

}  // namespace picket::kafka
