#include "model/written_date.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_format.h"

namespace picket {
namespace {

std::string Text(std::string_view written, DateOrder order = DateOrder::kMonthFirst) {
  const std::optional<WrittenDate> date = ReadWrittenDate(written, order);
  if (!date.has_value()) return "none";
  return absl::StrFormat("%d-%02d-%02d %02d:%02d:%02d.%03d", date->year, date->month, date->day,
                         date->hour, date->minute, date->second, date->millisecond);
}

WrittenDate::Evidence Evidence(std::string_view written) {
  return ReadWrittenDate(written, DateOrder::kMonthFirst)->evidence;
}

TEST(WrittenDateTest, ReadsTheFormatsOfManyLanguages) {
  EXPECT_EQ(Text("3/2/2026, 8:07:13.250 AM"), "2026-03-02 08:07:13.250");
  EXPECT_EQ(Text("3/2/2026 12:07:13 AM"), "2026-03-02 00:07:13.000");
  EXPECT_EQ(Text("3/2/2026 12:07:13 PM"), "2026-03-02 12:07:13.000");
  EXPECT_EQ(Text("3/2/2026 8:07 p. m."), "2026-03-02 20:07:00.000");
  EXPECT_EQ(Text("3/2/2026, 8:07:13\xe2\x80\xafPM"), "2026-03-02 20:07:13.000");
  EXPECT_EQ(Text("3/2/26 23:59"), "2026-03-02 23:59:00.000");
  EXPECT_EQ(Text("02.03.2026 08:07:13"), "2026-03-02 08:07:13.000");
  EXPECT_EQ(Text("2. 3. 2026 8:07:13"), "2026-03-02 08:07:13.000");
  EXPECT_EQ(Text("2026/03/02 08:07:13"), "2026-03-02 08:07:13.000");
  EXPECT_EQ(Text("2026-03-02 08:07"), "2026-03-02 08:07:00.000");
  EXPECT_EQ(Text("02-03-2026 08:07:13", DateOrder::kDayFirst), "2026-03-02 08:07:13.000");
  EXPECT_EQ(Text("4/02/2026 1:31:13 am", DateOrder::kDayFirst), "2026-02-04 01:31:13.000");
}

TEST(WrittenDateTest, AnImpossibleOrderIsNotUsed) {
  EXPECT_EQ(Text("25/03/2026 08:07:13"), "2026-03-25 08:07:13.000");
  EXPECT_EQ(Text("3/25/2026 08:07:13", DateOrder::kDayFirst), "2026-03-25 08:07:13.000");
}

TEST(WrittenDateTest, TellsWhatADateSaysAboutTheOrder) {
  EXPECT_EQ(Evidence("2/3/2026 8:07"), WrittenDate::Evidence::kEither);
  EXPECT_EQ(Evidence("13/3/2026 8:07"), WrittenDate::Evidence::kDayFirst);
  EXPECT_EQ(Evidence("3/13/2026 8:07"), WrittenDate::Evidence::kMonthFirst);
  EXPECT_EQ(Evidence("3/3/2026 8:07"), WrittenDate::Evidence::kNone);
  EXPECT_EQ(Evidence("13.3.2026 8:07"), WrittenDate::Evidence::kNone);
  EXPECT_EQ(Evidence("2026/3/13 8:07"), WrittenDate::Evidence::kNone);
}

TEST(WrittenDateTest, RejectsOtherTexts) {
  for (const char* text :
       {"", "now", "3/2/2026", "3/2 8:07", "3/2/2026 8", "32/13/2026 8:07", "13/13/2026 8:07",
        "3/2/2026 24:00", "3/2/2026 8:60", "3/2/2026 0:07 AM", "3/2/2026 13:07 PM",
        "3/2/2026 8:07 XM", "3/2/202 8:07", "3/2/20261 8:07", "3-2/2026 8:07", "0/2/2026 8:07",
        "2026-13-02 08:07", "3/2/2026x8:07", "13.13.2026 8:07"}) {
    EXPECT_EQ(Text(text), "none") << text;
  }
}

}  // namespace
}  // namespace picket
