#include "kafka/worker/name_conflict.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

namespace picket::kafka {
namespace {

using Decision = NameConflict::Decision;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr absl::Duration kSession = absl::Seconds(10);
constexpr ProcessId kOwn{2'000'000, 7};
constexpr ProcessId kElder{1'000'000, 9};
constexpr ProcessId kNewcomer{3'000'000, 1};

using Others = absl::StatusOr<std::vector<NameUser>>;

Others Takes(const ProcessId& process) {
  return std::vector<NameUser>{{.process = process, .host = "10.0.0.7"}};
}
Others Nobody() { return std::vector<NameUser>(); }
Others NoAnswer() { return absl::UnavailableError("no answer"); }

class NameConflictTest : public testing::Test {
 protected:
  // Reports a fence now. Asks whenever the conflict wants to, and returns the first decision other
  // than kAskLater. `answer` is called with the seconds since the fence.
  Decision Ask(const std::function<Others(double)>& answer,
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
  void JoinAgo(absl::Duration ago) { conflict_.OnJoin(now_ - ago); }

  NameConflict conflict_{kOwn, kSession, 1};
  MonotonicTime now_{absl::Seconds(1000)};
  absl::Duration waited_;
  int questions_ = 0;
};

TEST_F(NameConflictTest, AFenceLongAfterTheJoinLeadsToAJoinAtOnceIfNobodyElseTakesPart) {
  JoinAgo(absl::Minutes(1));
  EXPECT_EQ(Ask([](double) { return Nobody(); }), Decision::kJoin);
  EXPECT_EQ(waited_, absl::ZeroDuration());
  EXPECT_FALSE(conflict_.other().has_value());
}

TEST_F(NameConflictTest, AFenceSoonAfterTheJoinLeavesTheFencedProcessTimeToTakePart) {
  JoinAgo(absl::Seconds(3));
  EXPECT_EQ(Ask([](double) { return Nobody(); }), Decision::kJoin);
  EXPECT_GE(waited_, NameConflict::kUntilOthersAppear - absl::Seconds(3));
  EXPECT_LT(waited_, NameConflict::kUntilOthersAppear);
}

TEST_F(NameConflictTest, TheElderJoinsAgainAtOnceAnyNumberOfTimes) {
  for (int i = 0; i < 100; ++i) {
    JoinAgo(absl::Seconds(1));
    EXPECT_EQ(Ask([](double) { return Takes(kNewcomer); }), Decision::kJoin);
    EXPECT_EQ(waited_, absl::ZeroDuration());
    EXPECT_EQ(conflict_.other()->process, kNewcomer);
  }
}

TEST_F(NameConflictTest, TheNewcomerEndsWhenTheElderHasTakenPartForLongerThanItsSession) {
  JoinAgo(absl::Seconds(3));
  EXPECT_EQ(Ask([](double seconds) { return seconds < 2 ? Nobody() : Takes(kElder); }),
            Decision::kEnd);
  EXPECT_GT(waited_, kSession + absl::Seconds(4));
  EXPECT_LT(waited_, kSession + absl::Seconds(9));
  EXPECT_LE(questions_, absl::ToInt64Seconds(waited_) + 1);
  ASSERT_TRUE(conflict_.other().has_value());
  EXPECT_EQ(DescribeUser(*conflict_.other()), "host 10.0.0.7, running since 1970-01-01T00:00:01Z");
}

TEST_F(NameConflictTest, OfThreeProcessesTheEldestCounts) {
  const Others all = std::vector<NameUser>{{kNewcomer, "c"}, {kElder, "a"}};
  EXPECT_EQ(Ask([&](double) { return all; }), Decision::kEnd);
  EXPECT_EQ(conflict_.other()->host, "a");
}

TEST_F(NameConflictTest, AnElderThatDisappearsEndsNothing) {
  for (const double gone : {1, 5, 14}) {
    JoinAgo(absl::Seconds(3));
    EXPECT_EQ(Ask([&](double seconds) { return seconds < gone ? Takes(kElder) : Nobody(); }),
              Decision::kJoin)
        << gone;
  }
}

TEST_F(NameConflictTest, TwoEldersOneAfterTheOtherAreNoProof) {
  JoinAgo(absl::Seconds(3));
  const Decision decision = Ask([&](double seconds) {
    return seconds < 12   ? Takes(kElder)
           : seconds < 20 ? Takes({kElder.started_micros, 8})
                          : Nobody();
  });
  EXPECT_EQ(decision, Decision::kJoin);
}

// A coordinator that stands still keeps a dead member for that much longer.
TEST_F(NameConflictTest, APauseOfTheAnswersBeginsTheProofAnew) {
  double resumed = 0;
  const Decision decision = Ask([&](double seconds) {
    if (seconds > 10 && resumed == 0) {
      now_ = now_ + absl::Seconds(12);
      resumed = seconds + 12;
    }
    return Takes(kElder);
  });
  EXPECT_EQ(decision, Decision::kEnd);
  EXPECT_GE(waited_, absl::Seconds(resumed) + kSession);
}

TEST_F(NameConflictTest, AnUnansweredQuestionDoesNotRestartTheProof) {
  for (const double missing : {5, 12}) {
    const Decision decision = Ask([&](double seconds) {
      const bool is_missing = seconds >= missing && seconds < missing + 1;
      if (is_missing) now_ = now_ + absl::Seconds(2);  // the limit of a question
      return is_missing ? NoAnswer() : Takes(kElder);
    });
    EXPECT_EQ(decision, Decision::kEnd) << missing;
    EXPECT_LT(waited_, conflict_.ProofTime() + absl::Seconds(5)) << missing;
  }
}

TEST_F(NameConflictTest, WithoutAnAnswerTheWorkerJoinsAfterAWhile) {
  EXPECT_EQ(Ask([](double) { return NoAnswer(); }), Decision::kJoin);
  EXPECT_GE(waited_, kSession);
  EXPECT_LT(waited_, 3 * kSession);
  EXPECT_LT(questions_, 30);
}

// Two processes of one name. Whoever joins fences the other, which notices it at its next
// heartbeat, and then takes part in the roll call.
class Rivals {
 public:
  explicit Rivals(absl::Duration session, absl::Duration joining)
      : heartbeat_(std::min(session * 0.3, absl::Seconds(3))),
        session_(std::min(session, absl::Minutes(1))),
        joining_(joining),
        elder_{kElder, NameConflict(kElder, session, 1)},
        newcomer_{kNewcomer, NameConflict(kNewcomer, session, 2)} {}

