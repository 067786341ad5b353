#include "model/written_date.h"

#include <utility>

#include "common/strings.h"

namespace picket {
namespace {

// Removes and returns a number of up to `most` digits. Returns -1 if there is none.
int TakeNumber(std::string_view& text, size_t most) {
  int value = -1;
  for (size_t i = 0; i < most && !text.empty() && IsDigit(text.front()); ++i) {
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

bool IsDayAndMonth(int day, int month) {
  return day >= 1 && day <= 31 && month >= 1 && month <= 12;
}

// Reads AM or PM, also as a.m. and p.m., with any kind of blank before it. Returns 0 for neither of
// them, and -1 for other text.
int ReadHalfOfDay(std::string_view text) {
  // ICU writes a narrow no-break space before AM and PM.
  for (const std::string_view blank : {"\xe2\x80\xaf", "\xc2\xa0"}) {
    if (text.substr(0, blank.size()) == blank) text.remove_prefix(blank.size());
  }
  std::string letters;
  for (const char c : TrimBlanks(text)) {
    if (c != '.' && c != ' ') letters.push_back(c);
  }
  if (letters.empty()) return 0;
  if (EqualsIgnoreCase(letters, "AM")) return 1;
  return EqualsIgnoreCase(letters, "PM") ? 2 : -1;
}

bool ReadTimeOfDay(std::string_view text, WrittenDate& date) {
  date.hour = TakeNumber(text, 2);
  if (date.hour < 0 || !Take(text, ':')) return false;
  date.minute = TakeNumber(text, 2);
  if (Take(text, ':')) date.second = TakeNumber(text, 2);
  if (date.minute < 0 || date.minute > 59 || date.second < 0 || date.second > 60) return false;
  if (text.size() > 1 && (text.front() == '.' || text.front() == ',') && IsDigit(text[1])) {
    size_t digits = 0;
    while (digits + 1 < text.size() && IsDigit(text[digits + 1])) ++digits;
    date.fraction = text.substr(1, digits);
    for (size_t i = 0, scale = 100; i < digits && scale > 0; ++i, scale /= 10) {
      date.millisecond += (date.fraction[i] - '0') * static_cast<int>(scale);
    }
    text.remove_prefix(digits + 1);
  }
  Take(text, 'Z');
  const int half = ReadHalfOfDay(text);
  if (half < 0 || date.hour > 23) return false;
  if (half == 0) return true;
  if (date.hour < 1 || date.hour > 12) return false;
  date.hour = date.hour % 12 + (half == 2 ? 12 : 0);
  return true;
}

}  // namespace

std::optional<WrittenDate> ReadWrittenDate(std::string_view text, DateOrder order) {
  text = TrimBlanks(text);
  WrittenDate date = {};
  const std::string_view start = text;
  int first = TakeNumber(text, 4);
  const size_t first_digits = start.size() - text.size();
  if (first < 0 || text.empty()) return std::nullopt;
  const char separator = text.front();
  if (separator != '/' && separator != '-' && separator != '.') return std::nullopt;
  text.remove_prefix(1);
  if (separator == '.') Take(text, ' ');  // "2. 3. 2026" is Czech
  int second = TakeNumber(text, 2);
  if (second < 0 || !Take(text, separator)) return std::nullopt;
  if (separator == '.') Take(text, ' ');
  const std::string_view before = text;
  int third = TakeNumber(text, 4);
  const size_t third_digits = before.size() - text.size();

  if (first_digits == 4) {
    if (third < 0 || third_digits > 2 || !IsDayAndMonth(third, second)) return std::nullopt;
    date.year = first;
    date.month = second;
    date.day = third;
    date.evidence = WrittenDate::Evidence::kNone;
  } else {
    if (first_digits > 2 || (third_digits != 2 && third_digits != 4)) return std::nullopt;
    date.year = third_digits == 2 ? 2000 + third : third;
    const bool may_be_month_first = IsDayAndMonth(second, first) && separator != '.';
    const bool may_be_day_first = IsDayAndMonth(first, second);
    if (!may_be_month_first && !may_be_day_first) return std::nullopt;
    const bool is_day_first =
        may_be_day_first && (order == DateOrder::kDayFirst || !may_be_month_first);
    date.month = is_day_first ? second : first;
    date.day = is_day_first ? first : second;
    // A dotted date says nothing about dates with other separators.
    if (separator == '.' || first == second) {
      date.evidence = WrittenDate::Evidence::kNone;
    } else if (may_be_month_first && may_be_day_first) {
      date.evidence = WrittenDate::Evidence::kEither;
    } else {
      date.evidence =
          may_be_day_first ? WrittenDate::Evidence::kDayFirst : WrittenDate::Evidence::kMonthFirst;
    }
  }
  Take(text, ',');
  if (text.empty() || (text.front() != ' ' && text.front() != 'T')) return std::nullopt;
  text.remove_prefix(1);
  if (!ReadTimeOfDay(TrimBlanks(text), date)) return std::nullopt;
  return date;
}

}  // namespace picket
