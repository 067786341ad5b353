#include "detector/matching/value_tests.h"

#include <charconv>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "sigma/decimal.h"

namespace picket::detector {
namespace {

bool Digits(std::string_view text, size_t at, size_t count, int& value) {
  if (at + count > text.size()) return false;
  value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

// Parses seconds (9 or 10 digits) or milliseconds (12 or 13 digits) since 1970.
bool EpochTime(std::string_view text, absl::CivilMinute& time) {
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool is_seconds = text.size() == 9 || text.size() == 10;
  if (error != std::errc() || end != text.data() + text.size() || number < 0 ||
      (!is_seconds && text.size() != 12 && text.size() != 13)) {
    return false;
  }
  const absl::Time at = is_seconds ? absl::FromUnixSeconds(number) : absl::FromUnixMillis(number);
  time = absl::ToCivilMinute(at, absl::UTCTimeZone());
  return true;
}

bool CalendarTime(std::string_view text, absl::CivilMinute& time) {
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (!Digits(text, 0, 4, year) || !Digits(text, 5, 2, month) || !Digits(text, 8, 2, day) ||
      text[4] != '-' || text[7] != '-' || month < 1 || month > 12 || day < 1 || day > 31) {
    return false;
  }
  time = absl::CivilMinute(year, month, day);
  if (text.size() > 10) {
    if ((text[10] != 'T' && text[10] != ' ' && text[10] != 't') || !Digits(text, 11, 2, hour) ||
        !Digits(text, 14, 2, minute)) {
      return false;
    }
    if (text.size() > 16 && text[16] == ':' && !Digits(text, 17, 2, second)) return false;
    time = absl::CivilMinute(year, month, day, hour, minute);
    const size_t sign = text.find_first_of("+-", 16);
    int offset_hours, offset_minutes = 0;
    if (sign != std::string_view::npos && Digits(text, sign + 1, 2, offset_hours)) {
      const size_t rest = sign + 3 < text.size() && text[sign + 3] == ':' ? sign + 4 : sign + 3;
      Digits(text, rest, 2, offset_minutes);
      const int offset = offset_hours * 60 + offset_minutes;
      time += text[sign] == '-' ? offset : -offset;
    }
  }
  return true;
}

}  // namespace

bool Compare(double value, sigma::Comparison comparison, double number) {
  switch (comparison) {
    case sigma::Comparison::kGreater:
      return value > number;
    case sigma::Comparison::kGreaterEqual:
      return value >= number;
    case sigma::Comparison::kLess:
      return value < number;
    case sigma::Comparison::kLessEqual:
      return value <= number;
    case sigma::Comparison::kEqual:
      return value == number;
    case sigma::Comparison::kNotEqual:
      return value != number;
  }
  return false;
}

bool CompareExactly(std::string_view text, double value, sigma::Comparison comparison,
                    double number, std::string_view exact_number) {
  if (value != number) return Compare(value, comparison, number);
  return Compare(sigma::CompareDecimals(text, exact_number), comparison, 0);
}

bool ParseDouble(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool TimePartOf(std::string_view text, sigma::TimePart part, double& value) {
  absl::CivilMinute time;
  if (!CalendarTime(text, time) && !EpochTime(text, time)) return false;
  switch (part) {
    case sigma::TimePart::kMinute:
      value = time.minute();
      return true;
    case sigma::TimePart::kHour:
      value = time.hour();
      return true;
    case sigma::TimePart::kDay:
      value = time.day();
      return true;
    case sigma::TimePart::kMonth:
      value = time.month();
      return true;
    case sigma::TimePart::kYear:
      value = static_cast<double>(time.year());
      return true;
    case sigma::TimePart::kWeek: {
      // The ISO week belongs to the year that contains its Thursday.
      const absl::CivilDay today(time);
      const absl::CivilDay thursday = today + (3 - static_cast<int>(absl::GetWeekday(today)));
      const int week = (absl::GetYearDay(thursday) - 1) / 7 + 1;
      value = week;
      return true;
    }
  }
  return false;
}

}  // namespace picket::detector