  // How the elder ends.
  struct End {
    absl::Duration at;
    bool is_kill = false;
  };

  // Runs until a process ends by itself. Returns the ids of the processes that have ended by
  // themselves.
  std::vector<ProcessId> Run(bool elder_joins_last, absl::Duration limit,
                             std::optional<End> end = std::nullopt) {
    Join(elder_joins_last ? newcomer_ : elder_);
    Join(elder_joins_last ? elder_ : newcomer_);
    std::vector<ProcessId> ended;
    for (; now_ - MonotonicTime() < limit; now_ = now_ + absl::Milliseconds(100)) {
      if (end.has_value() && elder_.is_running && now_ - MonotonicTime() >= end->at) {
        elder_.is_running = false;
        elder_.gone_at = end->is_kill ? now_ + session_ : now_;
      }
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
    std::optional<MonotonicTime> takes_part_from;
    std::optional<MonotonicTime> gone_at;
  };

  void Join(Side& side) {
    holder_ = side.id;
    side.is_member = true;
    side.next_heartbeat = now_ + heartbeat_;
    side.conflict.OnJoin(now_);
  }
  Others OthersThan(const Side& side) const {
    std::vector<NameUser> others;
    for (const Side* const other : {&elder_, &newcomer_}) {
      if (other == &side || !other->takes_part_from.has_value() || now_ < *other->takes_part_from ||
          (other->gone_at.has_value() && now_ >= *other->gone_at)) {
        continue;
      }
      others.push_back({other->id, "host"});
    }
    return others;
  }
  // Returns true if the process ends.
  bool Step(Side& side) {
    if (side.is_member) {
      if (now_ < side.next_heartbeat) return false;
      side.next_heartbeat = now_ + heartbeat_;
      if (holder_ == side.id) return false;
      side.is_member = false;
      side.conflict.OnFenced(now_);
      if (!side.takes_part_from.has_value()) side.takes_part_from = now_ + joining_;
    }
    if (now_ < side.conflict.next_question()) return false;
    switch (side.conflict.Decide(OthersThan(side), now_)) {
      case Decision::kAskLater:
        return false;
      case Decision::kJoin:
        Join(side);
        return false;
      case Decision::kEnd:
        side.is_running = false;
        side.gone_at = now_;
        ended_at_ = now_;
        return true;
    }
    return false;
  }

  const absl::Duration heartbeat_;
  const absl::Duration session_;
  const absl::Duration joining_;
  Side elder_;
  Side newcomer_;
  ProcessId holder_{};
  MonotonicTime now_{};
  MonotonicTime ended_at_{};
};

TEST(NameConflictOfTwoProcessesTest, ExactlyTheNewcomerEndsWithinTwoMinutesForEverySession) {
  for (const absl::Duration session :
       {absl::Seconds(1), kSession, absl::Seconds(45), absl::Minutes(5)}) {
    for (const absl::Duration joining : {absl::Milliseconds(100), absl::Seconds(6)}) {
      for (const bool elder_joins_last : {true, false}) {
        Rivals rivals(session, joining);
        EXPECT_THAT(rivals.Run(elder_joins_last, absl::Minutes(10)), ElementsAre(kNewcomer))
            << session << " " << joining << " " << elder_joins_last;
        EXPECT_LT(rivals.ended_at() - MonotonicTime(), absl::Seconds(110)) << session;
      }
    }
  }
}

TEST(NameConflictOfTwoProcessesTest, IfTheElderEndsBeforeTheNewcomerTheNewcomerTakesOver) {
  for (const absl::Duration session : {kSession, absl::Minutes(5)}) {
    Rivals undisturbed(session, absl::Seconds(3));
    ASSERT_THAT(undisturbed.Run(false, absl::Minutes(10)), ElementsAre(kNewcomer));
    const absl::Duration last = undisturbed.ended_at() - MonotonicTime() - absl::Milliseconds(1500);
    ASSERT_GE(last, absl::Seconds(12));
    for (absl::Duration at; at < last; at += absl::Milliseconds(500)) {
      Rivals stopped(session, absl::Seconds(3));
      EXPECT_THAT(stopped.Run(false, absl::Minutes(10), Rivals::End{at}), IsEmpty()) << at;
      EXPECT_TRUE(stopped.newcomer_has_name()) << at;
    }
    // A killed process takes part until its session ends.
    for (absl::Duration at; at < absl::Seconds(6); at += absl::Milliseconds(500)) {
      Rivals killed(session, absl::Seconds(3));
      EXPECT_THAT(killed.Run(false, absl::Minutes(10), Rivals::End{at, true}), IsEmpty()) << at;
      EXPECT_TRUE(killed.newcomer_has_name()) << at;
    }
  }
}

}  // namespace
}  // namespace picket::kafka
