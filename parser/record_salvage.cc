#include "parser/record_salvage.h"

#include <array>
#include <utility>

#include "common/strings.h"
#include "parser/input/unwrapper.h"

namespace picket::parser {
namespace {

constexpr int64_t kSalvageBudget = 64 << 20;
constexpr int kMaxNestedArrays = 8;

}  // namespace

void RecordSalvage::Start(std::string_view blob) {
  levels_.clear();
  decoded_.clear();
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
      last_ = *element;
      if (Open(*element)) continue;
      if (HasSwallowedRecords(*element)) return SkipDamage(*element, /*is_rest=*/false);
      return PieceOf(*element, {});
    }
    const std::string_view rest = TrimBlanks(level.splitter.rest());
    if (level.splitter.complete() || rest.empty() || (level.is_resumed && rest == "]")) {
      levels_.pop_back();
      continue;
    }
    if (level.depth < kMaxNestedArrays) {  // `rest` may be a cut-off envelope
      if (const std::string_view records = EnvelopeRecords(rest); !records.empty()) {
        const std::string_view source = level.source;
        level = Level(records, level.depth + 1);
        level.source = source;
        continue;
      }
    }
    return SkipDamage(rest, /*is_rest=*/true);
  }
  return std::nullopt;
}

bool RecordSalvage::Open(std::string_view element) {
  const int depth = levels_.back().depth;
  std::string_view source = levels_.back().source;
  if (depth >= kMaxNestedArrays) return false;
  std::string decoded;
  std::string_view records = element.front() == '['
                                 ? element
                                 : EnvelopeRecords(element, source.empty() ? &decoded : nullptr);
  if (records.empty()) return false;
  if (!decoded.empty() && records.data() >= decoded.data() &&
      records.data() < decoded.data() + decoded.size()) {
    const size_t begin = records.data() - decoded.data();
    const size_t size = records.size();
    records = std::string_view(decoded_.emplace_back(std::move(decoded))).substr(begin, size);
    source = element;
  }
  levels_.emplace_back(records, depth + 1);
  levels_.back().source = source;
  return true;
}

bool RecordSalvage::HasSwallowedRecords(std::string_view element) {
  const Level& level = levels_.back();
  const std::string_view behind =
      level.text.substr(element.data() + element.size() - level.text.data());
  if (!TrimBlanks(behind).empty() || element.front() != '{') return false;
  return FindRecord(element, element.size()) != std::string_view::npos;
}

RecordSalvage::Piece RecordSalvage::PieceOf(std::string_view bytes, std::string_view error) const {
  const std::string_view source = levels_.back().source;
  return {bytes, error, /*is_whole_blob=*/false, source.empty() ? bytes : source};
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
    const Piece piece = PieceOf(before, kNotJson);
    const std::string_view source = level.source;
    level = Level(tail.substr(found), level.depth);
    level.source = source;
    level.has_elements = level.is_resumed = true;
    return piece;
  }
  if (!is_rest) return PieceOf(damaged, kNotJson);
  const bool has_elements = level.has_elements;
  Piece piece = PieceOf(
      damaged, has_elements
                   ? "the blob is cut off or damaged: what follows cannot be split into records"
                   : "no JSON array or object");
  piece.is_whole_blob = !has_elements && level.depth == 0;
  levels_.pop_back();
  return piece;
}

// Returns the position of a readable record that begins within the first `size` bytes of `tail`,
// but not at its front. Returns npos if no such record is found. The budget limits the cost for
// text that consists of nothing but beginnings of records.
size_t RecordSalvage::FindRecord(std::string_view tail, size_t size) {
  for (size_t at = tail.find("{\"", 1); at < size; at = tail.find("{\"", at + 1)) {
    if (search_budget_ < 0) break;
    const size_t before = tail.find_last_not_of(" \t\r\n", at - 1);
    if (before == std::string_view::npos || tail[before] == ':') continue;
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
