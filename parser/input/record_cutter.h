#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parser/input/input_window.h"

namespace picket::parser {

// The maximum size of a record in bytes. To limit memory use, a larger record is returned in parts.
inline constexpr size_t kLargestInputRecord = 4 << 20;
// The number of bytes of a file that are read to detect its form.
inline constexpr size_t kDetectionBytes = 64 << 10;
inline constexpr std::string_view kUtf8Bom = "\xef\xbb\xbf";

// Reasons why a record could not be cut out of a file.
namespace damage {
inline constexpr std::string_view kNotJson = "not_json";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kNoAuditData = "no_audit_data";
}  // namespace damage

// A record or damaged bytes, cut out of a file. The views are valid until the next Fill() of the
// window or the next Next() of the cutter.
struct CutRecord {
  std::string_view bytes;
  uint64_t offset = 0;      // where the record, or its CSV row, begins in the decompressed file
  std::string_view damage;  // a reason from namespace damage; empty for a record
  bool alone = false;       // if true, the record is normalised by itself, not in a batch
  int part = 0;             // 1, 2, … for the parts of a record that is too large
  bool last_part = true;
  std::string error;

  static CutRecord Damaged(std::string_view bytes, uint64_t offset, std::string_view damage,
                           std::string error);
};

// Cuts a file into records. Each form of file, such as CSV, has an implementation with the function
//   static std::unique_ptr<RecordCutter> Detect(InputWindow& window);
// If the file does not have the implementation's form, Detect returns nullptr and consumes no
// record. To support a new form, add an implementation and one line in input_form.cc.
// Threads: One thread uses an instance. Lifetime: `window` must outlive the cutter.
class RecordCutter {
 public:
  explicit RecordCutter(InputWindow& window) : window_(window) {}
  virtual ~RecordCutter() = default;

  // Returns the next record, or nullopt at the end of the file.
  virtual std::optional<CutRecord> Next() = 0;
  // Returns true if the file ended too early, for example inside an array. Must be called after
  // Next has returned nullopt.
  virtual bool is_cut_off() const { return false; }
  // Returns false if bytes were skipped that are not part of an export without records, such as
  // closing brackets of an array that was never opened. Has a meaning only if there was no record.
  // Must be called after Next has returned nullopt.
  virtual bool is_whole() const { return true; }

 protected:
  // Consumes a part of a record that is too large. The part does not contain the record's end.
  CutRecord ConsumePart(size_t size) { return Part(window_.Consume(size), /*last=*/false); }
  // Returns true if a part of a record has been returned, but not yet the record's last part.
  bool in_parts() const { return part_ > 0; }
  // Consumes the last part of a record that is too large.
  CutRecord ConsumeLastPart(size_t size);

  InputWindow& window_;

 private:
  CutRecord Part(std::string_view bytes, bool last);

  int part_ = 0;
  uint64_t part_begin_ = 0;
};

}  // namespace picket::parser
