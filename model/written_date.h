#pragma once

// Reads dates and times as programs write them for people, such as "3/2/2026, 8:07:13.000 AM".
// Facts: the formats are those of .NET, Excel and the Azure portals in the languages that use them.

#include <optional>
#include <string_view>

namespace picket {

// The order of month and day in a date that begins with one of them.
enum class DateOrder { kMonthFirst, kDayFirst };

struct WrittenDate {
  int year;
  int month;
  int day;
  int hour;
  int minute;
  int second;
  int millisecond;
  std::string_view fraction;  // the digits after the second, as written
  // What the date says about the order. It is kEither if both orders give a date, and these differ.
  enum class Evidence { kEither, kMonthFirst, kDayFirst, kNone } evidence;
};

// Reads one of these formats. The separator may be '/', '-' or '.', and a comma may follow the
// date. Years of two digits belong to 2000 to 2099.
//   3/2/2026 8:07[:13[.000]] [AM]    month or day first, as `order` says
//   02.03.2026 08:07[:13[.000]]      with dots the day is always first
//   2026/03/02 08:07[:13[.000]]
// If `order` gives no date, the other order is used. Returns nullopt for any other text, and if a
// number is out of range. The days of a month are not counted: 31 is accepted for each month.
std::optional<WrittenDate> ReadWrittenDate(std::string_view text, DateOrder order);

}  // namespace picket
