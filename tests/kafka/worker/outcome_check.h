#pragma once

#include <cstdint>
#include <string>

#include "tests/kafka/worker/counting_stage.h"
#include "tests/kafka/worker/fault_table.h"
#include "tests/kafka/worker/log_model.h"

namespace picket::kafka {

// Computes the required contents of the topics from the input alone, one message after the other,
// and compares them with the actual contents. Returns the first difference, or an empty string.
// Adds what it has found to `table`.
std::string CheckPartition(LogModel& model, const CountingOptions& stage, int32_t partition,
                           FaultTable& table);

// Prints the committed messages of a partition of `raw`, `events`, `seen` and `coverage` to
// standard output.
void PrintTopics(LogModel& model, int32_t partition);

}  // namespace picket::kafka
