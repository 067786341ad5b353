#include "parser/record_salvage.h"

#include <array>

#include "common/strings.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

constexpr int64_t kSalvageBudget = 64 << 20;
constexpr int kMaxNestedArrays = 8;

}  // namespace

void RecordSalvage::Start(std::string_view blob) {
  levels_.clear();
  levels_.emplace_back(blob, 0);
  is_last_damaged_ = false;
  search_budget_ = kSalvageBudget;
}

std::optional<RecordSalvage::Piece> RecordSalvage::Next() {
  if (std::exchange(is_last_damaged_, false)) return SkipDamage(last_, /*is_rest=*/false);
  while (!levels_.empty()) {
    Level& level = levels_.back();
    if (const std::optional<std::string_view> element = level.splitter.Next()) {
      level.has_elements = true;
      if (Open(*element)) continue;
      last_ = *element;
      return Piece{*element, {}};
    }
    const std::string_view rest = TrimBlanks(level.splitter.rest());
    if (level.splitter.complete() || rest.empty() || (level.is_resumed && rest == "]")) {
      levels_.pop_back();
      continue;
    }
    if (level.depth < kMaxNestedArrays) {  // `rest` may be a cut-off envelope
      if (const std::string_view records = EnvelopeRecords(rest); !records.empty()) {
        level = Level(records, level.depth + 1);
        continue;
      }
    }
    return SkipDamage(rest, /*is_rest=*/true);
  }
  return std::nullopt;
}

bool RecordSalvage::Open(std::string_view element) {
  const int depth = levels_.back().depth;
  if (depth >= kMaxNestedArrays) return false;
  const std::string_view records = element.front() == '[' ? element : EnvelopeRecords(element);
  if (records.empty()) return false;
  levels_.emplace_back(records, depth + 1);
  return true;
}

// Returns the damaged bytes up to the first record after them, and continues at that record. After
// an unclosed quote, strings and the text between strings swap roles. Therefore a damaged piece may
// contain good records, and may end within a record.
RecordSalvage::Piece RecordSalvage::SkipDamage(std::string_view damaged, bool is_rest) {
  static constexpr std::string_view kNotJson = "the record is not JSON";
  Level& level = levels_.back();
  const std::string_view tail = level.text.substr(damaged.data() - level.text.data());
  const size_t found = FindRecord(tail, damaged.size());
  if (found != std::string_view::npos) {
    std::string_view before = TrimBlanks(damaged.substr(0, found));
    if (before.back() == ',') before.remove_suffix(1);
    level = Level(tail.substr(found), level.depth);
    level.has_elements = level.is_resumed = true;
    return {before, kNotJson};
  }
  if (!is_rest) return {damaged, kNotJson};
  const bool has_elements = level.has_elements;
  const bool is_whole_blob = !has_elements && level.depth == 0;
  levels_.pop_back();
  return {damaged,
          has_elements ? "the blob is cut off or damaged: what follows cannot be split into records"
                       : "no JSON array or object",
          is_whole_blob};
}

// Returns the position of a readable record that begins within the first `size` bytes of `tail`,
// but not at its front. Returns npos if no such record is found. The budget limits the cost for
// text that consists of nothing but beginnings of records.
size_t RecordSalvage::FindRecord(std::string_view tail, size_t size) {
  for (size_t at = tail.find("{\"", 1); at < size; at = tail.find("{\"", at + 1)) {
    if (search_budget_ < 0) break;
    const size_t before = tail.find_last_not_of(" \t\r\n", at - 1);
    if (before == std::string_view::npos || (tail[before] != ',' && tail[before] != '}')) continue;
    const std::string_view candidate = tail.substr(at, kLargestRecord);
    const std::optional<std::string_view> element = JsonArraySplitter(candidate).Next();
    search_budget_ -=
        static_cast<int64_t>(element.has_value() ? element->size() : candidate.size());
    if (element.has_value() && is_record_(*element)) return at;
  }
  return std::string_view::npos;
}

bool HasInvalidBytesOutsideStrings(std::string_view text) {
  static constexpr std::array<bool, 256> kValid = [] {
    std::array<bool, 256> valid{};
    for (const char c : std::string_view("{}[]:, \t\r\n0123456789+-.eEtrufalsn")) {
      valid[static_cast<uint8_t>(c)] = true;
    }
    return valid;
  }();
  size_t at = 0;
  while (at < text.size()) {
    const char c = text[at++];
    if (c == '"') {
      while (at < text.size() && text[at] != '"') at += text[at] == '\\' ? 2 : 1;
      ++at;
    } else if (!kValid[static_cast<uint8_t>(c)]) {
      return true;
    }
  }
  return false;
}

}  // namespace picket::parser
