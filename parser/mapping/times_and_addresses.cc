#include "parser/mapping/times_and_addresses.h"

#include <cstring>

#include "common/byte_search.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

// Days since the epoch of a civil date (proleptic Gregorian).
int64_t DaysFromCivil(int64_t year, int month, int day) {
  year -= month <= 2;
  const int64_t era = (year >= 0 ? year : year - 399) / 400;
  const int64_t year_of_era = year - era * 400;
  const int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  const int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
  return era * 146097 + day_of_era - 719468;
}

std::optional<int64_t> Instant(int year, int month, int day, int hour, int minute, int second,
                               int millisecond, int offset_minutes) {
  static constexpr int kDays[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (year < 1990 || year > 2199 || month < 1 || month > 12 || day < 1 || day > kDays[month - 1] ||
      hour > 23 || minute > 59 || second > 60) {
    return std::nullopt;
  }
  const int64_t seconds = DaysFromCivil(year, month, day) * 86400 + int64_t{hour} * 3600 +
                          int64_t{minute} * 60 + second;
  return (seconds - int64_t{offset_minutes} * 60) * 1000 + millisecond;
}

// Reads a number of 1 to `most` digits; -1 when there is none.
int TakeNumber(std::string_view& text, int most) {
  int value = -1;
  for (int i = 0; i < most && !text.empty() && IsDigit(text.front()); ++i) {
    value = (value < 0 ? 0 : value) * 10 + (text.front() - '0');
    text.remove_prefix(1);
  }
  return value;
}

bool Take(std::string_view& text, char c) {
  if (text.empty() || text.front() != c) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int64_t> ParseUsTime(std::string_view text) {
  const int month = TakeNumber(text, 2);
  if (month < 0 || !Take(text, '/')) return std::nullopt;
  const int day = TakeNumber(text, 2);
  if (day < 0 || !Take(text, '/')) return std::nullopt;
  const int year = TakeNumber(text, 4);
  if (year < 0 || !Take(text, ' ')) return std::nullopt;
  int hour = TakeNumber(text, 2);
  if (hour < 0 || !Take(text, ':')) return std::nullopt;
  const int minute = TakeNumber(text, 2);
  int second = 0;
  if (minute < 0) return std::nullopt;
  if (Take(text, ':')) second = TakeNumber(text, 2);
  if (second < 0) return std::nullopt;
  text = TrimBlanks(text);
  if (EqualsIgnoreCase(text, "AM") || EqualsIgnoreCase(text, "PM")) {
    if (hour < 1 || hour > 12) return std::nullopt;
    hour = hour % 12 + (EqualsIgnoreCase(text, "PM") ? 12 : 0);
  } else if (!text.empty()) {
    return std::nullopt;
  }
  return Instant(year, month, day, hour, minute, second, 0, 0);
}

// What eight bytes must be: 0 where any digit may stand, else the sign itself.
struct Shape {
  consteval explicit Shape(const char (&signs)[9]) {
    for (int i = 0; i < 8; ++i) {
      text |= uint64_t{static_cast<uint8_t>(signs[i])} << 8 * i;
      room |= uint64_t{signs[i] == '0' ? 0x7fu - 9 : 0x7fu} << 8 * i;
    }
  }
  uint64_t text = 0;
  // What a byte's difference from the shape may be added to without reaching its highest bit.
  uint64_t room = 0;
};

// The numbers of two digits in eight bytes, all at once.
class DigitPairs {
 public:
  DigitPairs(const char* from, const Shape& shape) {
    std::memcpy(&digits_, from, 8);
    digits_ ^= shape.text;
    fits_ = ((digits_ | (digits_ + shape.room)) & kEveryByte << 7) == 0;
  }
  bool fits() const { return fits_; }
  int at(int place) const {
    return static_cast<int>((digits_ * 10 + (digits_ >> 8)) >> 8 * place & 255);
  }

 private:
  uint64_t digits_;
  bool fits_;
};

}  // namespace

std::optional<int64_t> ParseTime(std::string_view text) {
  if (text.size() < 19 || text[4] != '-') return ParseUsTime(text);
  static constexpr Shape kYearAndMonth("0000-00-");
  static constexpr Shape kTimeOfDay("00:00:00");
  const DigitPairs date(text.data(), kYearAndMonth);
  const DigitPairs time(text.data() + 11, kTimeOfDay);
  const bool fits = date.fits() && time.fits() && IsDigit(text[8]) && IsDigit(text[9]) &&
                    (text[10] == 'T' || text[10] == ' ' || text[10] == 't');
  if (!fits) return std::nullopt;
  const int day = (text[8] - '0') * 10 + (text[9] - '0');
  std::string_view rest = text.substr(19);
  int millisecond = 0;
  if (Take(rest, '.')) {
    int scale = 100;
    if (rest.empty() || !IsDigit(rest.front())) return std::nullopt;
    while (!rest.empty() && IsDigit(rest.front())) {
      millisecond += (rest.front() - '0') * scale;
      scale /= 10;
      rest.remove_prefix(1);
    }
  }
  int offset = 0;
  if (!rest.empty() && (rest.front() == '+' || rest.front() == '-')) {
    const int sign = rest.front() == '-' ? -1 : 1;
    rest.remove_prefix(1);
    const int hours = TakeNumber(rest, 2);
    Take(rest, ':');
    const int minutes = TakeNumber(rest, 2);
    if (hours < 0 || hours > 14 || minutes > 59) return std::nullopt;
    offset = sign * (hours * 60 + (minutes < 0 ? 0 : minutes));
  } else if (!rest.empty() && (rest.front() == 'Z' || rest.front() == 'z')) {
    rest.remove_prefix(1);
  }
  if (!TrimBlanks(rest).empty()) return std::nullopt;
  return Instant(date.at(0) * 100 + date.at(2), date.at(5), day, time.at(0), time.at(3), time.at(6),
                 millisecond, offset);
}

bool IsIpV4(std::string_view text) {
  const char* at = text.data();
  const char* const end = at + text.size();
  for (int part = 0; part < 4; ++part) {
    if (part > 0 && (at == end || *at++ != '.')) return false;
    if (at == end || !IsDigit(*at)) return false;
    int value = *at++ - '0';
    // What follows a zero is no digit: 15.20.41.032 is the number of a build.
    if (value == 0) continue;
    for (int digits = 1; digits < 3 && at != end && IsDigit(*at); ++digits) {
      value = value * 10 + (*at++ - '0');
    }
    if (value > 255) return false;
  }
  return at == end;
}

bool IsIpV6(std::string_view text) {
  if (text.size() < 2 || text.size() > 39) return false;
  int groups = 0;
  bool compressed = false;
  size_t at = 0;
  if (text[0] == ':') {
    if (text[1] != ':') return false;
    compressed = true;
    at = 2;
    if (at == text.size()) return true;
  }
  while (true) {
    const size_t start = at;
    while (at < text.size() && at - start < 5) {
      const char c = text[at];
      if (!IsDigit(c) && !(c >= 'a' && c <= 'f') && !(c >= 'A' && c <= 'F')) break;
      ++at;
    }
    if (at < text.size() && text[at] == '.') {  // an IPv4 tail
      if (!IsIpV4(text.substr(start))) return false;
      groups += 2;
      break;
    }
    if (at == start || at - start > 4) return false;
    ++groups;
    if (at == text.size()) break;
    if (text[at] != ':') return false;
    if (++at == text.size()) return false;
    if (text[at] == ':') {
      if (compressed) return false;
      compressed = true;
      if (++at == text.size()) break;
    }
  }
  return compressed ? groups < 8 : groups == 8;
}

namespace {

// ::ffff:192.0.2.10 and Copilot's ffff:192.0.2.10 are IPv4.
std::string_view WithoutMappedPrefix(std::string_view ip) {
  for (const std::string_view prefix : {"::ffff:", "ffff:"}) {
    if (ip.size() > prefix.size() && EqualsIgnoreCase(ip.substr(0, prefix.size()), prefix) &&
        IsIpV4(ip.substr(prefix.size()))) {
      return ip.substr(prefix.size());
    }
  }
  return ip;
}

std::string_view AsIp(std::string_view text) {
  if (IsIpV4(text)) return text;  // the commonest first
  const size_t zone = text.find('%');
  if (zone != std::string_view::npos && IsIpV6(text.substr(0, zone))) text = text.substr(0, zone);
  text = WithoutMappedPrefix(text);
  return IsIpV4(text) || IsIpV6(text) ? text : std::string_view();
}

int AsPort(std::string_view text) {
  if (text.empty() || text.size() > 5) return 0;
  int port = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return 0;
    port = port * 10 + (c - '0');
  }
  return port > 65535 ? 0 : port;
}

// A name of letters, digits, dots, dashes and underscores with at least one letter.
bool IsHostname(std::string_view text) {
  bool letter = false;
  if (text.empty() || text.size() > 253) return false;
  for (const char c : text) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      letter = true;
    } else if (!IsDigit(c) && c != '.' && c != '-' && c != '_') {
      return false;
    }
  }
  return letter && !EqualsIgnoreCase(text, "null");
}

}  // namespace

