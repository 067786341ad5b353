#include "kafka/worker/name_conflict.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBetweenQuestions = absl::Seconds(1);
constexpr absl::Duration kLongestProof = absl::Seconds(30);
// Before a challenge, the coordinator must have answered for kAnswering without a longer pause than
// kLongestProofPause. A broker that stood still before may only now process the last join of a dead
// process, and that join must not be taken for the answer to the challenge.
constexpr absl::Duration kLongestProofPause = absl::Seconds(4);
constexpr absl::Duration kAnswering = absl::Seconds(5);
// A live process notices a challenge at its next heartbeat, after 3 seconds at the latest, and then
// takes its name back. A fence that comes later than this is not the answer to the challenge.
constexpr absl::Duration kAnswerLimit = absl::Seconds(60);

}  // namespace

NameConflict::NameConflict(const ProcessId& own, absl::Duration session_timeout,
                           uint64_t random_seed)
    : own_(own),
      session_timeout_(session_timeout),
      backoff_(absl::Milliseconds(500), absl::Seconds(2), random_seed) {}

absl::Duration NameConflict::ProofTime() const {
  return std::min(session_timeout_ * 2 + absl::Seconds(2), kLongestProof);
}

void NameConflict::OnFenced(MonotonicTime now) {
  fenced_ = now;
  next_question_ = now;
  last_answer_ = now;
  answering_since_ = now;
  holder_.reset();
  held_since_.reset();
  backoff_.Reset();
}

// Returns true if the elder's member has joined after the last challenge and has fenced this
// process soon after it.
bool NameConflict::IsAnsweredBy(const NameHolder& elder) const {
  return challenge_.has_value() && elder.member_id != challenge_->member_id &&
         fenced_ - challenge_->joined < kAnswerLimit;
}

NameConflict::Decision NameConflict::Decide(const absl::StatusOr<NameReport>& report,
                                            MonotonicTime now) {
  if (!report.ok()) {
    if (now - last_answer_ >= ProofTime()) return Decision::kJoin;
    next_question_ = now + backoff_.Next();
    return Decision::kAskLater;
  }
  backoff_.Reset();
  if (now - last_answer_ > kLongestProofPause) answering_since_ = now;
  last_answer_ = now;
  holder_.reset();
  if (!report->holder.has_value() || report->holder->process == own_) return Decision::kJoin;
  holder_ = report->holder;
  // A process without an id is treated as the elder, because it cannot compare the ids.
  if (holder_->process.has_value() && *holder_->process > own_) return Decision::kJoin;
  if (IsAnsweredBy(*holder_)) return Decision::kEnd;
  if (!held_since_.has_value()) held_since_ = now;
  if (now - *held_since_ >= ProofTime() && now - answering_since_ >= kAnswering) {
    challenge_ = Challenge{now, holder_->member_id};
    return Decision::kChallenge;
  }
  next_question_ = now + kBetweenQuestions;
  return Decision::kAskLater;
}

std::string DescribeHolder(const NameHolder& holder) {
  std::string text = absl::StrCat("host ", holder.host);
  if (holder.process.has_value()) {
    absl::StrAppend(
        &text, ", running since ",
        absl::FormatTime("%Y-%m-%dT%H:%M:%SZ",
                         absl::FromUnixSeconds(absl::ToUnixSeconds(holder.process->started())),
                         absl::UTCTimeZone()));
  }
  absl::StrAppend(&text, ", client id ", holder.client_id);
  return text;
}

}  // namespace picket::kafka
