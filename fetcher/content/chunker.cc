#include "fetcher/content/chunker.h"

#include <optional>

#include "json/json_splitter.h"

namespace picket::fetcher {

ChunkPlan PlanChunks(std::string_view body, size_t target, size_t longest_record) {
  ChunkPlan plan;
  JsonArraySplitter splitter(body);
  const char* run_begin = nullptr;
  const char* run_end = nullptr;
  const auto close_run = [&plan, &run_begin, &run_end] {
    if (run_begin != nullptr) {
      plan.runs.emplace_back(run_begin, static_cast<size_t>(run_end - run_begin));
    }
    run_begin = nullptr;
  };
  while (const std::optional<std::string_view> record = splitter.Next()) {
    const char* const end = record->data() + record->size();
    if (record->size() > longest_record) {
      close_run();
      plan.oversized.push_back(*record);
      continue;
    }
    if (run_begin != nullptr && static_cast<size_t>(end - run_begin) + 2 > target) close_run();
    if (run_begin == nullptr) run_begin = record->data();
    run_end = end;
  }
  close_run();
  plan.complete = splitter.complete();
  if (!plan.complete) plan.rest = splitter.rest();
  plan.whole = body.size() <= target && plan.oversized.empty();
  return plan;
}

}  // namespace picket::fetcher
