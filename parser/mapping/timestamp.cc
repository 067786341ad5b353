#include "parser/mapping/timestamp.h"

#include <algorithm>
#include <cstring>

#include "common/byte_search.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

// Returns the days from 1970-01-01 to a civil date (proleptic Gregorian).
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

// Parses an integer of up to `most` digits at the front of `text`, removes it from `text` and
// returns it. Returns -1 if `text` does not begin with a digit.
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

// The last millisecond of 2199, after which Instant accepts no time.
constexpr int64_t kLastMs = 7'258'118'399'999;
constexpr int64_t kFirstMs = 631'152'000'000;  // the beginning of 1990

// Parses a number of seconds, milliseconds, microseconds or nanoseconds since 1970. The number of
// digits says which, because the years 2001 to 2286 have ten digits in seconds.
std::optional<int64_t> ParseEpoch(std::string_view text) {
  const std::string_view digits = text.substr(0, text.find('.'));
  const std::string_view fraction = text.substr(std::min(digits.size() + 1, text.size()));
  int64_t value = 0;
  if (digits.size() < 9 || digits.size() > 19) return std::nullopt;
  for (const char c : digits) {
    if (!IsDigit(c) || value > (INT64_MAX - 9) / 10) return std::nullopt;
    value = value * 10 + (c - '0');
  }
  for (const char c : fraction) {
    if (!IsDigit(c)) return std::nullopt;
  }
  if (digits.size() <= 10) {
    value *= 1000;
    for (size_t i = 0, scale = 100; i < fraction.size() && scale > 0; ++i, scale /= 10) {
      value += (fraction[i] - '0') * static_cast<int64_t>(scale);
    }
  } else if (digits.size() > 16) {
    value /= 1'000'000;
  } else if (digits.size() > 13) {
    value /= 1000;
  }
  if (value < kFirstMs || value > kLastMs) return std::nullopt;
  return value;
}

// Parses the times that are not in the format of the API.
std::optional<int64_t> ParseOtherTime(std::string_view text, DateOrder order) {
  text = TrimBlanks(text);
  static constexpr std::string_view kDate = "/Date(";  // as .NET and PowerShell 5.1 write it
  if (text.substr(0, kDate.size()) == kDate) {
    text.remove_prefix(kDate.size());
    const size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    std::string_view rest = text.substr(digits);
    // A time zone may follow, such as +0100, but the number is in UTC anyway.
    if (rest.size() == 7 && (rest.front() == '+' || rest.front() == '-')) rest.remove_prefix(5);
    if (rest != ")/" || digits == 0 || digits > 15) return std::nullopt;
    int64_t value = 0;
    for (const char c : text.substr(0, digits)) value = value * 10 + (c - '0');
    if (value < kFirstMs || value > kLastMs) return std::nullopt;
    return value;
  }
  const std::optional<WrittenDate> date = ReadWrittenDate(text, order);
  if (!date.has_value()) return ParseEpoch(text);
  return Instant(date->year, date->month, date->day, date->hour, date->minute, date->second,
                 date->millisecond, 0);
}

// A pattern of eight bytes. In the pattern, 0 matches any digit, and any other character matches
// only itself.
struct Shape {
  consteval explicit Shape(const char (&signs)[9]) {
    for (int i = 0; i < 8; ++i) {
      text |= uint64_t{static_cast<uint8_t>(signs[i])} << 8 * i;
      room |= uint64_t{signs[i] == '0' ? 0x7fu - 9 : 0x7fu} << 8 * i;
    }
  }
  uint64_t text = 0;
  // To compare eight bytes with the pattern, DigitPairs computes their XOR with `text`. In a byte
  // that matches, the XOR is at most 9 for a digit, and 0 for any other character. Adding `room`
  // sets the highest bit of every byte with a larger XOR.
  uint64_t room = 0;
};

// Reads all two-digit numbers in eight bytes at once.
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

std::optional<int64_t> ParseTime(std::string_view text, DateOrder order) {
  if (text.size() < 19 || text[4] != '-') return ParseOtherTime(text, order);
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

}  // namespace picket::parser
