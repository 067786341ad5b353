#include "fetcher/content/blob_body.h"

#include <gtest/gtest.h>

namespace picket::fetcher {
namespace {

BodyBudgets Budgets(int64_t memory, int64_t disk = 1 << 30) {
  return {std::make_shared<ByteBudget>(memory), std::make_shared<ByteBudget>(disk),
          testing::TempDir()};
}

std::string Fill(BlobBody& body, size_t size) {
  std::string all;
  for (size_t i = 0; all.size() < size; ++i) {
    std::string piece(10'007, static_cast<char>('a' + i % 26));
    piece.resize(std::min(piece.size(), size - all.size()));
    EXPECT_TRUE(body.Append(piece).ok());
    all += piece;
  }
  return all;
}

TEST(BlobBodyTest, StoresItsBytesInMemoryOrOnDiskAndReleasesTheBudgets) {
  for (const size_t size : {size_t{0}, size_t{1}, size_t{300'000}, size_t{4} << 20,
                            (size_t{4} << 20) + 1, size_t{9'000'000}}) {
    BodyBudgets budgets = Budgets(16 << 20);
    {
      std::unique_ptr<BlobBody> body = BlobBody::Reserve(budgets);
      ASSERT_NE(body, nullptr);
      const std::string all = Fill(*body, size);
      EXPECT_EQ(body->spilled(), size > kLongestInMemory) << size;
      EXPECT_EQ(body->size(), size);
      const auto view = body->View();
      ASSERT_TRUE(view.ok()) << view.status();
      EXPECT_EQ(*view, all);
      EXPECT_LE(budgets.memory->used(), int64_t{4} << 20);
    }
    EXPECT_EQ(budgets.memory->used(), 0);
    EXPECT_EQ(budgets.disk->used(), 0);
  }
}

TEST(BlobBodyTest, MovesToDiskIfTheMemoryBudgetIsUsedUp) {
  BodyBudgets budgets = Budgets(600 << 10);
  std::unique_ptr<BlobBody> first = BlobBody::Reserve(budgets);
  std::unique_ptr<BlobBody> second = BlobBody::Reserve(budgets);
  EXPECT_EQ(BlobBody::Reserve(budgets), nullptr) << "no body is started without a reservation";
  const std::string all = Fill(*first, 1'000'000);
  EXPECT_TRUE(first->spilled());
  EXPECT_EQ(*first->View(), all);
  EXPECT_NE(BlobBody::Reserve(budgets), nullptr) << "a spilled body releases its memory";
}

TEST(BlobBodyTest, AnExhaustedDiskBudgetIsAnErrorThatNamesTheSetting) {
  BodyBudgets budgets = Budgets(16 << 20, 5 << 20);
  std::unique_ptr<BlobBody> body = BlobBody::Reserve(budgets);
  absl::Status status;
  while (status.ok()) status = body->Append(std::string(1 << 20, 'x'));
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_NE(std::string(status.message()).find("spill_budget_mib"), std::string::npos);
  EXPECT_FALSE(body->too_large());
}

}  // namespace
}  // namespace picket::fetcher
