#include "kafka/worker/name_conflict.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "kafka/client_config.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kBetweenQuestions = absl::Seconds(1);
constexpr absl::Duration kLongerThanSession = absl::Seconds(5);
// After a longer pause between two answers, the proof begins anew. A coordinator that stood still
// keeps dead members for that much longer.
constexpr absl::Duration kLongestProofPause = absl::Seconds(4);

}  // namespace

NameConflict::NameConflict(const ProcessId& own, absl::Duration session_timeout,
                           uint64_t random_seed)
    : own_(own),
      session_timeout_(session_timeout),
      backoff_(absl::Milliseconds(500), absl::Seconds(2), random_seed) {}

absl::Duration NameConflict::ProofTime() const {
  return RollCallSession(session_timeout_) + kLongerThanSession;
}

void NameConflict::OnFenced(MonotonicTime now) {
  next_question_ = now;
  last_answer_ = now;
  other_.reset();
  elder_since_.reset();
  backoff_.Reset();
}

NameConflict::Decision NameConflict::Decide(const absl::StatusOr<std::vector<NameUser>>& others,
                                            MonotonicTime now) {
  if (!others.ok()) {
    if (now - last_answer_ >= ProofTime()) return Decision::kJoin;
    next_question_ = now + backoff_.Next();
    return Decision::kAskLater;
  }
  backoff_.Reset();
  next_question_ = now + kBetweenQuestions;
  if (now - last_answer_ > kLongestProofPause) elder_since_.reset();
  last_answer_ = now;
  const auto eldest =
      std::min_element(others->begin(), others->end(),
                       [](const NameUser& a, const NameUser& b) { return a.process < b.process; });
  if (eldest == others->end()) {
    other_.reset();
    elder_since_.reset();
    return now - joined_ >= kUntilOthersAppear ? Decision::kJoin : Decision::kAskLater;
  }
  if (!other_.has_value() || other_->process != eldest->process) elder_since_.reset();
  other_ = *eldest;
  if (own_ < eldest->process) return Decision::kJoin;
  if (!elder_since_.has_value()) elder_since_ = now;
  return now - *elder_since_ >= ProofTime() ? Decision::kEnd : Decision::kAskLater;
}

std::string DescribeUser(const NameUser& user) {
  const absl::Time started = absl::FromUnixSeconds(absl::ToUnixSeconds(user.process.started()));
  return absl::StrCat("host ", user.host, ", running since ",
                      absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", started, absl::UTCTimeZone()));
}

}  // namespace picket::kafka
