#include "parser/input/json_lines_cutter.h"

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::parser {

std::unique_ptr<RecordCutter> JsonLinesCutter::Detect(InputWindow& window) {
  if (window.Rest().substr(0, 1) != "{") return nullptr;
  return std::make_unique<JsonLinesCutter>(window);
}

std::unique_ptr<RecordCutter> JsonLinesCutter::DetectBehindDamage(InputWindow& window) {
  if (window.Rest().substr(0, kDetectionBytes).find("\n{") == std::string_view::npos) {
    return nullptr;
  }
  return std::make_unique<JsonLinesCutter>(window);
}

std::optional<CutRecord> JsonLinesCutter::Next() {
  while (true) {
    const std::string_view rest = window_.Rest();
    const size_t newline = rest.find('\n', searched_);
    if (newline == std::string_view::npos && !window_.at_end()) {
      searched_ = rest.size();
      if (rest.size() >= kLargestInputRecord) {
        searched_ = 0;
        return ConsumePart(rest.size());
      }
      window_.Fill();
      continue;
    }
    searched_ = 0;
    const size_t size = newline == std::string_view::npos ? rest.size() : newline + 1;
    if (in_parts()) {
      ++line_;
      return ConsumeLastPart(size);
    }
    if (size == 0) return std::nullopt;
    ++line_;
    std::string_view line = TrimBlanks(window_.Consume(size));
    if (line.substr(0, kUtf8Bom.size()) == kUtf8Bom) {
      // If files that begin with a byte order mark are joined, the marks of the later files end up
      // at the beginning of a line.
      line.remove_prefix(kUtf8Bom.size());
    }
    if (line.empty()) continue;
    std::string_view record = RecordOf(line);
    // Lines that were copied out of an array still end with commas.
    if (record.back() == ',') record = TrimBlanks(record.substr(0, record.size() - 1));
    const bool begins_with_object =
        !record.empty() && record.front() == '{' &&
        (end_finder_.Start(), end_finder_.Scan(record)) == JsonEndFinder::State::kComplete;
    if (!begins_with_object && (record.empty() || !end_finder_.IsOneValue(record))) {
      return CutRecord::Damaged(
          line, window_.OffsetOf(line), damage::kNotJson,
          absl::StrCat("line ", line_, " is not JSON: its brackets or quotes do not match"));
    }
    CutRecord cut;
    cut.bytes = record;
    cut.offset = window_.OffsetOf(record);
    // The records of a batch become elements of one JSON array. A line that is not exactly one
    // object could make this array invalid, so the line must not be part of a batch.
    cut.alone = !begins_with_object || end_finder_.end() < record.size();
    return cut;
  }
}

}  // namespace picket::parser
