#include "parser/input/audit_file.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>
#include <vector>

#include "common/json_writer.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "json/json_end_finder.h"
#include "json/json_skip.h"
#include "parser/input/byte_source.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

constexpr size_t kReadBytes = 256 << 10;
constexpr size_t kPeekBytes = 64 << 10;
constexpr std::string_view kBom = "\xef\xbb\xbf";
constexpr std::string_view kAuditData = "AuditData";

constexpr std::string_view kNotJson = "not_json";
constexpr std::string_view kTooLarge = "too_large";
constexpr std::string_view kNoAuditData = "no_audit_data";

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The text's brackets and quotes match and it is one value.
bool IsOneValue(std::string_view text, JsonFollower& follower) {
  follower.Start();
  const JsonFollower::State state = follower.Follow(text);
  if (state == JsonFollower::State::kInside) return follower.nothing_open();
  return state == JsonFollower::State::kWhole && follower.end() == text.size();
}

// The bytes of the file that were read and not used yet. What Rest() shows stays until the next Fill().
// Threads: one. Failure: the source's error is kept and shows as the end of the bytes.
class Window {
 public:
  explicit Window(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {}

  std::string_view Rest() const { return std::string_view(buffer_).substr(begin_); }
  bool at_end() const { return at_end_; }
  uint64_t offset() const { return offset_; }  // of Rest() in the decompressed file
  uint64_t column() const { return offset_ - line_start_; }
  const absl::Status& error() const { return error_; }
  const ByteSource& source() const { return *source_; }

  // More bytes, unless the end is reached.
  void Fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const size_t old_size = buffer_.size();
    buffer_.resize(old_size + kReadBytes);
    absl::StatusOr<size_t> n = source_->Read(buffer_.data() + old_size, kReadBytes);
    if (!n.ok()) error_ = n.status();
    at_end_ = !n.ok() || *n == 0;
    buffer_.resize(old_size + (n.ok() ? *n : 0));
  }

  // Where bytes that were taken since the last Fill() lie in the decompressed file.
  uint64_t OffsetOf(std::string_view taken) const {
    return offset_ - (buffer_.data() + begin_ - taken.data());
  }

  // The next `size` bytes, which are used with that.
  std::string_view Take(size_t size) {
    const std::string_view taken = Rest().substr(0, size);
    if (const size_t newline = taken.rfind('\n'); newline != std::string_view::npos) {
      line_start_ = offset_ + newline + 1;
    }
    begin_ += taken.size();
    offset_ += taken.size();
    return taken;
  }

 private:
  const std::unique_ptr<ByteSource> source_;
  std::string buffer_;
  size_t begin_ = 0;
  bool at_end_ = false;
  uint64_t offset_ = 0;
  uint64_t line_start_ = 0;
  absl::Status error_;
};

// What a cutter found next; views last until the window is filled again.
struct Piece {
  std::string_view bytes;
  uint64_t offset = 0;      // where it begins in the file, a CSV's row
  std::string_view damage;  // empty: a record
  bool alone = false;       // no member of a batch: what it is shall be judged by itself
  int part = 0;
  bool last_part = true;
  std::string error;

  static Piece Damaged(std::string_view bytes, uint64_t offset, std::string_view damage,
                       std::string error) {
    Piece piece;
    piece.bytes = bytes;
    piece.offset = offset;
    piece.damage = damage;
    piece.error = std::move(error);
    return piece;
  }
};

