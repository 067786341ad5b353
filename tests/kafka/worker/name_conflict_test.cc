#include "kafka/worker/name_conflict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

using Decision = NameConflict::Decision;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr absl::Duration kSession = absl::Seconds(10);
constexpr ProcessId kOwn{2'000'000, 7};
constexpr ProcessId kElder{1'000'000, 9};
constexpr ProcessId kNewcomer{3'000'000, 1};

absl::StatusOr<NameReport> HeldBy(const ProcessId& process, const std::string& member = "m-1") {
  return NameReport{NameHolder{member, "picket-" + FormatProcessId(process), "10.0.0.7", process}};
}
absl::StatusOr<NameReport> HeldByNobody() { return NameReport{std::nullopt}; }
absl::StatusOr<NameReport> NoAnswer() { return absl::UnavailableError("no answer"); }

class NameConflictTest : public testing::Test {
 protected:
  // Reports a fence now. Asks whenever the conflict wants to, and returns the first decision other
  // than kAskLater. `answer` is called with the seconds since the fence.
  Decision Ask(const std::function<absl::StatusOr<NameReport>(double)>& answer,
               absl::Duration limit = absl::Seconds(120)) {
    conflict_.OnFenced(now_);
    const MonotonicTime fenced = now_;
    questions_ = 0;
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

TEST_F(NameConflictTest, TheNewcomerChallengesAndEndsWhenTheElderTakesItsNameBack) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge);
  EXPECT_GE(waited_, 2 * kSession);
  EXPECT_LT(waited_, 3 * kSession);
  EXPECT_LE(questions_, absl::ToInt64Seconds(waited_) + 1);
  now_ = now_ + absl::Seconds(6);
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-3"); }), Decision::kEnd);
  EXPECT_EQ(waited_, absl::ZeroDuration());
  ASSERT_TRUE(conflict_.holder().has_value());
  EXPECT_THAT(DescribeHolder(*conflict_.holder()),
              HasSubstr("host 10.0.0.7, running since 1970-01-01T00:00:01Z, client id picket-"));
}

TEST_F(NameConflictTest, AFenceByTheOwnClientAfterAChallengeEndsNothing) {
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge);
    now_ = now_ + absl::Seconds(4);
    EXPECT_EQ(Ask([](double) { return HeldBy(kOwn, "m-2"); }), Decision::kJoin);
    EXPECT_EQ(Ask([](double) { return HeldByNobody(); }), Decision::kJoin);
  }
}

TEST_F(NameConflictTest, TheMemberThatWasChallengedIsNotTheAnswer) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge);
  now_ = now_ + absl::Seconds(4);
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge)
      << "the challenge did not arrive, so it is made again";
  EXPECT_GE(waited_, 2 * kSession);
}

TEST_F(NameConflictTest, AFenceLongAfterAChallengeBeginsAnew) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge);
  now_ = now_ + absl::Minutes(5);
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-3"); }), Decision::kChallenge);
  EXPECT_GE(waited_, 2 * kSession);
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-5"); }), Decision::kEnd);
}

TEST_F(NameConflictTest, AnotherNewcomerDuringAChallengeEndsNothing) {
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-1"); }), Decision::kChallenge);
  now_ = now_ + absl::Seconds(1);
  EXPECT_EQ(Ask([](double) { return HeldBy(kNewcomer, "m-3"); }), Decision::kJoin);
  EXPECT_EQ(Ask([](double) { return HeldBy(kElder, "m-5"); }), Decision::kEnd)
      << "the elder answers the challenge";
}

TEST_F(NameConflictTest, AMemberOfADeadPredecessorIsWaitedFor) {
  const Decision decision =
      Ask([](double seconds) { return seconds < 11 ? HeldBy(kElder) : HeldByNobody(); });
  EXPECT_EQ(decision, Decision::kJoin);
}

TEST_F(NameConflictTest, AProcessOfAnOlderVersionCountsAsTheElderOne) {
  const auto answer = [](const std::string& member) {
    return absl::StatusOr<NameReport>(
        NameReport{NameHolder{member, "picket", "10.0.0.7", std::nullopt}});
  };
  EXPECT_EQ(Ask([&](double) { return answer("m-1"); }), Decision::kChallenge);
  EXPECT_EQ(Ask([&](double) { return answer("m-3"); }), Decision::kEnd);
}

// A broker that stands still may process the last join of a dead process when it goes on.
TEST_F(NameConflictTest, TheCoordinatorMustAnswerSteadilyBeforeAChallenge) {
  double resumed = 0;
  const Decision decision = Ask([&](double seconds) {
    if (seconds > 15 && resumed == 0) {
      now_ = now_ + absl::Seconds(15);
      resumed = seconds + 15;
    }
    return HeldBy(kElder);
  });
  EXPECT_EQ(decision, Decision::kChallenge);
  EXPECT_GE(waited_, absl::Seconds(resumed + 5));
  EXPECT_LT(waited_, absl::Seconds(resumed + 10));
}

