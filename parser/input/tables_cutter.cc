#include "parser/input/tables_cutter.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "json/json_members.h"
#include "json/json_skip.h"
#include "json/json_tokens.h"
#include "parser/input/flattened_record.h"

namespace picket::parser {
namespace {

// The part of a table in front of its rows, which names the columns, has at most this size.
constexpr size_t kLargestTableHead = 1 << 20;

// Returns the position of the array that is the value of the first of these members, or npos.
size_t FindArray(std::string_view text, std::string_view lower, std::string_view upper) {
  for (const std::string_view name : {lower, upper}) {
    const size_t at = text.find(name);
    if (at == std::string_view::npos) continue;
    size_t next = SkipJsonBlanks(text, at + name.size());
    if (next >= text.size() || text[next] != ':') continue;
    next = SkipJsonBlanks(text, next + 1);
    if (next < text.size() && text[next] == '[') return next;
  }
  return std::string_view::npos;
}

std::vector<std::string> ColumnNames(std::string_view columns) {
  std::vector<std::string> names;
  for (JsonMembers elements(columns); elements.Next();) {
    std::string_view name = JsonMember(elements.value(), "name");
    if (name.empty()) name = JsonMember(elements.value(), "ColumnName");
    names.emplace_back(JsonStringContent(name));
  }
  return names;
}

}  // namespace

std::unique_ptr<RecordCutter> TablesCutter::Detect(InputWindow& window) {
  const std::string_view beginning = window.Rest().substr(0, 4096);
  if (beginning.substr(0, 1) != "{" || beginning.find("ables\"") == std::string_view::npos) {
    return nullptr;
  }
  while (window.Rest().size() < kDetectionBytes && !window.at_end()) window.Fill();
  const std::string_view start = window.Rest().substr(0, kDetectionBytes);
  const size_t tables = FindArray(start, "\"tables\"", "\"Tables\"");
  const size_t columns = FindArray(start, "\"columns\"", "\"Columns\"");
  if (tables == std::string_view::npos || columns == std::string_view::npos || columns < tables) {
    return nullptr;
  }
  // A record may have a list called tables, too.
  if (start.substr(0, tables).find("Operation") != std::string_view::npos) return nullptr;
  auto cutter = std::make_unique<TablesCutter>(window);
  return cutter->EnterTable() ? std::move(cutter) : nullptr;
}

bool TablesCutter::EnterTable() {
  while (true) {
    const std::string_view rest = window_.Rest();
    const size_t columns = FindArray(rest, "\"columns\"", "\"Columns\"");
    const size_t end =
        columns == std::string_view::npos ? columns : SkipJsonContainer(rest, columns);
    const size_t rows =
        end == std::string_view::npos ? end : FindArray(rest.substr(end), "\"rows\"", "\"Rows\"");
    if (rows == std::string_view::npos) {
      if (window_.at_end()) return false;
      // Rows of a table that was left out may be large.
      if (columns == std::string_view::npos && rest.size() > kLargestTableHead) {
        window_.Consume(rest.size() - kDetectionBytes);
      } else if (rest.size() > 2 * kLargestTableHead) {
        return false;
      }
      window_.Fill();
      continue;
    }
    header_.names = ColumnNames(rest.substr(columns, end - columns));
    if (AcceptColumns(header_.names, header_)) {
      window_.Consume(end + rows + 1);
      in_rows_ = true;
      return true;
    }
    window_.Consume(end);
  }
}

std::optional<CutRecord> TablesCutter::Next() {
  while (true) {
    std::string_view rest = window_.Rest();
    if (!in_rows_) {
      if (!EnterTable()) return std::nullopt;
      continue;
    }
    size_t blanks = 0;
    while (blanks < rest.size() && (IsJsonBlank(rest[blanks]) || rest[blanks] == ',')) ++blanks;
    window_.Consume(blanks);
    rest = window_.Rest();
    if (rest.empty()) {
      if (window_.at_end()) return std::nullopt;
      window_.Fill();
      continue;
    }
    if (rest.front() == ']' && !in_parts()) {
      window_.Consume(1);
      in_rows_ = false;
      continue;
    }
    end_finder_.Start();
    const JsonEndFinder::State state =
        rest.front() == '[' ? end_finder_.Scan(rest) : JsonEndFinder::State::kMismatch;
    if (state == JsonEndFinder::State::kComplete && !in_parts()) {
      return ConsumeRow(end_finder_.end(), /*is_damaged=*/false);
    }
    const bool may_grow = !window_.at_end() && rest.size() < kLargestInputRecord;
    if (state == JsonEndFinder::State::kUnfinished && may_grow) {
      window_.Fill();
      continue;
    }
    // The row ends before the next list that follows a comma and has as many values as a row.
    for (size_t at = rest.find('[', 1); at != std::string_view::npos; at = rest.find('[', at + 1)) {
      const size_t before = rest.find_last_not_of(" \t\r\n", at - 1);
      if (rest[before] != ',') continue;
      end_finder_.Start();
      if (end_finder_.Scan(rest.substr(at)) != JsonEndFinder::State::kComplete) continue;
      if (RowAsObject(rest.substr(at, end_finder_.end())))
        return ConsumeRow(at, /*is_damaged=*/true);
    }
    if (rest.size() >= kLargestInputRecord && !window_.at_end()) return ConsumePart(rest.size());
    if (!window_.at_end()) {
      window_.Fill();
      continue;
    }
    return ConsumeRow(rest.size(), /*is_damaged=*/true);
  }
}

CutRecord TablesCutter::ConsumeRow(size_t size, bool is_damaged) {
  if (in_parts()) return ConsumeLastPart(size);
  const uint64_t begin = window_.offset();
  const std::string_view row = TrimBlanks(window_.Consume(size));
  if (is_damaged || !RowAsObject(row)) {
    return CutRecord::Damaged(row, begin, damage::kNotJson,
                              absl::StrCat("the row at byte ", begin, " is not a list of ",
                                           header_.names.size(), " JSON values"));
  }
  CutRecord record;
  record.bytes = object_;
  record.offset = begin;
  return record;
}

bool TablesCutter::RowAsObject(std::string_view row) {
  const bool is_in_row_member = header_.is_flattened && header_.record_column == CsvHeader::kNone;
  object_ = is_in_row_member ? absl::StrCat("{\"", ToAbsl(kRowMember), "\":{") : std::string("{");
  size_t column = 0;
  bool first = true;
  JsonMembers values(row);
  for (; values.Next(); ++column) {
    if (column >= header_.names.size()) return false;
    if (values.value() == "null" || values.value() == "\"\"") continue;
    absl::StrAppend(&object_, first ? "\"" : ",\"", header_.names[column],
                    "\":", ToAbsl(values.value()));
    first = false;
  }
  object_.append(is_in_row_member ? "}}" : "}");
  // JsonMembers stops at a value that is not JSON.
  return column == header_.names.size();
}

}  // namespace picket::parser