// Looks for the first record behind damage, where neither brackets nor lines tell any more: a brace and a quote after a
// comma or a brace, of an object whose brackets match, with names that every record has.
// Complexity: what is followed is bounded for the file.
class RecordFinder {
 public:
  // For a new damage.
  void Start() { from_ = 1; }
  // `text`: from where the damaged record begins, all that is known; more than at the call before, unless Dropped was
  // told. `is_all`: no more will be known. Nothing: there is none yet; up to sought() there will be none.
  std::optional<size_t> Find(std::string_view text, bool is_all) {
    for (size_t at = text.find("{\"", from_); at != std::string_view::npos;
         at = text.find("{\"", at + 1)) {
      from_ = at;
      const size_t before = text.find_last_not_of(" \t\r\n", at - 1);
      if (before == std::string_view::npos || (text[before] != ',' && text[before] != '}'))
        continue;
      if (budget_ < 0) break;
      follower_.Start();
      const JsonFollower::State state = follower_.Follow(text.substr(at));
      budget_ -= static_cast<int64_t>(follower_.end());
      if (state == JsonFollower::State::kInside) {
        const bool may_end = !is_all && text.size() - at < AuditFile::kMaxRecordBytes / 2;
        if (may_end) return std::nullopt;
        continue;
      }
      const std::string_view object = text.substr(at, follower_.end());
      if (state == JsonFollower::State::kWhole &&
          object.find("\"Operation\"") != std::string_view::npos &&
          object.find("\"CreationTime\"") != std::string_view::npos) {
        return at;
      }
    }
    from_ = std::max<size_t>(text.size(), 2) - 1;
    return std::nullopt;
  }
  size_t sought() const { return from_; }
  void Dropped(size_t bytes) { from_ = from_ > bytes ? from_ - bytes : 1; }

 private:
  JsonFollower follower_;
  size_t from_ = 1;
  int64_t budget_ = 64 << 20;
};

// Cuts the file into records, by its format.
class Cutter {
 public:
  explicit Cutter(Window& window) : window_(window) {}
  virtual ~Cutter() = default;

  // Nothing at the end.
  virtual std::optional<Piece> Next() = 0;
  // At the end: the file stops before its format does.
  virtual bool cut_off() const { return false; }

 protected:
  // A part of the record that grows beyond the limit, so that the window stays small.
  Piece TakePart(size_t size) { return Part(window_.Take(size), /*last=*/false); }

  // Where a record ends whose beginning went out in parts.
  bool in_parts() const { return part_ > 0; }
  Piece TakeLastPart(size_t size) {
    Piece piece = Part(window_.Take(size), /*last=*/true);
    part_ = 0;
    return piece;
  }

  Window& window_;

 private:
  Piece Part(std::string_view bytes, bool last) {
    if (part_ == 0) part_begin_ = window_.offset() - bytes.size();
    Piece piece =
        Piece::Damaged(bytes, part_begin_, kTooLarge,
                       absl::StrCat("the record at byte ", part_begin_, " is larger than ",
                                    AuditFile::kMaxRecordBytes >> 20, " MiB"));
    piece.part = ++part_;
    piece.last_part = last;
    return piece;
  }

  int part_ = 0;
  uint64_t part_begin_ = 0;
};

// One record a line.
class LineCutter final : public Cutter {
 public:
  using Cutter::Cutter;

  std::optional<Piece> Next() override {
    while (true) {
      const std::string_view rest = window_.Rest();
      const size_t newline = rest.find('\n', searched_);
      if (newline == std::string_view::npos && !window_.at_end()) {
        searched_ = rest.size();
        if (rest.size() >= AuditFile::kMaxRecordBytes) {
          searched_ = 0;
          return TakePart(rest.size());
        }
        window_.Fill();
        continue;
      }
      searched_ = 0;
      const size_t size = newline == std::string_view::npos ? rest.size() : newline + 1;
      if (in_parts()) {
        ++line_;
        return TakeLastPart(size);
      }
      if (size == 0) return std::nullopt;
      ++line_;
      std::string_view line = TrimBlanks(window_.Take(size));
      if (line.substr(0, kBom.size()) == kBom)
        line.remove_prefix(kBom.size());  // files were joined
      if (line.empty()) continue;
      std::string_view record = line;
      // Lines that were taken out of an array keep its commas.
      if (record.back() == ',') record = TrimBlanks(record.substr(0, record.size() - 1));
      const bool begins_whole =
          !record.empty() && record.front() == '{' &&
          (follower_.Start(), follower_.Follow(record)) == JsonFollower::State::kWhole;
      if (!begins_whole && (record.empty() || !IsOneValue(record, follower_))) {
        return Piece::Damaged(
            line, window_.OffsetOf(line), kNotJson,
            absl::StrCat("line ", line_, " is no JSON: its brackets or quotes do not match"));
      }
      Piece piece;
      piece.bytes = record;
      piece.offset = window_.OffsetOf(record);
      // Several values in a line, or something behind the record: each is judged by itself.
      piece.alone = !begins_whole || follower_.end() < record.size();
      return piece;
    }
  }

 private:
  size_t searched_ = 0;  // of the window, without a line break
  uint64_t line_ = 0;
  JsonFollower follower_;
};

