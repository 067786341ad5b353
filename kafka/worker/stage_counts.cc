#include "kafka/worker/stage_counts.h"

namespace picket::kafka {

StageCounts::StageCounts(Metrics& metrics, std::string_view stage)
    : metrics_(metrics),
      stage_(stage),
      in_(batch_.Of(metrics.GetCounter("picket_records_in_total", {{"stage", stage_}}))),
      out_(batch_.Of(metrics.GetCounter("picket_records_out_total", {{"stage", stage_}}))),
      duplicates_(batch_.Of(metrics.GetCounter("picket_duplicates_total", {{"stage", stage_}}))) {}

BatchCount& StageCounts::dead_letters(std::string_view reason) {
  const auto found = dead_letters_.find(reason);
  if (found != dead_letters_.end()) return *found->second;
  BatchCount& count = batch_.Of(metrics_.GetCounter(
      "picket_dead_letters_total", {{"stage", stage_}, {"reason", std::string(reason)}}));
  dead_letters_.emplace(reason, &count);
  return count;
}

BatchCount& StageCounts::dropped(std::string_view reason) {
  return batch_.Of(metrics_.GetCounter("picket_dropped_total",
                                       {{"stage", stage_}, {"reason", std::string(reason)}}));
}

}  // namespace picket::kafka
