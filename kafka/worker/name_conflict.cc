#include "kafka/worker/name_conflict.h"

#include "absl/strings/str_cat.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBetweenQuestions = absl::Seconds(1);
// A pause of this length between two answers breaks the proof that the holder is alive. A broker
// that stood still in the meantime could not remove a dead member.
constexpr absl::Duration kLongestJoinPause = absl::Seconds(4);

}  // namespace

NameConflict::NameConflict(const ProcessId& own, absl::Duration session_timeout,
                           uint64_t random_seed)
    : own_(own),
      session_timeout_(session_timeout),
      backoff_(absl::Milliseconds(500), absl::Seconds(2), random_seed) {}

void NameConflict::OnFenced(MonotonicTime now) {
  fenced_ = now;
  next_question_ = now;
  holder_.reset();
  backoff_.Reset();
}

// Compares the ids of the processes. A client id without a process id belongs to another program or
// to an older version. Two such members are taken for the same process if their client ids are
// equal.
bool NameConflict::IsSameProcess(const NameHolder& other) const {
  if (!holder_.has_value()) return false;
  return other.process.has_value() ? holder_->process == other.process
                                   : holder_->client_id == other.client_id;
}

NameConflict::Decision NameConflict::Decide(const absl::StatusOr<NameReport>& report,
                                            MonotonicTime now) {
  if (!report.ok()) {
    // The pause breaks a proof that had begun.
    holder_.reset();
    if (now - fenced_ >= session_timeout_ * 2) return Decision::kJoin;
    next_question_ = now + backoff_.Next();
    return Decision::kAskLater;
  }
  backoff_.Reset();
  if (!report->holder.has_value() || report->holder->process == own_) return Decision::kJoin;
  const NameHolder& other = *report->holder;
  // A process without an id is treated as the older one, because it cannot compare the ids.
  const bool is_newcomer = other.process.has_value() && *other.process > own_;
  if (is_newcomer) {
    holder_ = other;
    return Decision::kJoin;
  }
  const bool continues =
      report->is_stable && IsSameProcess(other) && now - last_answer_ < kLongestJoinPause;
  if (!continues) held_since_ = now;
  holder_ = other;
  last_answer_ = now;
  if (report->is_stable && now - held_since_ >= ProofTime()) return Decision::kEnd;
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
