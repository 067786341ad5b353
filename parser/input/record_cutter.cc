#include "parser/input/record_cutter.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace picket::parser {

CutRecord CutRecord::Damaged(std::string_view bytes, uint64_t offset, std::string_view damage,
                             std::string error) {
  CutRecord record;
  record.bytes = bytes;
  record.offset = offset;
  record.damage = damage;
  record.error = std::move(error);
  return record;
}

CutRecord RecordCutter::ConsumeLastPart(size_t size) {
  CutRecord record = Part(window_.Consume(size), /*last=*/true);
  part_ = 0;
  return record;
}

CutRecord RecordCutter::Part(std::string_view bytes, bool last) {
  if (part_ == 0) part_begin_ = window_.offset() - bytes.size();
  CutRecord record =
      CutRecord::Damaged(bytes, part_begin_, damage::kTooLarge,
                         absl::StrCat("the record at byte ", part_begin_, " is larger than ",
                                      kLargestInputRecord >> 20, " MiB"));
  record.part = ++part_;
  record.last_part = last;
  return record;
}

}  // namespace picket::parser
