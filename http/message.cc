#include "http/message.h"

#include "common/strings.h"

namespace picket::http {

std::string_view Request::FindHeader(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (EqualsIgnoreCase(key, name)) return value;
  }
  return {};
}

}  // namespace picket::http
