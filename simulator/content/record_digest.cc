#include "simulator/content/record_digest.h"

#include <xxhash.h>

#include "absl/strings/str_cat.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

constexpr size_t kBeginningBytes = 160;

// Mixes the bits of a hash, so that sums of such hashes rarely collide.
uint64_t Mix(uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

}  // namespace

struct RecordDigester::Hash {
  XXH3_state_t* state = XXH3_createState();
  ~Hash() { XXH3_freeState(state); }
};

RecordDigester::RecordDigester() : hash_(std::make_unique<Hash>()) {}
RecordDigester::~RecordDigester() = default;

void RecordDigester::BeginRecord(char first) {
  state_ = State::kRecord;
  record_ = RecordDigest();
  members_ = 0;
  has_member_ = false;
  is_object_ = first == '{';
  depth_ = is_object_ ? 1 : 0;
}

void RecordDigester::AddToMember(std::string_view bytes) {
  if (!has_member_) {
    has_member_ = true;
    beginning_.clear();
    XXH3_64bits_reset(hash_->state);
  }
  if (beginning_.size() < kBeginningBytes) {
    beginning_.append(bytes.substr(0, kBeginningBytes - beginning_.size()));
  }
  XXH3_64bits_update(hash_->state, bytes.data(), bytes.size());
}

void RecordDigester::EndMember() {
  if (!has_member_) return;
  has_member_ = false;
  ++members_;
  record_.hash += Mix(XXH3_64bits_digest(hash_->state));
  constexpr std::string_view kId = "\"Id\":\"";
  if (is_object_ && record_.id.empty() && beginning_.starts_with(kId) &&
      beginning_.size() < kBeginningBytes && beginning_.back() == '"') {
    record_.id = beginning_.substr(kId.size(), beginning_.size() - kId.size() - 1);
  }
}

void RecordDigester::EndRecord() {
  EndMember();
  record_.hash = Mix(record_.hash + members_ * 0x9e3779b97f4a7c15 + (is_object_ ? 1 : 0));
  digests_.push_back(std::move(record_));
  record_ = RecordDigest();
}

void RecordDigester::Add(std::string_view bytes) {
  size_t at = 0;
  while (at < bytes.size()) {
    const char c = bytes[at];
    switch (state_) {
      case State::kInvalid:
        return;
      case State::kBefore:
        if (c == '[') {
          state_ = State::kArray;
        } else if (!IsBlank(c)) {
          state_ = State::kInvalid;
        }
        ++at;
        break;
      case State::kAfter:
        if (!IsBlank(c)) state_ = State::kInvalid;
        ++at;
        break;
      case State::kArray:
        if (c == ']') {
          state_ = State::kAfter;
          ++at;
        } else if (IsBlank(c) || c == ',') {
          ++at;
        } else {
          BeginRecord(c);
          if (is_object_) ++at;
        }
        break;
      case State::kRecord: {
        if (in_string_) {
          // Adds the string up to its end, or up to the next escape, in one call.
          size_t end = at;
          if (escaped_) {
            escaped_ = false;
            ++end;
          }
          while (end < bytes.size() && bytes[end] != '"' && bytes[end] != '\\') ++end;
          if (end < bytes.size()) {
            if (bytes[end] == '"') {
              in_string_ = false;
            } else {
              escaped_ = true;
            }
            ++end;
          }
          AddToMember(bytes.substr(at, end - at));
          at = end;
          break;
        }
        if (IsBlank(c)) {
          ++at;
          break;
        }
        const int members_depth = is_object_ ? 1 : 0;
        if (c == ',' && depth_ == members_depth) {
          if (is_object_) {
            EndMember();
          } else {
            EndRecord();
            state_ = State::kArray;
          }
          ++at;
          break;
        }
        if (c == '}' && is_object_ && depth_ == 1) {
          EndRecord();
          state_ = State::kArray;
          ++at;
          break;
        }
        if (c == ']' && !is_object_ && depth_ == 0) {
          EndRecord();
          state_ = State::kAfter;
          ++at;
          break;
        }
        if (c == '{' || c == '[') ++depth_;
        if (c == '}' || c == ']') --depth_;
        if (c == '"') in_string_ = true;
        AddToMember(bytes.substr(at, 1));
        ++at;
        break;
      }
    }
  }
}

RecordDigest DigestOf(std::string_view record) {
  RecordDigester digester;
  digester.Add("[");
  digester.Add(record);
  digester.Add("]");
  std::vector<RecordDigest> digests = digester.Take();
  return digests.size() == 1 && digester.complete() ? std::move(digests.front()) : RecordDigest();
}

}  // namespace picket::simulator
