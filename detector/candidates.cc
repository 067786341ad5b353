#include "detector/candidates.h"

#include <algorithm>

namespace picket::detector {
namespace {

// False when the event, as it is written, cannot hold any keyword of the index.
bool MayHoldKeyword(const RuleIndex& index, std::string_view json) {
  const LiteralScanner* const gate = index.keyword_gate();
  if (gate == nullptr || !IsPlainAsciiJson(json, index.keyword_gate_has_slashes())) return true;
  return gate->Scan(json, [](uint32_t) { return true; });
}

}  // namespace

const std::vector<uint32_t>& CandidateFinder::Find(const RuleIndex& index, EventValues& values) {
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
    for (uint32_t i = values.First(id); i != EventValues::kNone; i = values.Next(i)) {
      const uint32_t value = values.ValueAt(i);
      if (values.value(value).HasText()) LookUp(index, *field, values, value);
    }
  }
  const RuleIndex::Field* const keywords = index.field(kAnyField);
  if (keywords == nullptr || !MayHoldKeyword(index, values.event().json)) return candidates_;
  for (uint32_t value = 0; value < values.size(); ++value) {
    if (!values.value(value).HasText()) continue;
    Add(keywords->present);
    if (keywords->needs_text) LookUp(index, *keywords, values, value);
  }
  return candidates_;
}

void CandidateFinder::LookUp(const RuleIndex& index, const RuleIndex::Field& field,
                             EventValues& values, uint32_t value) {
  const std::string_view text = values.FoldedText(value);
  field.whole.Find(text, [&](uint32_t literal) { Add(index.whole(field, literal)); });
  if (values.value(value).is_fraction) {
    char buffer[32];
    std::string_view canonical;
    if (CanonicalNumber(text, buffer, &canonical)) {
      field.whole.Find(canonical, [&](uint32_t literal) { Add(index.whole(field, literal)); });
    }
  }
  field.begin.Find(text, [&](uint32_t literal) { Add(index.begin(field, literal)); });
  field.end.Find(text, [&](uint32_t literal) { Add(index.end(field, literal)); });
  if (field.inside == nullptr) return;
  field.inside->Scan(text, [&](uint32_t literal) {
    Add(index.inside(field, literal));
    return false;
  });
}

}  // namespace picket::detector
