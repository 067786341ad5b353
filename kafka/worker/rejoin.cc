#include "kafka/worker/rejoin.h"

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kQuestionLimit = absl::Seconds(2);
// The time for which a fenced worker takes part in the roll call. Another process of the same name
// fences it again much earlier.
constexpr absl::Duration kRollCallTime = absl::Minutes(3);

}  // namespace

Rejoin::Rejoin(const WorkerContext& context)
    : context_(context),
      conflict_(context.environment.process, context.kafka.session_timeout,
                context.environment.random_seed),
      backoff_(absl::Milliseconds(100), absl::Seconds(5), context.environment.random_seed) {}

void Rejoin::OnJoin() {
  joined_ = context_.Now();
  conflict_.OnJoin(joined_);
}

void Rejoin::OnLost(const absl::Status& error) {
  const MonotonicTime now = context_.Now();
  // A membership that lasted proves that the group accepts this worker.
  if (now - joined_ > context_.kafka.session_timeout * 2) backoff_.Reset();
  const absl::Duration wait = backoff_.Next();
  not_before_ = now + wait;
  was_fenced_ = absl::IsAlreadyExists(error);
  if (was_fenced_) {
    fenced_ = now;
    conflict_.OnFenced(now);
  }
  error_ = ToStd(error.message());
  LogWarning("membership_lost", {{"worker", context_.name},
                                 {"error", error},
                                 {"joins_again_in_seconds", absl::ToDoubleSeconds(wait)}});
}

void Rejoin::Poll() {
  if (roll_call_ == nullptr) return;
  roll_call_->Poll();
  if (!was_fenced_ && context_.Now() - fenced_ > kRollCallTime) roll_call_.reset();
}

absl::StatusOr<std::vector<NameUser>> Rejoin::Others() {
  if (roll_call_ == nullptr) {
    ASSIGN_OR_RETURN(roll_call_,
                     context_.clients().MakeRollCall({.group = context_.group,
                                                      .name = context_.name,
                                                      .process = context_.environment.process,
                                                      .input = context_.spec.input}));
  }
  return roll_call_->Others(kQuestionLimit);
}

absl::StatusOr<bool> Rejoin::MayJoin() {
  if (context_.Now() < not_before_) return false;
  if (!was_fenced_) return true;
  if (context_.Now() < conflict_.next_question()) return false;
  const absl::StatusOr<std::vector<NameUser>> others = Others();
  switch (conflict_.Decide(others, context_.Now())) {
    case NameConflict::Decision::kAskLater:
      if (!others.ok()) {
        LogWarning("name_users_unknown", {{"worker", context_.name}, {"error", others.status()}});
      } else if (conflict_.other().has_value()) {
        LogWarning("name_used_by_other_process",
                   {{"worker", context_.name}, {"other", DescribeUser(*conflict_.other())}});
      }
      return false;
    case NameConflict::Decision::kJoin:
      if (conflict_.other().has_value()) {
        LogWarning("name_taken_by_newcomer",
                   {{"worker", context_.name}, {"newcomer", DescribeUser(*conflict_.other())}});
      }
      LogInfo("joins_again", {{"worker", context_.name}});
      was_fenced_ = false;
      return true;
    case NameConflict::Decision::kEnd:
      return absl::FailedPreconditionError(absl::StrCat(
          "another process uses instance name '", context_.kafka.instance, "' for stage ",
          context_.spec.name, " (", DescribeUser(*conflict_.other()),
          "); this process started later and ends: give each process its own kafka.instance"));
  }
  return false;
}

std::string Rejoin::Reason() const {
  const std::string worker = absl::StrCat("worker ", context_.number);
  if (was_fenced_ && conflict_.other().has_value()) {
    return absl::StrCat(worker,
                        ": another process uses its name: ", DescribeUser(*conflict_.other()));
  }
  return absl::StrCat(worker, " joins its group again after: ", error_);
}

}  // namespace picket::kafka
