#include "parser/input/record_finder.h"

#include <algorithm>

#include "parser/input/record_cutter.h"

namespace picket::parser {
namespace {

bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}

// The names may be followed by \" instead of ", because the record may be JSON in a string.
bool LooksLikeRecord(std::string_view object) {
  const bool has_operation = Contains(object, "Operation\"") || Contains(object, "Operation\\\"") ||
                             Contains(object, "\"operation\"") ||
                             Contains(object, "\"Operations\"");
  if (!has_operation) return false;
  for (const std::string_view time :
       {"CreationTime\"", "CreationTime\\\"", "\"createdDateTime\"", "\"CreatedDateTime\"",
        "\"TimeGenerated", "\"CreationDate\""}) {
    if (Contains(object, time)) return true;
  }
  return false;
}

}  // namespace

std::optional<size_t> RecordFinder::Find(std::string_view text, bool is_all) {
  for (size_t at = text.find("{\"", from_); at != std::string_view::npos;
       at = text.find("{\"", at + 1)) {
    from_ = at;
    const size_t before = text.find_last_not_of(" \t\r\n", at - 1);
    if (before == std::string_view::npos || text[before] == ':') continue;
    if (budget_ < 0) break;
    end_finder_.Start();
    const JsonEndFinder::State state = end_finder_.Scan(text.substr(at));
    budget_ -= static_cast<int64_t>(end_finder_.end());
    if (state == JsonEndFinder::State::kUnfinished) {
      const bool may_still_end = !is_all && text.size() - at < kLargestInputRecord / 2;
      if (may_still_end) return std::nullopt;
      continue;
    }
    const std::string_view object = text.substr(at, end_finder_.end());
    if (state == JsonEndFinder::State::kComplete && LooksLikeRecord(object)) return at;
  }
  from_ = std::max<size_t>(text.size(), 2) - 1;
  return std::nullopt;
}

}  // namespace picket::parser
