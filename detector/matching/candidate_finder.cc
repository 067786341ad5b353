#include "detector/matching/candidate_finder.h"

#include <algorithm>

#include "detector/matching/canonical_number.h"

namespace picket::detector {
namespace {

// Returns whether `size` bytes of the event's JSON, beginning at `at`, all belong to one value that
// keywords search. The binary search requires that the values are in the order of the event.
bool AreInSearchedValue(const ParsedEvent& event, size_t at, size_t size) {
  const char* const begin = event.json.data() + at;
  const auto next = std::upper_bound(
      event.values.begin(), event.values.end(), begin,
      [](const char* position, const EventValue& value) { return position < value.data; });
  if (next == event.values.begin()) return false;
  const EventValue& value = *(next - 1);
  return value.is_searched && value.HasText() && begin + size <= value.data + value.size;
}

}  // namespace

const std::vector<uint32_t>& CandidateFinder::Find(const RuleIndex& index, EventValues& values,
                                                   RulesOut rules_out) {
  candidates_.clear();
  if (++epoch_ == 0) {
    std::fill(seen_.begin(), seen_.end(), 0);
    epoch_ = 1;
  }
  Add(index.always());
  for (const FieldId id : values.present()) {
    const RuleIndex::Field* const field = index.field(id);
    if (field == nullptr) continue;
    Add(field->present);
    if (!field->needs_text) continue;
    const uint32_t first = values.First(id);
    const bool is_alone = values.Next(first) == EventValues::kNone;
    for (uint32_t i = first; i != EventValues::kNone; i = values.Next(i)) {
      const uint32_t value = values.ValueAt(i);
      if (!values.value(value).HasText()) continue;
      LookUp(index, *field, values, value, is_alone, id, rules_out);
    }
  }
  const RuleIndex::Field* const keywords = index.field(kAnyField);
  if (keywords != nullptr) FindKeywords(index, *keywords, values, rules_out);
  return candidates_;
}

void CandidateFinder::FindKeywords(const RuleIndex& index, const RuleIndex::Field& keywords,
                                   EventValues& values, RulesOut rules_out) {
  const RuleIndex::KeywordGate& gate = index.keyword_gate();
  const ParsedEvent& event = values.event();
  if (gate.scanner != nullptr && IsPlainAsciiJson(event.json)) {
    gate.scanner->Scan(event.json, [&](uint32_t literal, size_t at) {
      const RuleIndex::Candidates roots =
          index.roots(keywords, keywords.first_inside + gate.keywords[literal]);
      if (!AreAllSeen(roots) && AreInSearchedValue(event, at, gate.written[literal].size())) {
        Add(roots);
      }
      return false;
    });
    return;
  }
  for (uint32_t value = 0; value < values.size(); ++value) {
    if (!values.value(value).is_searched || !values.value(value).HasText()) continue;
    Add(keywords.present);
    if (keywords.needs_text) LookUp(index, keywords, values, value, false, kAnyField, rules_out);
  }
}

void CandidateFinder::LookUp(const RuleIndex& index, const RuleIndex::Field& field,
                             EventValues& values, uint32_t value, bool is_alone, FieldId id,
                             RulesOut rules_out) {
  const bool is_cacheable = caches_ && field.is_costly;
  if (is_cacheable) {
    const auto cached = cache_.Find(field, values.value(value), is_alone);
    if (cached.has_value()) return Add(*cached);
  }
  found_.clear();
  const std::string_view text = values.FoldedText(value);
  const auto find = [this](const auto& literals, std::string_view where, uint32_t first) {
    literals.Find(where, [&](uint32_t literal) { found_.push_back(first + literal); });
  };
  find(field.whole, text, 0);
  if (values.value(value).is_fraction) {
    char buffer[32];
    std::string_view canonical;
    if (CanonicalNumber(text, buffer, &canonical)) find(field.whole, canonical, 0);
  }
  const auto find_parts = [&](std::string_view where) {
    find(field.begin, where, field.first_begin);
    find(field.end, where, field.first_end);
    if (field.inside == nullptr) return;
    field.inside->Scan(where, [&](uint32_t literal, size_t) {
      found_.push_back(field.first_inside + literal);
      return false;
    });
  };
  find_parts(text);
  if (field.is_address) {
    const std::string_view address = values.AddressText(value);
    if (!address.empty() && address != text) {
      find(field.whole, address, 0);
      find_parts(address);
    }
  }
  for (const uint32_t literal : found_) Add(index.roots(field, literal));
  if (!is_cacheable || !cache_.HasRecurred()) return;
  cached_.clear();
  for (const uint32_t literal : found_) {
    for (const uint32_t root : index.roots(field, literal)) {
      if (cached_.size() > ValueCache::kMaxRoots) break;
      if (std::find(cached_.begin(), cached_.end(), root) != cached_.end()) continue;
      if (!is_alone || !rules_out(root, id, value)) cached_.push_back(root);
    }
  }
  if (values.ok()) cache_.Add(cached_);
}

}  // namespace picket::detector
