#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "parser/input/input_window.h"

namespace picket::parser {

// A larger record is returned in parts, so that memory does not grow with it.
inline constexpr size_t kLargestInputRecord = 4 << 20;
// How much of a file is read to detect its form.
inline constexpr size_t kDetectionBytes = 64 << 10;
inline constexpr std::string_view kUtf8Bom = "\xef\xbb\xbf";

// Reasons why a record could not be cut out of a file.
namespace damage {
inline constexpr std::string_view kNotJson = "not_json";
inline constexpr std::string_view kTooLarge = "too_large";
inline constexpr std::string_view kNoAuditData = "no_audit_data";
}  // namespace damage

// A record, or damaged bytes, cut out of a file. The views are valid until the next Fill() of the
// window or Next() of the cutter.
struct CutRecord {
  std::string_view bytes;
  uint64_t offset = 0;      // of its beginning in the decompressed file; for a CSV, of its row
  std::string_view damage;  // why it is not a record; empty: it is one
  bool alone = false;       // must not be batched: the normaliser must judge it by itself
  int part = 0;             // 1, 2, …: a part of a record that is too large
  bool last_part = true;
  std::string error;

  static CutRecord Damaged(std::string_view bytes, uint64_t offset, std::string_view damage,
                           std::string error);
};

// Cuts a file into records. Each form of file is one implementation with a function
//   static std::unique_ptr<RecordCutter> Detect(InputWindow& window);
// that returns nullptr, and consumes nothing, if the file does not have this form. A new form is one
// implementation and one line in input_form.cc.
// Threads: one. Lifetime: `window` must outlive it.
class RecordCutter {
 public:
  explicit RecordCutter(InputWindow& window) : window_(window) {}
  virtual ~RecordCutter() = default;

  // nullopt at the end of the file.
  virtual std::optional<CutRecord> Next() = 0;
  // At the end: the file ends where its form does not allow it.
  virtual bool is_cut_off() const { return false; }

 protected:
  // Consumes bytes of a record that is too large. The record's end comes later.
  CutRecord ConsumePart(size_t size) { return Part(window_.Consume(size), /*last=*/false); }
  // Whether a part has been returned whose record has not ended yet.
  bool in_parts() const { return part_ > 0; }
  // Consumes the end of such a record.
  CutRecord ConsumeLastPart(size_t size);

  InputWindow& window_;

 private:
  CutRecord Part(std::string_view bytes, bool last);

  int part_ = 0;
  uint64_t part_begin_ = 0;
};

}  // namespace picket::parser
