#include "parser/mapping/timestamp.h"

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

}  // namespace picket::parser
