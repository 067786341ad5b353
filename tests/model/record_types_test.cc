#include "model/record_types.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/support/shared_data.h"

namespace picket {
namespace {

using testing::ElementsAre;

TEST(RecordTypesTest, NumbersHaveTheNamesOfBothLists) {
  EXPECT_EQ(RecordTypeName(15).name(), "AzureActiveDirectoryStsLogon");
  EXPECT_EQ(RecordTypeName(5).management_api, "");
  EXPECT_EQ(RecordTypeName(5).graph, "SyntheticProbe");
  EXPECT_EQ(RecordTypeName(22).management_api, "VivaEngage");
  EXPECT_EQ(RecordTypeName(22).graph, "Yammer");
  EXPECT_EQ(RecordTypeName(9999).name(), "");
  constexpr RecordTypeList kManagementApi = RecordTypeList::kManagementApi;
  EXPECT_EQ(RecordTypeNumber("Yammer", kManagementApi), 22);
  EXPECT_EQ(RecordTypeNumber("SharePointFileOperation", kManagementApi), 6);
  EXPECT_EQ(RecordTypeNumber("", kManagementApi), -1);
  // The Management API and Graph give different numbers to this name.
  EXPECT_EQ(RecordTypeNumber("PowerAppsResource", kManagementApi), 79);
  EXPECT_EQ(RecordTypeNumber("powerAppsResource", RecordTypeList::kGraph), 187);
}

TEST(RecordTypesTest, OperationsOfSomeTypesAreCmdletsAlertsOrApiCalls) {
  EXPECT_THAT(RecordTypesOf(RecordTypeUse::kCmdlet), ElementsAre(1, 10, 18, 23));
  EXPECT_THAT(RecordTypesOf(RecordTypeUse::kAlert), ElementsAre(40, 78, 98, 113, 115));
  EXPECT_THAT(RecordTypesOf(RecordTypeUse::kRestApi), ElementsAre(52));
  EXPECT_EQ(RecordTypeUseOf(52), RecordTypeUse::kRestApi);
  EXPECT_EQ(RecordTypeUseOf(-1), RecordTypeUse::kOther);
}

TEST(RecordTypesTest, EveryTypeOfAWebApplicationIsMarkedAsOne) {
  for (int32_t number = 0; number < 1000; ++number) {
    const std::string_view name = RecordTypeName(number).name();
    bool is_web_application = name == "Project";
    for (const std::string_view application : {"Planner", "ProjectForTheweb", "MicrosoftForms",
                                               "MicrosoftStream", "MicrosoftTodo", "Viva"}) {
      is_web_application |= name.substr(0, application.size()) == application;
    }
    EXPECT_EQ(RecordTypeUseOf(number) == RecordTypeUse::kWebApplication, is_web_application)
        << number << " " << name;
  }
}

TEST(RecordTypesTest, TheTableEqualsTheSharedData) {
  const std::optional<std::string> path = SharedData("o365/recordtypes.tsv");
  if (!path.has_value()) {
    GTEST_SKIP() << "NOT RUN: the shared data (o365/recordtypes.tsv) are missing";
  }
  const std::string text = *ReadFile(*path);
  int numbers = 0;
  for (size_t start = text.find('\n') + 1; start < text.size();) {
    const size_t end = std::min(text.find('\n', start), text.size());
    const std::vector<std::string> columns = absl::StrSplit(text.substr(start, end - start), '\t');
    start = end + 1;
    ASSERT_GE(columns.size(), 3u);
    const int number = std::stoi(columns[0]);
    // Microsoft's documentation, and therefore recordtypes.tsv, has a blank in two names. Records
    // contain these names without the blank.
    EXPECT_EQ(RecordTypeName(number).management_api, absl::StrReplaceAll(columns[1], {{" ", ""}}))
        << number;
    EXPECT_EQ(RecordTypeName(number).graph, columns[2]) << number;
    // Each name must lead back to its number. Responses of Graph spell a name with a lower-case
    // first letter.
    const std::string& graph = columns[2];
    if (!graph.empty()) {
      const std::string written = absl::AsciiStrToLower(graph.substr(0, 1)) + graph.substr(1);
      EXPECT_EQ(RecordTypeNumber(written, RecordTypeList::kGraph), number);
    }
    const std::string api(RecordTypeName(number).management_api);
    if (!api.empty()) {
      EXPECT_EQ(RecordTypeNumber(api, RecordTypeList::kManagementApi), number);
    }
    ++numbers;
  }
  EXPECT_EQ(numbers, 472);
}

}  // namespace
}  // namespace picket
