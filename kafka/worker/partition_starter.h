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

// Takes assigned partitions from kBarrier to kReady (docs/exactly-once.md §3), and parks the state
// of revoked ones in case they come back unchanged.
// Threads: the worker's. Lifetime: as long as its worker. Failure: what fails is tried again in the
// next slice.
class PartitionStarter {
 public:
  // All must outlive it.
  PartitionStarter(const WorkerContext& context, Assignment& assignment);

  // Creates the client that asks for the changelogs' ends.
  absl::Status Connect();

  // Works on the partitions that are not ready, for a short time.
  void RunSlice(InputConsumer& consumer);

  // Parks the state of these partitions, which have just been revoked.
  void Park(const std::vector<const Partition*>& partitions);
  // Stops all restores: their partitions were revoked.
  void StopReading() { readers_.clear(); }
  // Releases state that has been parked for too long.
  void ReleaseExpired();
  // Releases all parked state.
  void ReleaseParked();

 private:
  // State of a revoked partition, kept in case the partition comes back unchanged.
  struct Parked {
    std::optional<int64_t> committed;
    std::string mark;
    std::vector<int64_t> changelog_ends;
    MonotonicTime since;
  };

  void PassBarrier(InputConsumer& consumer);
  void FindEnds(InputConsumer& consumer);
  void BeginState(Partition& partition, const std::vector<OffsetRange>& changelogs);
  void StartReading();
  bool StartReading(Partition& partition);
  void Read();
  void FinishChangelog(size_t changelog, int32_t number);
  ChangelogSource* ReaderOf(size_t changelog);
  // By changelog, in the order of StageSpec::changelogs; then by partition.
  absl::StatusOr<std::vector<std::vector<OffsetRange>>> QueryChangelogs(
      const std::vector<int32_t>& partitions);

  const WorkerContext& context_;
  Assignment& assignment_;
  std::unique_ptr<UncommittedRanges> ranges_;
  std::map<size_t, std::unique_ptr<ChangelogSource>> readers_;  // by changelog
  std::map<int32_t, Parked> parked_;
  // Counts the times that a partition had to wait at the barrier.
  size_t barrier_waits_ = 0;
};

// "restoring partition 7: 62 %": what an assigned partition is waiting for, for /readyz.
std::string DescribeProgress(const Partition& partition);

}  // namespace picket::kafka