// Arrays of records and single values, one after the other, over any number of lines.
class ValueCutter final : public Cutter {
 public:
  using Cutter::Cutter;

  std::optional<Piece> Next() override {
    while (true) {
      if (!following_) {
        if (!SkipToValue()) return std::nullopt;
        following_ = true;
        broken_ = false;
        column_ = window_.column();
        follower_.Start();
        finder_.Start();
      }
      const std::string_view rest = window_.Rest();
      size_t size = 0;
      std::string_view damage;
      if (in_array_ && BeginsWithName(rest)) {
        // Its members would pass for values of the array.
        if (const std::optional<size_t> found = finder_.Find(rest, window_.at_end())) {
          size = *found;
          damage = "it has no opening brace";
        }
      }
      if (size == 0 && !broken_) {
        switch (follower_.Follow(rest)) {
          case JsonFollower::State::kInside:
            if (!window_.at_end()) {
              if (rest.size() < AuditFile::kMaxRecordBytes) {
                window_.Fill();
                continue;
              }
              if (const std::optional<size_t> found = finder_.Find(rest, /*is_all=*/false)) {
                size = *found;
                damage = kUnmatched;
                break;
              }
              Piece part = TakePart(std::min(follower_.end(), finder_.sought()));
              follower_.Dropped(part.bytes.size());
              finder_.Dropped(part.bytes.size());
              return part;
            }
            size = rest.size();
            if (!follower_.nothing_open()) {
              damage = "the file ends inside of it";
              size = finder_.Find(rest, /*is_all=*/true).value_or(size);
            }
            break;
          case JsonFollower::State::kWhole:
            size = follower_.end();
            break;
          case JsonFollower::State::kDamaged:
            size = follower_.end();
            size = finder_.Find(rest.substr(0, size), /*is_all=*/true).value_or(size);
            damage = kUnmatched;
            break;
          case JsonFollower::State::kBroken:
            broken_ = true;
            search_from_ = follower_.end();
            break;
        }
      }
      if (broken_) {
        // Where the next record begins cannot be told from the brackets any more, but from the layout.
        damage = "a line ends inside of a text";
        std::optional<size_t> found = SizeToNextRecord(rest, search_from_);
        if (const std::optional<size_t> seen =
                finder_.Find(rest.substr(0, found.value_or(rest.size())), found.has_value())) {
          found = seen;
        }
        if (!found.has_value()) {
          if (rest.size() < AuditFile::kMaxRecordBytes) {
            window_.Fill();
            continue;
          }
          search_from_ = 0;
          const size_t last_line = rest.rfind('\n');
          const bool has_lines = last_line != std::string_view::npos && last_line != 0;
          Piece part = TakePart(std::min(has_lines ? last_line : rest.size(), finder_.sought()));
          finder_.Dropped(part.bytes.size());
          return part;
        }
        size = *found;
      }
      following_ = false;
      if (in_parts()) return TakeLastPart(size);
      const uint64_t begin = window_.offset();
      Piece piece;
      piece.bytes = TrimBlanks(window_.Take(size));
      piece.offset = begin;
      piece.alone = piece.bytes.front() != '{';
      if (!damage.empty()) {
        piece.damage = kNotJson;
        piece.error = absl::StrCat("the record at byte ", begin, " is no JSON: ", ToAbsl(damage));
      }
      return piece;
    }
  }

  bool cut_off() const override { return in_array_; }

 private:
  // Whether it is a member of an object: a text and a colon.
  static bool BeginsWithName(std::string_view text) {
    if (text.front() != '"') return false;
    const size_t end = SkipJsonText(text, 0);
    const size_t next = end == std::string_view::npos ? end : SkipJsonBlanks(text, end);
    return next < text.size() && text[next] == ':';
  }

  // Steps over brackets of the outer arrays, commas and blanks; false at the end of the file.
  bool SkipToValue() {
    while (true) {
      const std::string_view rest = window_.Rest();
      size_t i = 0;
      while (i < rest.size() && (IsBlank(rest[i]) || rest[i] == ',')) ++i;
      window_.Take(i);
      if (i == rest.size()) {
        if (window_.at_end()) return false;
        window_.Fill();
        continue;
      }
      if (!in_array_ && rest[i] == '{') {
        if (StepIntoEnvelope()) continue;
        return true;
      }
      if (rest[i] == '[' && !in_array_) {
        in_array_ = true;
      } else if (rest[i] == ']' && in_array_) {
        in_array_ = false;
        if (std::exchange(in_envelope_, false)) {
          window_.Take(1);
          SkipRestOfEnvelope();
          continue;
        }
      } else if (rest[i] != ']' && rest[i] != '}') {
        return true;
      }
      window_.Take(1);
    }
  }

