#pragma once

// Parses the content of strings in records: times, addresses, numbers and lists. All parameters are
// unescaped strings.

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace picket::twins {

std::string_view TrimSpaces(std::string_view text);

// Reads a time as milliseconds since 1970. Returns nullopt if the text is not a time.
std::optional<int64_t> ReadTime(std::string_view text);

struct PlainAddress {
  std::string_view ip;
  std::string_view hostname;
  int port = 0;
  friend bool operator==(const PlainAddress& a, const PlainAddress& b) {
    return a.ip == b.ip && a.hostname == b.hostname;  // the same host with another port is equal
  }
};
// Reads a list of addresses separated by commas. An invalid address has neither ip nor hostname.
std::vector<PlainAddress> ReadAddresses(std::string_view text);

// Reads a whole number, such as "4096", "1.0" or "1e9".
std::optional<int64_t> ReadInteger(std::string_view text);
std::optional<int64_t> WholeNumber(double number);

// Returns true if the text contains characters that JSON must escape.
bool NeedsEscapes(std::string_view text);
// If the text is a JSON list of one string, such as ["x"], returns that string. Returns any other
// text unchanged.
std::string_view ReadListOfOne(std::string_view text);
bool IsMailAddress(std::string_view text);
// Splits the text. Leaves out parts with characters that JSON must escape.
std::vector<std::string_view> SplitPlain(std::string_view text, char separator);
// Returns the text between two tags, such as "<Group>" and "</Group>". Returns nullopt if a tag is
// missing.
std::optional<std::string_view> Between(std::string_view text, std::string_view open,
                                        std::string_view close);
bool StartsLikeJson(std::string_view text);

inline bool Contains(std::string_view text, std::string_view part) {
  return text.find(part) != std::string_view::npos;
}
inline bool StartsWith(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}
// Returns the string, or an empty view if the string means "no value".
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
