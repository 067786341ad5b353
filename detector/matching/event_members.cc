#include "detector/matching/event_members.h"

namespace picket::detector {

std::string_view EventMembers::Find(std::string_view key) const {
  // At least four tokens must be left: the key, the colon, the value, and the token after the
  // value, which can be the closing brace of the event.
  for (uint32_t token = 1; token + 3 < tokens_->count();) {
    const std::string_view written = tokens_->bytes(token);
    const uint32_t value = token + 2, end = tokens_->EndOf(value);
    if (end >= tokens_->count()) return {};
    const bool is_found = written.size() == key.size() + 2 && written.front() == '"' &&
                          written.substr(1, key.size()) == key;
    if (is_found) return tokens_->ValueAt(value).raw;
    token = end + 1;
  }
  return {};
}

}  // namespace picket::detector
