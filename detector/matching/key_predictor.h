#pragma once

// Predicts the keys of an event from the keys of earlier events, so most keys need no lookup.

#include <array>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <vector>

#include "common/stable_hash.h"
#include "json/key_compare.h"

namespace picket::detector {

// Events of one kind have their keys in the same order. The next key is predicted from the previous
// key and from the first letter and the length of the next key. One comparison confirms the
// prediction, so the meaning of the key is known without a lookup.
// Threads: Use each instance from one thread. Memory: A predictor allocates 64 KiB for the first
// event. If there is no free slot for a new key, the new key replaces an older key.
class KeyPredictor {
 public:
  // The slots of four keys that came next in earlier events. PredictionOf selects one of the four
  // by the first letter and the length of the key.
  using Predictions = std::array<uint16_t, 4>;

  struct alignas(64) Key {
    char text[kComparedKey] = {};  // as in the event, from the opening quote to the colon
    uint32_t path = 0;             // the path of the object that contains the key
    uint32_t child = 0;            // the path to which the key leads
    uint32_t member_key = 0;       // index in PathNode::pivot_keys, for a key in a Name/Value list
    Predictions after = {};        // predictions for the next key of the same object
    Predictions inside = {};       // predictions for the first key inside the value
    uint8_t size = 0;              // size of `text`; 0 if the slot is empty
    bool is_dotted = false;        // the key contains dots and leads down several levels
    bool is_name = false;          // the key is the Name of a member of a Name/Value list

    bool Is(std::string_view written, uint32_t in) const {
      return in == path && written == std::string_view(text, size);
    }
  };

  // Call this function before each event.
  void Begin() {
    if (slots_.empty()) slots_.resize(kSlots);
  }

  // Returns the key that begins at `written` and has `size` bytes, if this key was predicted and
  // the current object is at `path`. Otherwise, returns nullptr. At least kComparedKey bytes must
  // be readable at `written`.
  Key* Find(const Predictions& predictions, const char* written, size_t size, uint32_t path) {
    Key& key = slots_[predictions[PredictionOf(written, size)]];
    const bool is_this =
        key.size == size && key.path == path && IsKeyAt(written, key.text, static_cast<int>(size));
    return is_this ? &key : nullptr;
  }

  // Returns the slot of a key of at most kComparedKey bytes and adds it to `predictions`. If the
  // key is new, its `size` is 0, and the caller must fill in all members except `text` and `path`.
  Key& Add(Predictions& predictions, std::string_view written, uint32_t path) {
    const size_t first = StableHash(written, path) % kSlots;
    size_t slot = first;
    for (size_t i = 0; i < kTries; ++i) {
      const size_t tried = (first + i) % kSlots;
      if (slots_[tried].size != 0 && !slots_[tried].Is(written, path)) continue;
      slot = tried;
      break;
    }
    predictions[PredictionOf(written.data(), written.size())] = static_cast<uint16_t>(slot);
    Key& key = slots_[slot];
    if (!key.Is(written, path)) {
      key = Key();
      std::memcpy(key.text, written.data(), written.size());
      key.path = path;
    }
    return key;
  }

 private:
  static constexpr size_t kSlots = 1024, kTries = 4;

  static size_t PredictionOf(const char* written, size_t size) {
    return (static_cast<unsigned char>(written[1]) + size) % std::tuple_size_v<Predictions>;
  }

  std::vector<Key> slots_;
};

}  // namespace picket::detector
