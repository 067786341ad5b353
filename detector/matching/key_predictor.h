#pragma once

// What the keys of events led to, kept from event to event.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/stable_hash.h"
#include "json/key_compare.h"

namespace picket::detector {

// Events of one kind have their keys in one order. So a key is foretold by the one before it and by its own first letter and
// size, and one comparison tells whether it has come; then it need not be looked up.
// Threads: one. Memory: 64 KiB from the first event on; where that is full, a newer key takes the place of an older one.
class KeyMemory {
 public:
  // The keys that came next, by letter and size.
  using Successors = std::array<uint16_t, 4>;

  struct alignas(64) Known {
    char text[kComparedKey] = {};  // as it is written, from its opening quote to the colon
    uint32_t path = 0;             // of the object that it is in
    uint32_t child = 0;            // the path that it leads to
    uint32_t member_key = 0;       // which of the members that are asked for of a Name/Value list
    Successors after = {};         // itself in the same object
    Successors inside = {};        // the first one of the object that is its value
    uint8_t size = 0;              // 0: nothing is known here
    bool is_dotted = false;        // it holds dots and leads down several levels
    bool is_name = false;          // of a member of a Name/Value list

    bool Is(std::string_view written, uint32_t in) const {
      return in == path && written == std::string_view(text, size);
    }
  };

  // Before an event.
  void Begin() {
    if (slots_.empty()) slots_.resize(kSlots);
  }

  // The key whose `size` bytes begin at `written`, where kComparedKey bytes can be read, in an object of `path`; nullptr
  // when another was foretold.
  Known* Find(const Successors& foretold, const char* written, size_t size, uint32_t path) {
    Known& known = slots_[foretold[SuccessorOf(written, size)]];
    const bool is_this = known.size == size && known.path == path &&
                         IsKeyAt(written, known.text, static_cast<int>(size));
    return is_this ? &known : nullptr;
  }

  // The slot of a key of at most kComparedKey bytes, foretold here from now on. When its `size` is 0 the key is new: all
  // but text and path is to be filled in.
  Known& Keep(Successors& foretold, std::string_view written, uint32_t path) {
    const size_t first = StableHash(written, path) % kSlots;
    size_t slot = first;
    for (size_t i = 0; i < kTries; ++i) {
      const size_t tried = (first + i) % kSlots;
      if (slots_[tried].size != 0 && !slots_[tried].Is(written, path)) continue;
      slot = tried;
      break;
    }
    foretold[SuccessorOf(written.data(), written.size())] = static_cast<uint16_t>(slot);
    Known& known = slots_[slot];
    if (!known.Is(written, path)) {
      known = Known();
      std::memcpy(known.text, written.data(), written.size());
      known.path = path;
    }
    return known;
  }

 private:
  static constexpr size_t kSlots = 1024, kTries = 4;

  static size_t SuccessorOf(const char* written, size_t size) {
    return (static_cast<unsigned char>(written[1]) + size) % std::tuple_size_v<Successors>;
  }

  std::vector<Known> slots_;
};

}  // namespace picket::detector
