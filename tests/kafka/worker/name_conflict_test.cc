#include "kafka/worker/name_conflict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

namespace picket::kafka {
namespace {

using Decision = NameConflict::Decision;
using ::testing::HasSubstr;

constexpr absl::Duration kSession = absl::Seconds(10);
constexpr ProcessId kOwn{2'000'000, 7};
constexpr ProcessId kElder{1'000'000, 9};
constexpr ProcessId kNewcomer{3'000'000, 1};

absl::StatusOr<NameReport> HeldBy(const ProcessId& process, bool is_stable = true) {
  return NameReport{is_stable,
                    NameHolder{"m-1", "picket-" + FormatProcessId(process), "10.0.0.7", process}};
}
absl::StatusOr<NameReport> HeldByNobody() { return NameReport{true, std::nullopt}; }
absl::StatusOr<NameReport> NoAnswer() { return absl::UnavailableError("no answer"); }

class NameConflictTest : public testing::Test {
 protected:
  // Asks whenever the conflict wants to, and returns the first decision other than kAskLater.
  // `answer` is called with the seconds since the fence.
  Decision Ask(const std::function<absl::StatusOr<NameReport>(double)>& answer,
               absl::Duration limit = absl::Seconds(120)) {
    conflict_.OnFenced(now_);
    const MonotonicTime fenced = now_;
    while (now_ - fenced < limit) {
      now_ = std::max(now_, conflict_.next_question());
      const Decision decision =
          conflict_.Decide(answer(absl::ToDoubleSeconds(now_ - fenced)), now_);
      waited_ = now_ - fenced;
      ++questions_;
      if (decision != Decision::kAskLater) return decision;
      EXPECT_GT(conflict_.next_question(), now_) << "a question without a wait";
    }
    return Decision::kAskLater;
  }

  NameConflict conflict_{kOwn, kSession, 1};
  MonotonicTime now_{absl::Seconds(1000)};
  absl::Duration waited_;
  int questions_ = 0;
};

TEST_F(NameConflictTest, AFenceByAnOwnMemberLeadsToAJoinAtOnce) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kOwn); }), Decision::kJoin);
  EXPECT_EQ(waited_, absl::ZeroDuration());
}

TEST_F(NameConflictTest, ANameThatNobodyHasLeadsToAJoinAtOnce) {
  EXPECT_EQ(Ask([](double) { return HeldByNobody(); }), Decision::kJoin);
  EXPECT_EQ(waited_, absl::ZeroDuration());
}

TEST_F(NameConflictTest, TheProcessThatStartedFirstTakesItsNameBackAtOnceAnyNumberOfTimes) {
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(Ask([](double) { return HeldBy(kNewcomer); }), Decision::kJoin);
    EXPECT_EQ(waited_, absl::ZeroDuration());
  }
}

TEST_F(NameConflictTest, TheNewcomerEndsWhenTheOtherProcessHasKeptTheNameForLongEnough) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder); }), Decision::kEnd);
  EXPECT_GE(waited_, 2 * kSession);
  EXPECT_LT(waited_, 3 * kSession);
  EXPECT_LE(questions_, absl::ToInt64Seconds(waited_) + 1);
  ASSERT_TRUE(conflict_.holder().has_value());
  EXPECT_THAT(DescribeHolder(*conflict_.holder()),
              HasSubstr("host 10.0.0.7, running since 1970-01-01T00:00:01Z, client id picket-"));
}

TEST_F(NameConflictTest, AMemberOfADeadPredecessorIsWaitedFor) {
  const Decision decision =
      Ask([](double seconds) { return seconds < 11 ? HeldBy(kElder) : HeldByNobody(); });
  EXPECT_EQ(decision, Decision::kJoin);
}

TEST_F(NameConflictTest, AProcessOfAnOlderVersionCountsAsTheElderOne) {
  const auto answer = [](double) {
    return absl::StatusOr<NameReport>(
        NameReport{true, NameHolder{"m-1", "picket", "10.0.0.7", std::nullopt}});
  };
  EXPECT_EQ(Ask(answer), Decision::kEnd);
}

TEST_F(NameConflictTest, TheProofBeginsAgainIfAnotherProcessTakesTheName) {
  const Decision decision = Ask([](double seconds) {
    if (seconds < 15) return HeldBy(kElder);
    return seconds < 30 ? HeldBy({1'500'000, 3}) : HeldByNobody();
  });
  EXPECT_EQ(decision, Decision::kJoin) << "two dead predecessors, one after the other";
}

// A broker that stands still removes no dead member. When it goes on, it may answer before it
// removes the member.
TEST_F(NameConflictTest, ThePauseOfABrokerProvesNothing) {
  const Decision decision = Ask([this](double seconds) {
    if (seconds > 5 && seconds < 20) now_ = now_ + absl::Seconds(15);
    return seconds < 30 ? HeldBy(kElder) : HeldByNobody();
  });
  EXPECT_EQ(decision, Decision::kJoin);
}

TEST_F(NameConflictTest, AnUnansweredQuestionBreaksTheProof) {
  const Decision decision = Ask([](double seconds) {
    if (seconds > 15 && seconds < 17) return NoAnswer();
    return seconds < 35 ? HeldBy(kElder) : HeldByNobody();
  });
  EXPECT_EQ(decision, Decision::kJoin);
}

TEST_F(NameConflictTest, ARebalanceBreaksTheProof) {
  const Decision decision = Ask([](double seconds) {
    if (seconds < 60) return HeldBy(kElder, /*is_stable=*/false);
    return seconds < 75 ? HeldBy(kElder) : HeldByNobody();
  });
  EXPECT_EQ(decision, Decision::kJoin);
}

TEST_F(NameConflictTest, WithoutAnAnswerTheWorkerJoinsAfterAWhile) {
  EXPECT_EQ(Ask([](double) { return NoAnswer(); }), Decision::kJoin);
  EXPECT_GE(waited_, 2 * kSession);
  EXPECT_LT(waited_, 3 * kSession);
  EXPECT_LT(questions_, 30);
}

// Lets two processes of one name run against each other. Each is fenced as soon as the other has
// joined.
TEST(NameConflictOfTwoProcessesTest, ExactlyTheNewcomerEndsWhicheverIsFencedFirst) {
  for (const bool elder_is_fenced_first : {true, false}) {
    NameConflict elder(kElder, kSession, 1);
    NameConflict newcomer(kNewcomer, kSession, 2);
    MonotonicTime now;
    bool elder_has_name = !elder_is_fenced_first;
    (elder_has_name ? newcomer : elder).OnFenced(now);
    bool has_ended = false;
    for (int i = 0; i < 1200 && !has_ended; ++i, now = now + absl::Milliseconds(100)) {
      NameConflict& fenced = elder_has_name ? newcomer : elder;
      if (now < fenced.next_question()) continue;
      switch (fenced.Decide(HeldBy(elder_has_name ? kElder : kNewcomer), now)) {
        case Decision::kAskLater:
          break;
        case Decision::kJoin:
          elder_has_name = !elder_has_name;
          (elder_has_name ? newcomer : elder).OnFenced(now + absl::Seconds(3));
          break;
        case Decision::kEnd:
          EXPECT_TRUE(elder_has_name) << "the elder ended";
          has_ended = true;
          break;
      }
    }
    EXPECT_TRUE(has_ended) << "within two minutes";
  }
}

}  // namespace
}  // namespace picket::kafka
