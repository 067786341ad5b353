#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "common/clock.h"
#include "kafka/io.h"
#include "kafka/output_batch.h"

namespace picket::kafka {

// The input since the last transaction that was committed or aborted, and the output that the stage
// has produced from this input. A batch stays in memory until it is due. A Kafka transaction then
// begins, sends the output and commits.
struct Batch {
  OutputBatch out;
  bool is_open = false;
  MonotonicTime opened;
  int64_t inputs = 0;
  size_t largest_output = 0;  // the largest output of one input, in bytes
  // True if the output of an input is too large for a message. The batch must then be processed
  // again, and that input is rejected.
  bool must_repeat = false;
  // Inputs that must first be tried in a child process. Inputs that arrive after a held input are
  // held as well.
  std::vector<ConsumedMessage> held;
  size_t held_bytes = 0;
  // The partition and the offset of the last input that the stage processed.
  int32_t last_partition = 0;
  int64_t last_offset = 0;

  void Open(MonotonicTime now) {
    if (is_open) return;
    is_open = true;
    opened = now;
  }

  void Clear() {
    out.Clear();
    is_open = false;
    inputs = 0;
    largest_output = 0;
    must_repeat = false;
    held.clear();
    held_bytes = 0;
  }
};

}  // namespace picket::kafka
