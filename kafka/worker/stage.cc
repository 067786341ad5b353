#include "kafka/worker/stage.h"

#include "kafka/dead_letter.h"

namespace picket::kafka {

void Stage::Reject(const Message& message, std::string_view reason, OutputBatch& out) {
  const std::string_view error =
      reason == "crashed" ? "the process ended abnormally each time it read this message"
                          : "the output for this message is larger than a message may be";
  AddDeadLetter(message, -1, message.value, {spec().name, reason, error, 1}, out);
}

}  // namespace picket::kafka
