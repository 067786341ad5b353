#pragma once

#include <memory>
#include <string_view>

#include "parser/input/json_lines_cutter.h"

namespace picket::parser {

// Cuts lines of a log that end with a record, such as those of syslog and of Fluentd's files:
//   2026-03-02T08:07:13Z host picket: {"CreationTime":…}
// The text before the record is left out.
class PrefixedLinesCutter final : public JsonLinesCutter {
 public:
  using JsonLinesCutter::JsonLinesCutter;

  // Accepts a file whose first line ends with an object that is preceded by other text.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

 protected:
  std::string_view RecordOf(std::string_view line) const override;
};

}  // namespace picket::parser
