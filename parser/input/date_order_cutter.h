#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "model/written_date.h"
#include "parser/input/record_cutter.h"

namespace picket::parser {

// What the dates of a file say about the order of day and month.
struct DateOrderFindings {
  DateOrder order = DateOrder::kMonthFirst;
  uint64_t undecided = 0;    // records whose time could be read in both orders
  uint64_t month_first = 0;  // records whose time can only be read with the month first
  uint64_t day_first = 0;    // records whose time can only be read with the day first

  // Returns true if times may have been read wrongly, because no record decides or because records
  // contradict each other.
  bool is_doubtful() const { return undecided > 0 && (month_first > 0) == (day_first > 0); }
};

// Finds out whether the times of a file, such as 3/2/2026 8:07:13, have the month or the day first.
// The order is that of the first record whose time has only one meaning. The cutter keeps records
// with ambiguous times in a temporary file until it finds such a record, or until the file ends. It
// passes on unchanged a file whose times are in the format of the API.
// Failure: if there is no room for the temporary file, the month is first.
class DateOrderCutter final : public RecordCutter {
 public:
  DateOrderCutter(InputWindow& window, std::unique_ptr<RecordCutter> inner);
  ~DateOrderCutter() override;

  std::optional<CutRecord> Next() override;
  bool is_cut_off() const override { return inner_->is_cut_off(); }
  bool is_whole() const override { return inner_->is_whole(); }

  // The order holds for all records that Next has returned.
  const DateOrderFindings& findings() const { return findings_; }

 private:
  // Returns what the record's time says about the order.
  WrittenDate::Evidence Examine(const CutRecord& record);
  // Keeps `record` and those behind it until one decides the order.
  void ReadAhead(const CutRecord& record);
  bool Keep(const CutRecord& record);
  std::optional<CutRecord> NextKept();

  const std::unique_ptr<RecordCutter> inner_;
  DateOrderFindings findings_;
  bool is_decided_ = false;
  std::FILE* kept_ = nullptr;        // a temporary file with records
  uint64_t kept_count_ = 0;          // records in the file that were not returned yet
  std::optional<CutRecord> unkept_;  // the record for which there was no room
  std::string bytes_;
};

}  // namespace picket::parser
