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

// Cuts a sequence of JSON arrays of records (content blobs), single values, and pages of a Graph
// response ({"value": […]}). The sequence may span any number of lines.
// Failure: the end of a damaged record is found by its brackets, or by the layout of the lines if a
// line ends inside a string. The next record begins at the position that RecordFinder or the layout
// indicates.
class JsonValuesCutter final : public RecordCutter {
 public:
  using RecordCutter::RecordCutter;

  // Accepts a file that is empty, begins with an array, or begins with an object that spans several
  // lines or is an envelope of records.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;
  bool is_cut_off() const override { return in_array_; }

 private:
  // The end of the current value. The size is 0 if the value does not end within the window.
  struct ValueEnd {
    size_t size = 0;
    std::string_view damage;  // a description of the damage; empty if the value is intact
  };

  // Skips brackets of outer arrays, commas and whitespace. Returns false at the end of the file.
  bool SkipToValue();
  // Enters the array of {"value": […]}, whose records are cut like the records of a plain array.
  // Returns false if the object is not an envelope.
  bool EnterEnvelope();
  void SkipRestOfEnvelope();

  ValueEnd FindEnd();
  // Finds the end of a value that lacks its opening brace. The members of such a value would
  // otherwise be taken for values of the array. Therefore, the value ends where the next record
  // begins.
  ValueEnd FindEndOfBareMembers();
  ValueEnd FindEndByBrackets();
  ValueEnd FindEndByLayout();
  // Returns the size up to the next line that begins with an opening brace or a closing bracket.
  // This bracket must be at or before the column at which the damaged record began. Returns nullopt
  // if more text is needed.
  std::optional<size_t> SizeToNextRecord(std::string_view rest, size_t from) const;

  CutRecord ConsumeValue(const ValueEnd& end);
  CutRecord ConsumePartOfValue();

  JsonEndFinder end_finder_;
  RecordFinder record_finder_;
  bool in_value_ = false;
  bool line_broken_ = false;  // a line ends inside a string, so the layout shows the value's end
  size_t layout_from_ = 0;
  bool in_array_ = false;
  bool in_envelope_ = false;  // the array is in an envelope
  uint64_t column_ = 0;       // the column at which the value began
};

}  // namespace picket::parser
