#include "cli/plural.h"

#include <gtest/gtest.h>

namespace picket {
namespace {

TEST(CountedTest, OneIsSingularAndEverythingElseIsPlural) {
  EXPECT_EQ(Counted(0, "rule"), "0 rules");
  EXPECT_EQ(Counted(1, "rule"), "1 rule");
  EXPECT_EQ(Counted(2, "rule"), "2 rules");
  EXPECT_EQ(Counted(1, "entry", "entries"), "1 entry");
  EXPECT_EQ(Counted(3, "entry", "entries"), "3 entries");
}

TEST(CountedTest, ThousandsAreSeparated) {
  EXPECT_EQ(Grouped(999), "999");
  EXPECT_EQ(Grouped(1000), "1,000");
  EXPECT_EQ(Counted(1234567, "record"), "1,234,567 records");
}

}  // namespace
}  // namespace picket
