#pragma once

// Parses what strings of records contain: times, addresses, numbers, lists. Strings are unescaped
// here.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace picket::twins {

std::string_view TrimSpaces(std::string_view text);

// Milliseconds since 1970.
std::optional<int64_t> ReadTime(std::string_view text);

struct PlainAddress {
  std::string_view ip;
  std::string_view hostname;
  int port = 0;
  friend bool operator==(const PlainAddress& a, const PlainAddress& b) {
    return a.ip == b.ip && a.hostname == b.hostname;  // one machine, whatever the port
  }
};
// The addresses of a list separated by commas. An invalid one has neither ip nor hostname.
std::vector<PlainAddress> ReadAddresses(std::string_view text);

// "4096", "1.0", "1e9"
std::optional<int64_t> ReadInteger(std::string_view text);
std::optional<int64_t> WholeNumber(double number);

// Whether it contains characters that JSON must escape.
bool NeedsEscapes(std::string_view text);
// Returns x for ["x"], and any other string unchanged.
std::string_view ReadListOfOne(std::string_view text);
bool IsMailAddress(std::string_view text);
// The parts without characters that JSON must escape.
std::vector<std::string_view> SplitPlain(std::string_view text, char separator);
// The text between two tags, "<Group>" and "</Group>"; empty if one is missing.
std::optional<std::string_view> Between(std::string_view text, std::string_view open,
                                        std::string_view close);
bool StartsLikeJson(std::string_view text);

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
inline bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}
// Returns an empty string for one that means "no value".
inline std::string_view KnownOrEmpty(std::string_view text) {
  for (const char* nothing :
       {"<null>", "Unknown", "Not Available", "00000000-0000-0000-0000-000000000000"}) {
    if (text == nothing) return {};
  }
  return text;
}
inline std::string_view FirstOf(std::string_view a, std::string_view b) {
  return a.empty() ? b : a;
}

}  // namespace picket::twins
