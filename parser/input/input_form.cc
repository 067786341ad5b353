#include "parser/input/input_form.h"

#include <algorithm>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "json/json_skip.h"
#include "parser/input/csv_cutter.h"
#include "parser/input/csv_row.h"
#include "parser/input/foreign_export.h"
#include "parser/input/json_lines_cutter.h"
#include "parser/input/json_values_cutter.h"
#include "parser/input/prefixed_lines_cutter.h"
#include "parser/input/tables_cutter.h"

namespace picket::parser {
namespace {

using DetectFunction = std::unique_ptr<RecordCutter> (*)(InputWindow& window);

// The forms in the order in which they are tried.
constexpr DetectFunction kForms[] = {
    TablesCutter::Detect, JsonValuesCutter::Detect,    JsonLinesCutter::Detect,
    CsvCutter::Detect,    PrefixedLinesCutter::Detect, JsonLinesCutter::DetectBehindDamage,
};

absl::Status Unknown(const InputWindow& window) {
  return absl::InvalidArgumentError(absl::StrCat(
      window.source().name(),
      ": the beginning is neither JSON nor a CSV header with the columns of an audit record; "
      "expected audit records as JSON lines, a JSON array, or a CSV, also compressed or in an "
      "archive"));
}

absl::Status Foreign(const InputWindow& window, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(window.source().name(), " is ", ToAbsl(what),
                                                 ", not an export of the unified audit log"));
}

// Skips blank lines, and reads until the window contains the whole first line that is not blank.
// Stops earlier if that line is too long or begins with '['.
void ReadFirstLine(InputWindow& window) {
  while (true) {
    const std::string_view rest = window.Rest();
    window.Consume(std::min(rest.find_first_not_of(" \t\r\n"), rest.size()));
    const std::string_view text = window.Rest();
    const bool is_enough = text.size() >= kDetectionBytes ||
                           text.find('\n') != std::string_view::npos ||
                           (!text.empty() && text.front() == '[');
    if (is_enough || window.at_end()) return;
    window.Fill();
  }
}

// Returns true if the text contains a whole object.
bool HasWholeObject(std::string_view text) {
  const size_t begin = text.find('{');
  return begin != std::string_view::npos &&
         SkipJsonContainer(text, begin) != std::string_view::npos;
}

// Returns what a file of JSON is, if it is certainly no export of the audit log.
std::string_view DescribeJson(InputWindow& window) {
  if (window.Rest().empty() || (window.Rest().front() != '{' && window.Rest().front() != '[')) {
    return {};
  }
  // A pipe may wait for its writer, so this loop reads no more than it needs.
  while (window.Rest().size() < kDetectionBytes && !window.at_end() &&
         !HasWholeObject(window.Rest())) {
    window.Fill();
  }
  return DescribeForeignJson(window.Rest().substr(0, kDetectionBytes));
}

// Returns what a CSV is, if its columns are known.
std::string_view DescribeCsv(std::string_view text) {
  for (const char delimiter : {',', ';', '\t', '|'}) {
    CsvDialect dialect;
    dialect.delimiter = delimiter;
    std::vector<std::string> names;
    SplitCsvRow(TrimBlanks(text.substr(0, text.find_first_of("\r\n"))), dialect, names);
    if (const std::string_view what = DescribeForeignNames(names); !what.empty()) return what;
  }
  return {};
}

// Returns true if the bytes contain a control character that no text contains.
bool IsBinary(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f' && byte != 0x1b;
  });
}

}  // namespace

absl::StatusOr<std::unique_ptr<RecordCutter>> DetectForm(InputWindow& window) {
  static constexpr size_t kMagicBytes = 16;
  while (window.Rest().size() < kMagicBytes && !window.at_end()) window.Fill();
  if (const std::string_view what = DescribeForeignBytes(window.Rest().substr(0, kMagicBytes));
      !what.empty()) {
    return Foreign(window, what);
  }
  if (window.Rest().substr(0, kUtf8Bom.size()) == kUtf8Bom) window.Consume(kUtf8Bom.size());
  ReadFirstLine(window);
  if (window.Rest().empty() && !window.error().ok()) return window.error();
  if (const std::string_view what = DescribeJson(window); !what.empty()) {
    return Foreign(window, what);
  }
  for (const DetectFunction detect : kForms) {
    if (std::unique_ptr<RecordCutter> cutter = detect(window)) return cutter;
  }
  if (!window.error().ok()) return window.error();
  const std::string_view text = window.Rest().substr(0, kDetectionBytes);
  if (IsBinary(text.substr(0, 512))) {
    return Foreign(window, "binary or compressed data of an unknown kind");
  }
  if (const std::string_view what = DescribeCsv(text); !what.empty()) return Foreign(window, what);
  return Unknown(window);
}

}  // namespace picket::parser
