#include "bench/twins/plain_texts.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <regex>
#include <string>

#include "absl/time/civil_time.h"
#include "common/strings.h"
#include "json/json_tokens.h"

namespace picket::twins {
namespace {

bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// Removes a number of at most `most` digits from the front of `text`, and returns the number.
std::optional<int> TakeDigits(std::string_view& text, size_t most) {
  size_t count = 0;
  int value = 0;
  while (count < most && count < text.size() && IsDigit(text[count])) {
    value = value * 10 + (text[count++] - '0');
  }
  if (count == 0) return std::nullopt;
  text.remove_prefix(count);
  return value;
}

bool TakeOne(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> Milliseconds(int year, int month, int day, int hour, int minute, int second,
                                    int64_t millisecond, int offset_minutes) {
  static constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1990 || year > 2199 || month < 1 || month > 12 || day < 1 || day > kDays[month - 1] ||
      hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const int64_t days = absl::CivilDay(year, month, day) - absl::CivilDay(1970, 1, 1);
  return ((days * 24 + hour) * 60 + minute - offset_minutes) * 60'000 + int64_t{second} * 1000 +
         millisecond;
}

// Reads the times that are not in the format of the API (parser/mapping/timestamp.h).
std::optional<int64_t> ReadOtherTime(std::string_view view) {
  const std::string text(TrimBlanks(view));
  const auto in_range = [](int64_t ms) {
    return ms >= 631'152'000'000 && ms <= 7'258'118'399'999 ? std::optional<int64_t>(ms)
                                                            : std::nullopt;
  };
  std::smatch match;
  static const std::regex kDotNet(R"(/Date\((\d{1,15})([+-].{4})?\)/)");
  if (std::regex_match(text, match, kDotNet)) return in_range(std::stoll(match[1]));
  static const std::regex kEpoch(R"((\d{9,19})(\.(\d*))?)");
  if (std::regex_match(text, match, kEpoch)) {
    if (match[1].length() == 19 && match[1].str() > "9200000000000000000") return std::nullopt;
    int64_t value = std::stoll(match[1]);
    const int digits = static_cast<int>(match[1].length());
    if (digits <= 10) {
      value = value * 1000 + std::stoi((match[3].str() + "000").substr(0, 3));
    } else if (digits > 13) {
      value /= digits > 16 ? 1'000'000 : 1000;
    }
    return in_range(value);
  }
  static const std::regex kDate(
      R"((\d{1,4})([/.-]) ?(\d{1,2})\2 ?(\d{1,4}),?[ T]\s*(\d{1,2}):(\d{1,2})(:(\d{1,2}))?([.,](\d+))?Z?(\D*))");
  if (!std::regex_match(text, match, kDate)) return std::nullopt;
  const auto number = [&](int group) { return match[group].matched ? std::stoi(match[group]) : 0; };
  int year = number(4);
  int month = number(1);
  int day = number(3);
  const bool dotted = match[2] == ".";
  if (match[1].length() == 4) {
    if (match[4].length() > 2) return std::nullopt;
    year = number(1);
    month = number(3);
    day = number(4);
  } else {
    if (match[1].length() > 2 || (match[4].length() != 2 && match[4].length() != 4)) {
      return std::nullopt;
    }
    if (match[4].length() == 2) year += 2000;
    if (dotted || month > 12) std::swap(month, day);
  }
  std::string half;
  for (const char c : LowerAscii(match[11].str())) {
    if (c != '.' && c != ' ') half.push_back(c);
  }
  int hour = number(5);
  if (half != "" && half != "am" && half != "pm") return std::nullopt;
  if (half != "") {
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (half == "pm" ? 12 : 0);
  }
  const int millisecond = std::stoi((match[10].str() + "000").substr(0, 3));
  return Milliseconds(year, month, day, hour, number(6), number(8), millisecond, 0);
}

bool IsIp(int family, std::string_view text) {
  unsigned char bytes[16];
  return inet_pton(family, std::string(text).c_str(), bytes) == 1;
}

// Returns the address without its zone. If the text is an IPv4 address mapped into IPv6, returns
// the IPv4 address. Returns an empty view if the text is not an address.
std::string_view ReadIp(std::string_view text) {
  if (const size_t zone = text.find('%');
      zone != std::string_view::npos && IsIp(AF_INET6, text.substr(0, zone))) {
    text = text.substr(0, zone);
  }
  for (const std::string_view prefix : {"::ffff:", "ffff:"}) {
    if (EqualsIgnoreCase(text.substr(0, prefix.size()), prefix) &&
        IsIp(AF_INET, text.substr(prefix.size()))) {
      return text.substr(prefix.size());
    }
  }
  return IsIp(AF_INET, text) || IsIp(AF_INET6, text) ? text : std::string_view();
}

int ReadPort(std::string_view text) {
  if (text.empty() || text.size() > 5 || !std::all_of(text.begin(), text.end(), IsDigit)) return 0;
  const int port = std::stoi(std::string(text));
  return port > 65535 ? 0 : port;
}

bool IsMachineName(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::any_of(text.begin(), text.end(), IsLetter) &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return IsLetter(c) || IsDigit(c) || c == '.' || c == '-' || c == '_';
                     }) &&
         !EqualsIgnoreCase(text, "null");
}

PlainAddress ReadAddress(std::string_view text) {
  PlainAddress address;
  if (text.empty()) return address;
  address.ip = ReadIp(text);
  if (!address.ip.empty()) return address;
  if (text.front() == '[') {
    const size_t close = text.rfind(']');
    if (close == std::string_view::npos) return address;
    if (text.substr(close + 1, 1) == ":") address.port = ReadPort(text.substr(close + 2));
    text = text.substr(1, close - 1);
    address.ip = ReadIp(text);
    if (!address.ip.empty()) return address;
  }
  if (const size_t open = text.find(" (");
      open != std::string_view::npos && text.back() == ')') {  // for example HOST1 (192.0.2.10)
    address.ip = ReadIp(text.substr(open + 2, text.size() - open - 3));
    if (IsMachineName(text.substr(0, open))) address.hostname = text.substr(0, open);
    return address;
  }
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const std::string_view host = text.substr(0, colon);
    const int port = ReadPort(text.substr(colon + 1));
    if (port != 0 && IsIp(AF_INET, host)) return {host, {}, port};
    if (port != 0 && IsMachineName(host)) return {{}, host, port};
  }
  if (IsMachineName(text)) address.hostname = text;
  return address;
}

}  // namespace

