#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "json/json_end_finder.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// Cuts newline-delimited JSON, which has one record per line.
// Failure: a line whose brackets or quotes do not match is returned as damaged. The next line is
// not affected.
class JsonLinesCutter : public RecordCutter {
 public:
  using RecordCutter::RecordCutter;

  // Accepts a file that begins with an object. Other forms that begin with an object must be tried
  // first.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);
  // Accepts a file in which a line after the first begins with an object. The first line of such a
  // file is damaged, but the other lines can be read.
  static std::unique_ptr<RecordCutter> DetectBehindDamage(InputWindow& window);

  std::optional<CutRecord> Next() override;

 protected:
  // Returns the part of a line that is the record.
  virtual std::string_view RecordOf(std::string_view line) const { return line; }

 private:
  size_t searched_ = 0;  // leading bytes of the window that contain no line break
  uint64_t line_ = 0;
  JsonEndFinder end_finder_;
};

}  // namespace picket::parser