void ParseAddress(std::string_view text, Address& address) {
  text = TrimBlanks(text);
  if (const size_t comma = text.find(','); comma != std::string_view::npos) {
    address.more = TrimBlanks(text.substr(comma + 1));
    text = TrimBlanks(text.substr(0, comma));
  }
  if (text.empty()) return;
  // The commonest first.
  address.ip = AsIp(text);
  if (!address.ip.empty()) return;
  if (text.front() == '[') {  // [address] or [address]:port, also around "NAME (address)"
    const size_t close = text.rfind(']');
    if (close == std::string_view::npos) return;
    const std::string_view after = text.substr(close + 1);
    if (!after.empty() && after.front() == ':') address.port = AsPort(after.substr(1));
    text = text.substr(1, close - 1);
    address.ip = AsIp(text);
    if (!address.ip.empty()) return;
  }
  if (const size_t open = text.find(" ("); open != std::string_view::npos && text.back() == ')') {
    const std::string_view place = text.substr(open + 2, text.size() - open - 3);
    address.ip = AsIp(place);
    if (address.ip.empty()) {  // with a port
      Address with_port;
      if (place.find(" (") == std::string_view::npos) ParseAddress(place, with_port);
      address.ip = with_port.ip;
      if (!address.ip.empty()) address.port = with_port.port;
    }
    const std::string_view name = text.substr(0, open);
    if (IsHostname(name)) address.hostname = name;
    return;
  }
  if (const size_t colon = text.rfind(':'); colon != std::string_view::npos) {
    const int port = AsPort(text.substr(colon + 1));
    const std::string_view host = text.substr(0, colon);
    if (port != 0 && IsIpV4(host)) {
      address.ip = host;
      address.port = port;
      return;
    }
    if (port != 0 && IsHostname(host)) {
      address.hostname = host;
      address.port = port;
      return;
    }
  }
  if (IsHostname(text)) address.hostname = text;
}

Address ParseAddress(std::string_view text) {
  Address address;
  ParseAddress(text, address);
  return address;
}

}  // namespace picket::parser
