#include "m365/url.h"

#include <charconv>

#include "absl/strings/ascii.h"
#include "common/strings.h"

namespace picket::m365 {

std::optional<Url> ParseUrl(std::string_view text) {
  for (const unsigned char c : text) {
    if (c <= 0x20 || c >= 0x7f || c == '\\' || c == '#') return std::nullopt;
  }
  const size_t colon = text.find("://");
  if (colon == std::string_view::npos) return std::nullopt;
  Url url;
  url.scheme = LowerAscii(text.substr(0, colon));
  if (url.scheme == "https") {
    url.port = 443;
  } else if (url.scheme == "http") {
    url.port = 80;
  } else {
    return std::nullopt;
  }
  text.remove_prefix(colon + 3);

  const size_t authority_end = text.find_first_of("/?");
  std::string_view authority = text.substr(0, authority_end);
  if (authority.find_first_of("@%") != std::string_view::npos) return std::nullopt;
  const size_t bracket = authority.rfind(']');
  const size_t port_colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (port_colon != std::string_view::npos) {
    const std::string_view digits = authority.substr(port_colon + 1);
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), url.port);
    if (error != std::errc() || end != digits.data() + digits.size() || url.port < 1 ||
        url.port > 65535) {
      return std::nullopt;
    }
    authority = authority.substr(0, port_colon);
  }
  if (authority.empty()) return std::nullopt;
  url.host = LowerAscii(authority);

  if (authority_end != std::string_view::npos) {
    text.remove_prefix(authority_end);
    const size_t question = text.find('?');
    url.path = std::string(text.substr(0, question));
    if (question != std::string_view::npos) url.query = std::string(text.substr(question + 1));
  }
  return url;
}

bool IsLoopback(std::string_view host) {
  if (host == "localhost" || host == "[::1]") return true;
  if (!host.starts_with("127.")) return false;
  for (const char c : host) {
    if (c != '.' && !absl::ascii_isdigit(c)) return false;
  }
  return true;
}

std::string PercentEncode(std::string_view text) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (const unsigned char c : text) {
    if (absl::ascii_isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(static_cast<char>(c));
    } else {
      out.push_back('%');
      out.push_back(kHex[c >> 4]);
      out.push_back(kHex[c & 15]);
    }
  }
  return out;
}

}  // namespace picket::m365
