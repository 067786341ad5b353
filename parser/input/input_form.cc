#include "parser/input/input_form.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "parser/input/csv_cutter.h"
#include "parser/input/json_lines_cutter.h"
#include "parser/input/json_values_cutter.h"

namespace picket::parser {
namespace {

using DetectFunction = std::unique_ptr<RecordCutter> (*)(InputWindow& window);

// The forms in the order in which they are tried.
constexpr DetectFunction kForms[] = {
    JsonValuesCutter::Detect,
    JsonLinesCutter::Detect,
    CsvCutter::Detect,
    JsonLinesCutter::DetectBehindDamage,
};

absl::Status Unknown(const InputWindow& window, std::string_view what) {
  return absl::InvalidArgumentError(absl::StrCat(
      window.source().name(), ": ", ToAbsl(what),
      "; expected audit records as JSON lines, a JSON array, or a CSV with the column AuditData or "
      "Sentinel's OfficeWorkload, plain or gzip"));
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

}  // namespace

absl::StatusOr<std::unique_ptr<RecordCutter>> DetectForm(InputWindow& window) {
  while (window.Rest().size() < kUtf8Bom.size() && !window.at_end()) window.Fill();
  const std::string_view start = window.Rest().substr(0, 4);
  if (start.substr(0, 2) == "\xff\xfe" || start.substr(0, 2) == "\xfe\xff") {
    return Unknown(window, "the text is UTF-16, save it as UTF-8");
  }
  if (start == "PK\x03\x04") return Unknown(window, "this is a ZIP archive, unpack it");
  if (start.substr(0, kUtf8Bom.size()) == kUtf8Bom) window.Consume(kUtf8Bom.size());
  ReadFirstLine(window);
  if (window.Rest().empty() && !window.error().ok()) return window.error();
  for (const DetectFunction detect : kForms) {
    if (std::unique_ptr<RecordCutter> cutter = detect(window)) return cutter;
  }
  return Unknown(window,
                 "the first line is neither JSON nor a CSV header with the column AuditData");
}

}  // namespace picket::parser
