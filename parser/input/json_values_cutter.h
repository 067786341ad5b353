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
// Failure: the bytes of a damaged record are returned as damaged. They end where RecordFinder finds
// the next record, or at the latest at the first bracket that does not match. Brackets are ignored
// if a line ends inside a string. In this case, a quote is missing, so it is unknown which brackets
// are part of a string. The damaged bytes then end at the latest before the next line whose
// indentation indicates a new record (SizeToNextRecord).
class JsonValuesCutter final : public RecordCutter {
 public:
  using RecordCutter::RecordCutter;

  // Accepts an empty file, and a file that begins with an array, with an object that spans several
  // lines, or with an envelope of records, such as {"value": […]}.
  static std::unique_ptr<RecordCutter> Detect(InputWindow& window);

  std::optional<CutRecord> Next() override;
  bool is_cut_off() const override { return in_array_; }
  bool is_whole() const override { return !has_stray_bytes_; }

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
  // Skips the time at the beginning of an array [time, record] or [[time, metadata], record], which
  // Fluent Bit writes.
  void SkipFluentTime();

  ValueEnd FindEnd();
  // A value that is cut off inside may seem to contain the records behind it, because the brackets
  // that close the array and its envelope close the value instead. In this case, no comma or
  // bracket of these levels follows the value. Returns the position of the first record inside such
  // a value, and `end` for any other value.
  ValueEnd WithoutSwallowedRecords(ValueEnd end);
  // Returns true if the text behind a value may follow a value of the current array, and nullopt if
  // more text is needed.
  std::optional<bool> MayFollowValue(std::string_view behind) const;
  // Finds the end of a value that lacks its opening brace. Without this function, each member of
  // such a value would be taken for a value of the array. The value ends where RecordFinder finds
  // the next record.
  ValueEnd FindEndOfBareMembers();
  ValueEnd FindEndByBrackets();
  ValueEnd FindEndByLayout();
  // Returns the number of bytes before the next line that begins with '{' or ']'. Blanks and commas
  // at the beginning of a line are skipped. The brace or bracket must not be to the right of the
  // column at which the damaged record began. Returns nullopt if more text is needed.
  std::optional<size_t> SizeToNextRecord(std::string_view rest, size_t from) const;

  CutRecord ConsumeValue(const ValueEnd& end);
  CutRecord ConsumePartOfValue();

  JsonEndFinder end_finder_;
  RecordFinder record_finder_;
  bool in_value_ = false;
  bool line_broken_ = false;  // true if a line of the value lacks a quote, so brackets are ignored
  size_t layout_from_ = 0;
  bool in_array_ = false;
  bool in_pages_ = false;     // true if the current envelope is in an array of envelopes
  bool in_envelope_ = false;  // true if the current array is in an envelope, such as {"value": […]}
  bool has_stray_bytes_ = false;
  uint64_t column_ = 0;  // the column at which the value began
};

}  // namespace picket::parser
