#include "kafka/process_id.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

TEST(ProcessIdTest, AClientIdEndsWithTheIdOfItsProcess) {
  const ProcessId id{1'700'000'000'000'000, 0x9f86d081884c7d65};
  EXPECT_EQ(FormatProcessId(id), "00060a24181e4000-9f86d081884c7d65");
  EXPECT_EQ(ProcessIdOf(absl::StrCat("picket-", FormatProcessId(id))), id);
  EXPECT_EQ(ProcessIdOf(FormatProcessId(id)), id);
}

TEST(ProcessIdTest, OtherClientIdsHaveNone) {
  for (const char* client_id :
       {"", "picket", "rdkafka", "picket-00060a24181e4000-9f86d081884c7d6",
        "picket-00060a24181e4000-9f86d081884c7dxx", "picket-00060a24181e4000.9f86d081884c7d65"}) {
    EXPECT_FALSE(ProcessIdOf(client_id).has_value()) << client_id;
  }
}

TEST(ProcessIdTest, TheProcessThatStartedFirstIsSmaller) {
  EXPECT_LT((ProcessId{1, 9}), (ProcessId{2, 1}));
  EXPECT_LT((ProcessId{1, 1}), (ProcessId{1, 2})) << "two starts in one microsecond";
}

}  // namespace
}  // namespace picket::kafka
