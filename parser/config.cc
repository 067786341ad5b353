#include "parser/config.h"

namespace picket::parser {

void Describe(ConfigVisitor& visitor, ParserConfig& config) {
  visitor.Duration("duplicate_window_secs",
                   "How long a record Id is remembered, by the time of its arrival; no longer than "
                   "the topic `seen` keeps its rows.",
                   &config.duplicate_window, absl::Hours(1), absl::Hours(24 * 30));
  visitor.Int("duplicate_budget_mb",
              "Memory of one worker for remembered Ids, at about 23 bytes each; over it the oldest "
              "are forgotten, which picket_parser_duplicate_window_seconds shows.",
              &config.duplicate_budget_mb, 1, 1 << 20);
  visitor.Bool("raw_data", "Each event also carries the record as it came, and its SHA-256.",
               &config.raw_data);
}

}  // namespace picket::parser