  // The records of {"value": […]} are those of a file that has the array alone.
  bool StepIntoEnvelope() {
    while (window_.Rest().size() < kPeekBytes && !window_.at_end()) window_.Fill();
    const std::string_view rest = window_.Rest();
    const std::string_view records = EnvelopeRecords(rest);
    if (records.empty()) return false;
    window_.Take(records.data() - rest.data() + 1);
    in_array_ = in_envelope_ = true;
    return true;
  }

  void SkipRestOfEnvelope() {
    follower_.Start();
    follower_.Follow("{");
    follower_.Dropped(1);
    while (follower_.Follow(window_.Rest()) == JsonFollower::State::kInside) {
      follower_.Dropped(window_.Take(follower_.end()).size());
      if (window_.at_end()) return;
      window_.Fill();
    }
    window_.Take(follower_.end());
  }

  // Up to the next line that begins with a brace, or the end of the array, no further to the right than the damaged
  // record began; nothing where more text is needed.
  std::optional<size_t> SizeToNextRecord(std::string_view rest, size_t from) const {
    for (size_t newline = rest.find('\n', from); newline != std::string_view::npos;
         newline = rest.find('\n', newline + 1)) {
      size_t i = newline + 1;
      while (i < rest.size() && (rest[i] == ' ' || rest[i] == '\t' || rest[i] == ',')) ++i;
      if (i == rest.size()) break;
      if ((rest[i] == '{' || rest[i] == ']') && i - newline - 1 <= column_) return newline + 1;
    }
    if (window_.at_end()) return rest.size();
    return std::nullopt;
  }

  static constexpr std::string_view kUnmatched = "its brackets do not match";

  JsonFollower follower_;
  RecordFinder finder_;
  bool following_ = false;
  bool broken_ = false;  // the value's end is sought by the layout, from `search_from_` on
  size_t search_from_ = 0;
  bool in_array_ = false;
  bool in_envelope_ = false;  // around the array
  uint64_t column_ = 0;
};

// Where one row of CSV ends (RFC 4180), and where its quoting goes wrong.
struct CsvRowEnd {
  enum class Kind { kMore, kRow, kBad };
  Kind kind;
  size_t position;  // of the line break, or of the byte that cannot follow a closing quote
};

CsvRowEnd FindCsvRowEnd(std::string_view text, char delimiter) {
  size_t i = 0;
  while (true) {  // one field a turn
    if (i < text.size() && text[i] == '"') {
      for (++i;; ++i) {
        i = text.find('"', i);
        if (i == std::string_view::npos || i + 1 == text.size()) {
          return {CsvRowEnd::Kind::kMore, text.size()};
        }
        if (text[++i] != '"') break;
      }
      if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') ++i;
      if (text[i] == '\n') return {CsvRowEnd::Kind::kRow, i};
      if (text[i] == '\r' && i + 1 == text.size()) return {CsvRowEnd::Kind::kMore, i};
      if (text[i] != delimiter) return {CsvRowEnd::Kind::kBad, i};
      ++i;
      continue;
    }
    while (i < text.size() && text[i] != delimiter && text[i] != '\n') ++i;
    if (i == text.size()) return {CsvRowEnd::Kind::kMore, i};
    if (text[i] == '\n') return {CsvRowEnd::Kind::kRow, i};
    ++i;
  }
}

// The fields of one whole row, unquoted.
void SplitCsvRow(std::string_view row, char delimiter, std::vector<std::string>& fields) {
  size_t count = 0;
  size_t i = 0;
  while (true) {
    if (fields.size() == count) fields.emplace_back();
    std::string& field = fields[count++];
    field.clear();
    if (i < row.size() && row[i] == '"') {
      ++i;
      while (i < row.size()) {
        const size_t quote = std::min(row.find('"', i), row.size());
        field.append(row.substr(i, quote - i));
        i = quote + 1;
        if (i >= row.size() || row[i] != '"') break;
        field.push_back('"');
        ++i;
      }
      i = std::min(i, row.size());
    }
    const size_t end = std::min(row.find(delimiter, i), row.size());
    field.append(row.substr(i, end - i));
    if (end == row.size()) break;
    i = end + 1;
  }
  fields.resize(count);
}

