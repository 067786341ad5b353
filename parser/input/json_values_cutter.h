#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "json/json_end_finder.h"
#include "parser/input/record_cutter.h"
#include "parser/input/record_finder.h"

namespace picket::parser {

// JSON arrays of records (content blobs), single values, and pages of a Graph response
// ({"value": […]}), one after the other over any number of lines.
// Failure: the end of a damaged record is found by its brackets, or by the layout of the lines if a
// line ends inside a string; the next record then begins where RecordFinder or the layout shows it.
class JsonValuesCutter final : public RecordCutter {
 public:
  using RecordCutter::RecordCutter;

  // The file is empty, begins with an array, or begins with an object that spans several lines or
  // is an envelope of records.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;
  bool is_cut_off() const override { return in_array_; }

 private:
  // Where the current value ends; size 0: not within the window.
  struct ValueEnd {
    size_t size = 0;
    std::string_view damage;  // what is wrong with the value; empty: nothing
  };

  // Skips brackets of outer arrays, commas and whitespace. False at the end of the file.
  bool SkipToValue();
  // Enters the array of {"value": […]}: its records are the same as in a file of only the array.
  bool EnterEnvelope();
  void SkipRestOfEnvelope();

  ValueEnd FindEnd();
  // If the value lacks its opening brace: its members would pass for values of the array, so it
  // ends where the next record begins.
  ValueEnd FindEndOfBareMembers();
  ValueEnd FindEndByBrackets();
  ValueEnd FindEndByLayout();
  // The size up to the next line that begins with an opening brace or the end of the array, no
  // further to the right than the damaged record began. nullopt: more text is needed.
  std::optional<size_t> SizeToNextRecord(std::string_view rest, size_t from) const;

  CutRecord ConsumeValue(const ValueEnd& end);
  CutRecord ConsumePartOfValue();

  JsonEndFinder end_finder_;
  RecordFinder record_finder_;
  bool in_value_ = false;
  bool line_broken_ = false;  // the end is found by the layout, from `layout_from_` on
  size_t layout_from_ = 0;
  bool in_array_ = false;
  bool in_envelope_ = false;  // around the array
  uint64_t column_ = 0;       // where the value began
};

}  // namespace picket::parser
