#include "parser/input/prefixed_lines_cutter.h"

#include "common/strings.h"
#include "json/json_end_finder.h"

namespace picket::parser {
namespace {

constexpr size_t kLongestPrefix = 1024;

// Returns the object at the end of the line, or an empty view.
std::string_view ObjectOf(std::string_view line) {
  const size_t begin = line.substr(0, kLongestPrefix).find("{\"");
  return begin == std::string_view::npos ? std::string_view() : line.substr(begin);
}

}  // namespace

std::unique_ptr<RecordCutter> PrefixedLinesCutter::Detect(InputWindow& window) {
  const std::string_view rest = window.Rest().substr(0, kDetectionBytes);
  const std::string_view line = TrimBlanks(rest.substr(0, rest.find('\n')));
  const std::string_view object = ObjectOf(line);
  // If no blank precedes the object, the line is a damaged record.
  if (object.empty() || object.size() == line.size()) return nullptr;
  const char before = line[line.size() - object.size() - 1];
  if (before != ' ' && before != '\t') return nullptr;
  return JsonEndFinder().IsOneValue(object) ? std::make_unique<PrefixedLinesCutter>(window)
                                            : nullptr;
}

std::string_view PrefixedLinesCutter::RecordOf(std::string_view line) const {
  const std::string_view object = ObjectOf(line);
  return object.empty() ? line : object;
}

}  // namespace picket::parser