// The columns of a CSV of audit records.
struct CsvHeader {
  static constexpr size_t kNone = static_cast<size_t>(-1);
  char delimiter;
  std::vector<std::string> names;
  size_t audit_data = kNone;  // kNone: the row itself is the record (OfficeActivity)
};

// The rows of a unified audit log search, whose record stands in the column AuditData, or of Sentinel's table
// OfficeActivity. A row with more than the record comes as an object of its cells by their columns, for Unwrapper.
class CsvCutter final : public Cutter {
 public:
  CsvCutter(Window& window, CsvHeader header)
      : Cutter(window), header_(std::move(header)), delimiter_(header_.delimiter) {}

  std::optional<Piece> Next() override {
    while (true) {
      const std::string_view rest = window_.Rest();
      const CsvRowEnd end = FindCsvRowEnd(rest, delimiter_);
      if (end.kind == CsvRowEnd::Kind::kMore && !window_.at_end()) {
        if (rest.size() >= AuditFile::kMaxRecordBytes) {
          too_large_ = true;
        } else {
          window_.Fill();
          continue;
        }
      }
      if (too_large_) {
        // No quoting is followed any more: the rest of the line belongs to the row.
        const size_t newline = rest.find('\n');
        if (newline == std::string_view::npos && !window_.at_end()) {
          if (rest.size() < AuditFile::kMaxRecordBytes) {
            window_.Fill();
            continue;
          }
          return TakePart(rest.size());
        }
        too_large_ = false;
        return TakeLastPart(newline == std::string_view::npos ? rest.size() : newline + 1);
      }
      if (rest.empty()) return std::nullopt;
      const bool bad = end.kind == CsvRowEnd::Kind::kBad;
      if (bad || (end.kind == CsvRowEnd::Kind::kMore && EndsInsideQuotes(rest))) {
        // How far the row goes cannot be told any more: it costs its first line, the next line is a row again.
        const size_t newline = rest.find('\n');
        if (newline == std::string_view::npos && !window_.at_end() &&
            rest.size() < AuditFile::kMaxRecordBytes) {
          window_.Fill();
          continue;
        }
        return Damaged(newline == std::string_view::npos ? rest.size() : newline + 1, kNotJson,
                       bad ? "its quotes do not match" : "its quotes are never closed");
      }
      const size_t size = end.kind == CsvRowEnd::Kind::kRow ? end.position + 1 : rest.size();
      const std::string_view row = TrimBlanks(rest.substr(0, size));
      if (row.empty()) {
        Skip(size);
        continue;
      }
      SplitCsvRow(row, delimiter_, fields_);
      if (IsHeader()) {  // again, where files were joined
        Skip(size);
        continue;
      }
      Piece piece;
      piece.offset = window_.offset();
      if (header_.audit_data == CsvHeader::kNone) {
        piece.bytes = RowAsObject({});
      } else {
        if (fields_.size() <= header_.audit_data ||
            TrimBlanks(fields_[header_.audit_data]).empty()) {
          return Damaged(size, kNoAuditData, "it has nothing in the column AuditData");
        }
        const std::string_view record = TrimBlanks(fields_[header_.audit_data]);
        if (record.find('\n') != std::string_view::npos ? !IsOneValueOfLines(record)
                                                        : !IsOneValue(record, follower_)) {
          return Damaged(size, kNotJson,
                         "its AuditData is no JSON: brackets or quotes do not match");
        }
        piece.alone = record.front() != '{';
        piece.bytes = piece.alone || header_.names.size() == 1 ? record : RowAsObject(record);
      }
      Skip(size);
      return piece;
    }
  }

 private:
  void Skip(size_t size) {
    const std::string_view taken = window_.Take(size);
    line_ += std::count(taken.begin(), taken.end(), '\n');
  }