std::string_view TrimSpaces(std::string_view text) {
  const size_t begin = text.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(' ') + 1 - begin);
}

std::optional<int64_t> ReadTime(std::string_view text) {
  if (text.size() < 19 || text[4] != '-') return ReadOtherTime(text);
  std::string_view rest = text;
  int parts[6];
  static constexpr std::string_view kBehind[] = {"-", "-", "Tt ", ":", ":", ""};
  for (size_t i = 0; i < 6; ++i) {
    const size_t digits = i == 0 ? 4 : 2;
    const size_t before = rest.size();
    const std::optional<int> part = TakeDigits(rest, digits);
    if (!part || before - rest.size() != digits) return std::nullopt;
    if (i < 5 && !TakeOne(rest, kBehind[i])) return std::nullopt;
    parts[i] = *part;
  }
  int64_t millisecond = 0;
  if (TakeOne(rest, ".")) {
    std::string fraction;
    while (!rest.empty() && IsDigit(rest.front())) {
      fraction.push_back(rest.front());
      rest.remove_prefix(1);
    }
    if (fraction.empty()) return std::nullopt;
    fraction.resize(3, '0');
    millisecond = std::stoi(fraction);
  }
  int offset = 0;
  const bool west = !rest.empty() && rest.front() == '-';
  if (TakeOne(rest, "+-")) {
    const std::optional<int> hours = TakeDigits(rest, 2);
    TakeOne(rest, ":");
    const int minutes = TakeDigits(rest, 2).value_or(0);
    if (!hours || *hours > 14 || minutes > 59) return std::nullopt;
    offset = (west ? -1 : 1) * (*hours * 60 + minutes);
  } else {
    TakeOne(rest, "Zz");
  }
  if (!TrimSpaces(rest).empty()) return std::nullopt;
  return Milliseconds(parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], millisecond,
                      offset);
}

std::vector<PlainAddress> ReadAddresses(std::string_view text) {
  std::vector<PlainAddress> addresses;
  while (true) {
    const size_t comma = text.find(',');
    addresses.push_back(ReadAddress(TrimBlanks(text.substr(0, comma))));
    if (comma == std::string_view::npos) return addresses;
    text = TrimBlanks(text.substr(comma + 1));
    if (text.empty()) return addresses;
  }
}

std::optional<int64_t> WholeNumber(double number) {
  if (number != std::floor(number) || std::fabs(number) > 9007199254740992.0) return std::nullopt;
  return static_cast<int64_t>(number);
}

std::optional<int64_t> ReadInteger(std::string_view text) {
  int64_t value = 0;
  const char* const end = text.data() + text.size();
  if (const auto [stop, error] = std::from_chars(text.data(), end, value);
      error == std::errc() && stop == end) {
    return value;
  }
  bool integral = false;
  double number = 0;
  if (!IsJsonNumber(text, integral)) return std::nullopt;
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return WholeNumber(number);
}

bool NeedsEscapes(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
  });
}

std::string_view ReadListOfOne(std::string_view text) {
  if (text.empty() || text.front() != '[' || std::count(text.begin(), text.end(), '"') != 2) {
    return text;
  }
  const size_t open = text.find('"');
  const std::string_view inside = text.substr(open + 1, text.rfind('"') - open - 1);
  return NeedsEscapes(inside) ? text : inside;
}

bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  return at != std::string_view::npos && at > 0 && Contains(text.substr(at), ".") &&
         !Contains(text, " ");
}

std::vector<std::string_view> SplitPlain(std::string_view text, char separator) {
  std::vector<std::string_view> pieces;
  while (!text.empty()) {
    const size_t end = text.find(separator);
    const std::string_view piece = TrimSpaces(text.substr(0, end));
    if (!piece.empty() && !NeedsEscapes(piece)) pieces.push_back(piece);
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return pieces;
}

std::optional<std::string_view> Between(std::string_view text, std::string_view open,
                                        std::string_view close) {
  const size_t begin = text.find(open);
  const size_t end = text.find(close);
  if (begin == std::string_view::npos || end == std::string_view::npos || end < begin) {
    return std::nullopt;
  }
  return text.substr(begin + open.size(), end - begin - open.size());
}

bool StartsLikeJson(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

}  // namespace picket::twins
