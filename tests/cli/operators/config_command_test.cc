#include <gtest/gtest.h>

#include "common/file.h"
#include "tests/cli/command.h"

namespace picket {
namespace {

TEST(ConfigCommandTest, SevenFaultsOfOneFileAreSevenLinesAtOnce) {
  const CommandResult result =
      RunPicket({"config", "check", "--config", "tests/data/config/seven_faults.yaml"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_EQ(result.err, ReadFile("tests/data/config/seven_faults.golden").value());
}

TEST(ConfigCommandTest, AServiceRefusesTheSameFileWithTheSameLines) {
  for (const char* service : {"fetch", "parse", "detect"}) {
    const CommandResult result =
        RunPicket({service, "--config", "tests/data/config/seven_faults.yaml"});
    EXPECT_EQ(result.exit_status, 2) << service;
    EXPECT_EQ(result.err, ReadFile("tests/data/config/seven_faults.golden").value()) << service;
  }
}

TEST(ConfigCommandTest, TheReferenceInTheDocumentsIsThatOfTheCode) {
  EXPECT_EQ(RunPicket({"config", "reference"}).out, ReadFile("docs/configuration.md").value())
      << "make it anew: picket config reference > docs/configuration.md";
}

}  // namespace
}  // namespace picket
