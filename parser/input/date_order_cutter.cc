#include "parser/input/date_order_cutter.h"

#include <unistd.h>

#include <utility>

#include "json/json_tokens.h"
#include "parser/input/bytes/input_file.h"

namespace picket::parser {
namespace {

// The fields from which an event may get its time, in the order in which they are used.
constexpr std::string_view kTimeFields[] = {"CreationTime",    "TimeGenerated [UTC]",
                                            "TimeGenerated",   "CreatedDateTime",
                                            "createdDateTime", "CreationDate"};

// Returns the string after "<field>": in a record, or an empty view. The record may also be JSON in
// a string, in which each quote follows a backslash.
std::string_view TimeIn(std::string_view record, std::string_view field) {
  for (size_t at = record.find(field); at != std::string_view::npos;
       at = record.find(field, at + 1)) {
    std::string_view rest = record.substr(at + field.size());
    if (at == 0 || record[at - 1] != '"' || rest.empty()) continue;
    if (rest.front() == '\\') rest.remove_prefix(1);
    if (rest.substr(0, 2) != "\":") continue;
    rest.remove_prefix(2);
    const size_t begin = rest.find_first_not_of(" \t\r\n\\");
    if (begin == std::string_view::npos || rest[begin] != '"') return {};
    rest.remove_prefix(begin + 1);
    const size_t end = rest.find('"');
    if (end == std::string_view::npos || end == 0) return {};
    return rest.substr(0, rest[end - 1] == '\\' ? end - 1 : end);
  }
  return {};
}

// The part of a kept record that precedes its error and its bytes in the temporary file.
struct KeptHead {
  size_t bytes;
  size_t error;
  uint64_t offset;
  std::string_view damage;  // a constant, so the view stays valid
  bool alone;
  int part;
  bool last_part;
};

}  // namespace

DateOrderCutter::DateOrderCutter(InputWindow& window, std::unique_ptr<RecordCutter> inner)
    : RecordCutter(window), inner_(std::move(inner)) {}

DateOrderCutter::~DateOrderCutter() {
  if (kept_ != nullptr) std::fclose(kept_);
}

std::optional<CutRecord> DateOrderCutter::Next() {
  if (kept_count_ > 0) return NextKept();
  if (unkept_.has_value()) return std::exchange(unkept_, std::nullopt);
  std::optional<CutRecord> record = inner_->Next();
  if (!record.has_value()) return record;
  if (Examine(*record) != WrittenDate::Evidence::kEither || is_decided_) return record;
  is_decided_ = true;  // ReadAhead decides, from the records that follow or by default
  ReadAhead(*record);
  return Next();
}

WrittenDate::Evidence DateOrderCutter::Examine(const CutRecord& record) {
  if (!record.damage.empty()) return WrittenDate::Evidence::kNone;
  std::string_view written;
  for (const std::string_view field : kTimeFields) {
    written = TimeIn(record.bytes, field);
    if (!written.empty()) break;
  }
  if (written.size() < 8 || (written.size() > 4 && written[4] == '-')) {
    return WrittenDate::Evidence::kNone;
  }
  std::string text(written);
  if (written.find('\\') != std::string_view::npos) {
    std::erase(text, '\\');  // as in 3\/2\/2026
  }
  const std::optional<WrittenDate> date = ReadWrittenDate(text, DateOrder::kMonthFirst);
  if (!date.has_value()) return WrittenDate::Evidence::kNone;
  switch (date->evidence) {
    case WrittenDate::Evidence::kEither:
      ++findings_.undecided;
      break;
    case WrittenDate::Evidence::kMonthFirst:
      ++findings_.month_first;
      is_decided_ = true;
      break;
    case WrittenDate::Evidence::kDayFirst:
      if (++findings_.day_first == 1 && findings_.month_first == 0) {
        findings_.order = DateOrder::kDayFirst;
      }
      is_decided_ = true;
      break;
    case WrittenDate::Evidence::kNone:
      break;
  }
  return date->evidence;
}

void DateOrderCutter::ReadAhead(const CutRecord& record) {
  if (const absl::StatusOr<int> fd = CreateTemporaryFile(); fd.ok()) {
    kept_ = ::fdopen(*fd, "w+");
    if (kept_ == nullptr) ::close(*fd);
  }
  std::optional<CutRecord> next = record;
  while (next.has_value()) {
    if (kept_ == nullptr || !Keep(*next)) {
      unkept_ = std::move(next);
      break;
    }
    if (findings_.month_first + findings_.day_first > 0) break;
    next = inner_->Next();
    if (next.has_value()) Examine(*next);
  }
  if (kept_ != nullptr && (std::fflush(kept_) != 0 || std::fseek(kept_, 0, SEEK_SET) != 0)) {
    // NextKept reports the records that could not be written as damaged.
    std::clearerr(kept_);
  }
}

bool DateOrderCutter::Keep(const CutRecord& record) {
  const KeptHead head = {record.bytes.size(), record.error.size(), record.offset,   record.damage,
                         record.alone,        record.part,         record.last_part};
  const long begin = std::ftell(kept_);
  const bool is_written = begin >= 0 && std::fwrite(&head, sizeof(head), 1, kept_) == 1 &&
                          std::fwrite(record.error.data(), 1, head.error, kept_) == head.error &&
                          std::fwrite(record.bytes.data(), 1, head.bytes, kept_) == head.bytes &&
                          std::fflush(kept_) == 0;
  if (is_written) ++kept_count_;
  return is_written;
}

std::optional<CutRecord> DateOrderCutter::NextKept() {
  KeptHead head;
  CutRecord record;
  --kept_count_;
  bool is_read = std::fread(&head, sizeof(head), 1, kept_) == 1;
  if (is_read) {
    record.error.resize(head.error);
    bytes_.resize(head.bytes);
    is_read = std::fread(record.error.data(), 1, head.error, kept_) == head.error &&
              std::fread(bytes_.data(), 1, head.bytes, kept_) == head.bytes;
  }
  if (!is_read) {
    return CutRecord::Damaged({}, window_.offset(), damage::kNotJson,
                              "the record could not be read back from a temporary file");
  }
  record.bytes = bytes_;
  record.offset = head.offset;
  record.damage = head.damage;
  record.alone = head.alone;
  record.part = head.part;
  record.last_part = head.last_part;
  return record;
}

}  // namespace picket::parser
