#pragma once

// The values of the current event, indexed by field. Each string is unescaped and folded at most
// once, when it is first needed.

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "detector/matching/parsed_event.h"

namespace picket::detector {

// Memory for strings that live as long as the current event. The arena frees all strings at once
// and keeps its memory for the next event.
// Threads: Use each instance from one thread. Lifetime: Allocated memory is valid until the next
// Reset.
class Arena {
 public:
  char* Allocate(size_t size) {
    while (block_ < blocks_.size() && used_ + size > blocks_[block_].size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const size_t capacity = size > kBlock ? size : kBlock;
      blocks_.push_back({std::make_unique<char[]>(capacity), capacity});
      used_ = 0;
    }
    char* const allocated = blocks_[block_].bytes.get() + used_;
    used_ += size;
    return allocated;
  }
  void Reset() {
    block_ = 0;
    used_ = 0;
  }

 private:
  static constexpr size_t kBlock = 64 << 10;
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0, used_ = 0;
};

// Gives access to the values of one event at a time.
// Threads: Use each instance from one thread. Lifetime: The object is reused from event to event;
// views are valid until the next Begin.
class EventValues {
 public:
  static constexpr uint32_t kNone = UINT32_MAX;

  explicit EventValues(size_t field_count) : slots_(field_count) {}

  // Sets the current event, which must stay valid until the next Begin or Clear.
  void Begin(const ParsedEvent& event);
  // Forgets the event.
  void Clear();

  // Returns the first entry of a field, or kNone. The following loop visits all values of a field
  // in the order of the event:
  //   for (uint32_t i = First(field); i != kNone; i = Next(i)) value(ValueAt(i));
  // kAnyField has no entries, because keywords apply to all values.
  uint32_t First(FieldId field) const {
    const Slot& slot = slots_[field];
    return slot.epoch == epoch_ ? slot.first : kNone;
  }
  uint32_t Next(uint32_t entry) const { return next_[entry]; }
  uint32_t ValueAt(uint32_t entry) const { return event_->entries[entry].value; }

  const std::vector<FieldId>& present() const { return present_; }
  const ParsedEvent& event() const { return *event_; }
  uint32_t size() const { return static_cast<uint32_t>(event_->values.size()); }
  const EventValue& value(uint32_t index) const { return event_->values[index]; }

  // Text returns the unescaped string of a value, and FoldedText returns it folded. HasText() must
  // be true for the value. If the value contains an invalid escape, the result is empty, and ok()
  // is false until the next Begin or Clear.
  std::string_view Text(uint32_t index) {
    const EventValue& value = event_->values[index];
    return value.is_escaped ? Unescaped(index) : value.raw();
  }
  std::string_view FoldedText(uint32_t index) {
    Derived& derived = derived_[index];
    if (derived.folded_epoch != epoch_) FoldValue(index);
    return {derived.folded, derived.folded_size};
  }
  // Returns the address in a value for which HasText() is true, in canonical form and without a
  // port. The result is empty if the value is not an address.
  std::string_view AddressText(uint32_t index);
  bool ok() const { return ok_; }

 private:
  struct Slot {
    uint32_t epoch = 0;
    uint32_t first = kNone, last = kNone;
    bool has_dotted = false;
  };
  struct Derived {
    const char* folded = nullptr;
    const char* text = nullptr;
    const char* address = nullptr;
    uint32_t folded_size = 0, text_size = 0, address_size = 0;
    uint32_t folded_epoch = 0, text_epoch = 0, address_epoch = 0;
  };

  void AddEntry(uint32_t index);
  std::string_view Unescaped(uint32_t index);
  void FoldValue(uint32_t index);

  const ParsedEvent* event_ = nullptr;
  uint32_t epoch_ = 0;  // number of the current event; a Slot with another number is empty
  std::vector<Slot> slots_;
  std::vector<uint32_t> next_;  // for each entry, the next entry of the same field
  std::vector<FieldId> present_;
  std::vector<Derived> derived_;  // indexed by value
  Arena arena_;
  bool ok_ = true;
};

}  // namespace picket::detector