  Piece Damaged(size_t size, std::string_view damage, std::string_view what) {
    const uint64_t line = line_ + 1;
    const std::string_view row = window_.Rest().substr(0, size);
    const uint64_t begin = window_.offset();
    Skip(size);
    return Piece::Damaged(
        TrimBlanks(row), begin, damage,
        absl::StrCat("the row at line ", line, " holds no record: ", ToAbsl(what)));
  }

  bool EndsInsideQuotes(std::string_view row) const {
    // A last row without its line break ends like one that has it, unless a quote is open.
    return FindCsvRowEnd(std::string(row) + "\n", delimiter_).kind == CsvRowEnd::Kind::kMore;
  }

  // A JSON text over several lines inside of one field.
  bool IsOneValueOfLines(std::string_view record) {
    std::string one_line(record);
    std::replace(one_line.begin(), one_line.end(), '\n', ' ');
    return IsOneValue(one_line, follower_);
  }

  bool IsHeader() const {
    if (header_.audit_data != CsvHeader::kNone) {
      return header_.audit_data < fields_.size() &&
             EqualsIgnoreCase(TrimBlanks(fields_[header_.audit_data]), kAuditData);
    }
    return fields_ == header_.names;
  }

  // The cells that are not empty, `record` as what AuditData holds.
  std::string_view RowAsObject(std::string_view record) {
    row_.clear();
    JsonWriter json(&row_);
    json.BeginObject();
    for (size_t i = 0; i < fields_.size(); ++i) {
      if (fields_[i].empty()) continue;
      if (i >= header_.names.size()) {
        json.Key(absl::StrCat("column ", i + 1)).Value(fields_[i]);
      } else if (i == header_.audit_data) {
        json.Key(kAuditData).Raw(record);
      } else {
        json.Key(TrimBlanks(header_.names[i])).Value(fields_[i]);
      }
    }
    json.EndObject();
    return row_;
  }

  const CsvHeader header_;
  const char delimiter_;
  std::string row_;
  bool too_large_ = false;
  uint64_t line_ = 1;  // of the header, which was read before
  std::vector<std::string> fields_;
  JsonFollower follower_;
};

std::string_view FirstLine(std::string_view text) { return text.substr(0, text.find('\n')); }

// Nothing when the line is no header of audit records.
std::optional<CsvHeader> ReadCsvHeader(std::string_view line) {
  CsvHeader header;
  for (const char delimiter : {',', ';', '\t'}) {
    header.delimiter = delimiter;
    SplitCsvRow(line, delimiter, header.names);
    bool workload = false;
    bool operation = false;
    for (size_t i = 0; i < header.names.size(); ++i) {
      const std::string_view name = TrimBlanks(header.names[i]);
      if (EqualsIgnoreCase(name, kAuditData)) header.audit_data = i;
      workload |= name == "OfficeWorkload";
      operation |= name == "Operation";
    }
    if (header.audit_data != CsvHeader::kNone || (workload && operation)) return header;
  }
  return std::nullopt;
}

// Tells the format from the beginning of the file and steps over what precedes the records.
absl::StatusOr<std::unique_ptr<Cutter>> ChooseCutter(Window& window) {
  const std::string& name = window.source().name();
  const auto unknown = [&](std::string_view what) {
    return absl::InvalidArgumentError(absl::StrCat(
        name, ": ", ToAbsl(what),
        "; expected audit records as JSON lines, a JSON array, or a CSV with the column "
        "AuditData or Sentinel's OfficeWorkload, plain or gzip"));
  };
  std::unique_ptr<Cutter> values = std::make_unique<ValueCutter>(window);
  while (window.Rest().size() < kBom.size() && !window.at_end()) window.Fill();
  if (window.Rest().substr(0, 2) == "\xff\xfe" || window.Rest().substr(0, 2) == "\xfe\xff") {
    return unknown("the text is UTF-16, save it as UTF-8");
  }
  if (window.Rest().substr(0, 4) == "PK\x03\x04")
    return unknown("this is a ZIP archive, unpack it");
  if (window.Rest().substr(0, kBom.size()) == kBom) window.Take(kBom.size());

  // The first line that is not blank, whole if it is not too long.
  while (true) {
    const std::string_view rest = window.Rest();
    const size_t blanks = std::min(rest.find_first_not_of(" \t\r\n"), rest.size());
    window.Take(blanks);
    const std::string_view text = window.Rest();
    const bool enough = text.size() >= kPeekBytes || text.find('\n') != std::string_view::npos ||
                        (!text.empty() && text.front() == '[');
    if (enough || window.at_end()) break;
    window.Fill();
  }
  if (window.Rest().empty()) {
    if (!window.error().ok()) return window.error();
    return values;
  }
  if (window.Rest().front() == '[') return values;
  if (window.Rest().front() == '{') {
    const std::string_view first = TrimBlanks(FirstLine(window.Rest()));
    JsonFollower follower;
    const bool over_lines =
        std::strchr("{[,:", first.back()) != nullptr && !IsOneValue(first, follower);
    if (over_lines || !EnvelopeRecords(window.Rest()).empty()) return values;
    return std::make_unique<LineCutter>(window);
  }
  // PowerShell puts the type of its objects before the header.
  if (window.Rest().substr(0, 5) == "#TYPE") window.Take(FirstLine(window.Rest()).size() + 1);
  const std::string_view header = FirstLine(window.Rest());
  if (std::optional<CsvHeader> csv = ReadCsvHeader(TrimBlanks(header))) {
    window.Take(header.size() + 1);
    return std::make_unique<CsvCutter>(window, std::move(*csv));
  }
  // A damaged first line shall not hide the records behind it.
  if (window.Rest().substr(0, kPeekBytes).find("\n{") != std::string_view::npos) {
    return std::make_unique<LineCutter>(window);
  }
  return unknown("the first line is neither JSON nor a CSV header with the column AuditData");
}

}  // namespace