TEST_F(NameConflictTest, UnansweredQuestionsDoNotRestartTheProof) {
  for (const double missing : {5, 15, 21}) {
    const Decision decision = Ask([&](double seconds) {
      const bool is_missing = seconds >= missing && seconds < missing + 1;
      if (is_missing) now_ = now_ + absl::Seconds(2);  // the limit of a question
      return is_missing ? NoAnswer() : HeldBy(kElder);
    });
    EXPECT_EQ(decision, Decision::kChallenge) << missing;
    EXPECT_LT(waited_, conflict_.ProofTime() + absl::Seconds(10)) << missing;
    now_ = now_ + absl::Minutes(5);
  }
}

TEST_F(NameConflictTest, WithoutAnAnswerTheWorkerJoinsAfterAWhile) {
  EXPECT_EQ(Ask([](double) { return NoAnswer(); }), Decision::kJoin);
  EXPECT_GE(waited_, 2 * kSession);
  EXPECT_LT(waited_, 3 * kSession);
  EXPECT_LT(questions_, 30);
}

// Two processes of one name, with the heartbeats of their clients. Whoever joins fences the other,
// which notices it at its next heartbeat.
class Rivals {
 public:
  explicit Rivals(absl::Duration session)
      : heartbeat_(std::min(session * 0.3, absl::Seconds(3))),
        elder_{kElder, NameConflict(kElder, session, 1)},
        newcomer_{kNewcomer, NameConflict(kNewcomer, session, 2)} {}

  // Runs until a process ends by itself. Stops the elder at `stop_at` if that is given.
  // Returns the ids of the processes that have ended by themselves.
  std::vector<ProcessId> Run(bool elder_joins_last, absl::Duration limit,
                             std::optional<absl::Duration> stop_at = std::nullopt) {
    Join(elder_joins_last ? newcomer_ : elder_);
    Join(elder_joins_last ? elder_ : newcomer_);
    std::vector<ProcessId> ended;
    for (; now_ - MonotonicTime() < limit; now_ = now_ + absl::Milliseconds(100)) {
      if (stop_at.has_value() && now_ - MonotonicTime() >= *stop_at) elder_.is_running = false;
      for (Side* const side : {&elder_, &newcomer_}) {
        if (side->is_running && Step(*side)) ended.push_back(side->id);
      }
    }
    return ended;
  }
  bool newcomer_has_name() const { return holder_ == kNewcomer; }
  MonotonicTime ended_at() const { return ended_at_; }

 private:
  struct Side {
    ProcessId id;
    NameConflict conflict;
    bool is_running = true;
    bool is_member = false;
    MonotonicTime next_heartbeat{};
  };

  void Join(Side& side) {
    holder_ = side.id;
    ++member_;
    side.is_member = true;
    side.next_heartbeat = now_ + heartbeat_;
  }
  // Returns true if the process ends.
  bool Step(Side& side) {
    if (side.is_member) {
      if (now_ < side.next_heartbeat) return false;
      side.next_heartbeat = now_ + heartbeat_;
      if (holder_ == side.id) return false;
      side.is_member = false;
      side.conflict.OnFenced(now_);
    }
    if (now_ < side.conflict.next_question()) return false;
    switch (side.conflict.Decide(HeldBy(holder_, absl::StrCat("m-", member_)), now_)) {
      case Decision::kAskLater:
        return false;
      case Decision::kJoin:
      case Decision::kChallenge:
        Join(side);
        return false;
      case Decision::kEnd:
        side.is_running = false;
        ended_at_ = now_;
        return true;
    }
    return false;
  }

  const absl::Duration heartbeat_;
  Side elder_;
  Side newcomer_;
  ProcessId holder_{};
  int member_ = 0;
  MonotonicTime now_{};
  MonotonicTime ended_at_{};
};

TEST(NameConflictOfTwoProcessesTest, ExactlyTheNewcomerEndsWithinTwoMinutesForEverySession) {
  for (const absl::Duration session :
       {absl::Seconds(1), kSession, absl::Seconds(45), absl::Minutes(5)}) {
    for (const bool elder_joins_last : {true, false}) {
      Rivals rivals(session);
      EXPECT_THAT(rivals.Run(elder_joins_last, absl::Minutes(10)), ElementsAre(kNewcomer))
          << session << " " << elder_joins_last;
      EXPECT_LT(rivals.ended_at() - MonotonicTime(), absl::Minutes(1)) << session;
    }
  }
}

TEST(NameConflictOfTwoProcessesTest, IfTheElderStopsDuringTheProofTheNewcomerTakesOver) {
  for (const absl::Duration session : {kSession, absl::Minutes(5)}) {
    Rivals undisturbed(session);
    ASSERT_THAT(undisturbed.Run(false, absl::Minutes(10)), ElementsAre(kNewcomer));
    // After this time the elder may already have answered the challenge.
    const absl::Duration last_stop = undisturbed.ended_at() - MonotonicTime() - absl::Seconds(4);
    ASSERT_GE(last_stop, absl::Seconds(24));
    for (absl::Duration stop_at; stop_at < last_stop; stop_at += absl::Milliseconds(500)) {
      Rivals rivals(session);
      EXPECT_THAT(rivals.Run(false, absl::Minutes(10), stop_at), IsEmpty()) << stop_at;
      EXPECT_TRUE(rivals.newcomer_has_name()) << stop_at;
    }
  }
}

}  // namespace
}  // namespace picket::kafka
