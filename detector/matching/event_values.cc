#include "detector/matching/event_values.h"

#include <algorithm>

#include "detector/text/fold.h"
#include "sigma/network.h"

namespace picket::detector {

void EventValues::Begin(const ParsedEvent& event) {
  event_ = &event;
  Clear();
  if (derived_.size() < event.values.size()) derived_.resize(event.values.size() * 2);
  next_.resize(event.entries.size());
  for (uint32_t i = 0; i < event.entries.size(); ++i) AddEntry(i);
}

void EventValues::Clear() {
  present_.clear();
  arena_.Reset();
  ok_ = true;
  if (++epoch_ != 0) return;
  epoch_ = 1;
  std::fill(slots_.begin(), slots_.end(), Slot());
  std::fill(derived_.begin(), derived_.end(), Derived());
}

// Adds a value to its field. The field a.b can be written as the key "a.b" or as the key "b" of an
// object "a". If the event contains both, the key with the dot has priority: the values of the
// nested key are dropped.
void EventValues::AddEntry(uint32_t index) {
  const ParsedEvent::Entry entry = event_->entries[index];
  Slot& slot = slots_[entry.field];
  next_[index] = kNone;
  if (slot.epoch != epoch_) {
    present_.push_back(entry.field);
    slot = {epoch_, index, index, entry.is_dotted != 0};
    return;
  }
  if ((entry.is_dotted != 0) == slot.has_dotted) {
    next_[slot.last] = index;
    slot.last = index;
  } else if (entry.is_dotted != 0) {
    slot = {epoch_, index, index, true};
  }
}

std::string_view EventValues::Unescaped(uint32_t index) {
  Derived& derived = derived_[index];
  if (derived.text_epoch != epoch_) {
    const std::string_view raw = event_->values[index].raw();
    char* const out = arena_.Allocate(raw.size() + kFoldSlack);
    size_t size = 0;
    if (!UnescapeJson(raw, out, size)) {
      ok_ = false;
      size = 0;
    }
    derived.text = out;
    derived.text_size = static_cast<uint32_t>(size);
    derived.text_epoch = epoch_;
  }
  return {derived.text, derived.text_size};
}

std::string_view EventValues::AddressText(uint32_t index) {
  Derived& derived = derived_[index];
  if (derived.address_epoch != epoch_) {
    derived.address_epoch = epoch_;
    derived.address_size = 0;
    sigma::Address address;
    if (sigma::ParseAddress(Text(index), address)) {
      char* const out = arena_.Allocate(sigma::kMaxAddressText);
      derived.address = out;
      derived.address_size = static_cast<uint32_t>(sigma::WriteAddress(address, out));
    }
  }
  return {derived.address, derived.address_size};
}

void EventValues::FoldValue(uint32_t index) {
  const EventValue& value = event_->values[index];
  Derived& derived = derived_[index];
  char* const out = arena_.Allocate(value.size + kFoldSlack);
  size_t size = 0;
  if (!value.is_escaped) {
    size = Fold(value.raw(), out);
  } else if (!FoldJson(value.raw(), out, size)) {
    ok_ = false;
    size = 0;
  }
  derived.folded = out;
  derived.folded_size = static_cast<uint32_t>(size);
  derived.folded_epoch = epoch_;
}

}  // namespace picket::detector