struct AuditFile::Impl {
  explicit Impl(std::unique_ptr<ByteSource> source) : window(std::move(source)) {}

  Window window;
  std::unique_ptr<Cutter> cutter;
  std::optional<Piece> held;  // what did not fit into the last batch
  bool ended = false;
};

uint64_t AuditBlob::OffsetOf(size_t at) const {
  const auto after =
      std::upper_bound(begins.begin(), begins.end(), at,
                       [](size_t value, const Begin& begin) { return value < begin.at; });
  return after == begins.begin() ? 0 : std::prev(after)->offset;
}

AuditFile::AuditFile(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AuditFile::~AuditFile() = default;

absl::StatusOr<std::unique_ptr<AuditFile>> AuditFile::Open(const std::string& path) {
  ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, ByteSource::Open(path));
  auto impl = std::make_unique<Impl>(std::move(source));
  ASSIGN_OR_RETURN(impl->cutter, ChooseCutter(impl->window));
  return std::unique_ptr<AuditFile>(new AuditFile(std::move(impl)));
}

absl::StatusOr<bool> AuditFile::Next(AuditBlob* blob) {
  blob->text.clear();
  blob->begins.clear();
  blob->damage = {};
  blob->error.clear();
  blob->part = 0;
  blob->last_part = true;
  if (impl_->ended) return false;
  while (true) {
    std::optional<Piece> piece = std::exchange(impl_->held, std::nullopt);
    if (!piece.has_value()) piece = impl_->cutter->Next();
    const bool begun = !blob->text.empty();
    if (!piece.has_value()) {
      if (begun) break;
      impl_->ended = true;
      RETURN_IF_ERROR(impl_->window.error());
      if (impl_->cutter->cut_off()) {
        return absl::DataLossError(absl::StrCat(name(), " is cut off: its array has no end"));
      }
      return false;
    }
    const bool alone = piece->alone || !piece->damage.empty();
    if (begun && (alone || blob->text.size() + piece->bytes.size() > kBatchBytes)) {
      impl_->held = std::move(piece);
      break;
    }
    if (alone) {
      blob->text.assign(piece->bytes);
      blob->begins.push_back({0, piece->offset});
      blob->damage = piece->damage;
      blob->error = std::move(piece->error);
      blob->part = piece->part;
      blob->last_part = piece->last_part;
      return true;
    }
    blob->text.push_back(begun ? ',' : '[');
    blob->begins.push_back({begun ? blob->text.size() : 0, piece->offset});
    blob->text.append(piece->bytes);
  }
  blob->text.push_back(']');
  return true;
}

const std::string& AuditFile::name() const { return impl_->window.source().name(); }
uint64_t AuditFile::bytes_read() const { return impl_->window.source().bytes_read(); }
uint64_t AuditFile::size() const { return impl_->window.source().size(); }

}  // namespace picket::parser
