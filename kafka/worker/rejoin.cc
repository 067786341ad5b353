#include "kafka/worker/rejoin.h"

#include "absl/strings/str_cat.h"
#include "common/log.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::kafka {
namespace {

constexpr absl::Duration kQuestionLimit = absl::Seconds(2);

}  // namespace

Rejoin::Rejoin(const WorkerContext& context)
    : context_(context),
      conflict_(context.environment.process, context.kafka.session_timeout,
                context.environment.random_seed),
      backoff_(absl::Milliseconds(100), absl::Seconds(5), context.environment.random_seed) {}

void Rejoin::OnLost(const absl::Status& error) {
  const MonotonicTime now = context_.Now();
  // A membership that lasted proves that the group accepts this worker.
  if (now - joined_ > context_.kafka.session_timeout * 2) backoff_.Reset();
  const absl::Duration wait = backoff_.Next();
  not_before_ = now + wait;
  was_fenced_ = absl::IsAlreadyExists(error);
  if (was_fenced_) conflict_.OnFenced(now);
  error_ = ToStd(error.message());
  LogWarning("membership_lost", {{"worker", context_.name},
                                 {"error", error},
                                 {"joins_again_in_seconds", absl::ToDoubleSeconds(wait)}});
}

absl::StatusOr<NameReport> Rejoin::Ask() {
  if (observer_ == nullptr) {
    ASSIGN_OR_RETURN(observer_, context_.clients().MakeGroupObserver(context_.group));
  }
  return observer_->Find(context_.name, kQuestionLimit);
}

absl::StatusOr<bool> Rejoin::MayJoin() {
  if (context_.Now() < not_before_) return false;
  if (!was_fenced_) return true;
  if (context_.Now() < conflict_.next_question()) return false;
  const absl::StatusOr<NameReport> report = Ask();
  switch (conflict_.Decide(report, context_.Now())) {
    case NameConflict::Decision::kAskLater:
      if (!report.ok()) {
        LogWarning("name_holder_unknown", {{"worker", context_.name}, {"error", report.status()}});
      } else {
        LogWarning("name_held_by_other_process",
                   {{"worker", context_.name}, {"holder", DescribeHolder(*conflict_.holder())}});
      }
      return false;
    case NameConflict::Decision::kChallenge:
      LogWarning("name_challenged",
                 {{"worker", context_.name}, {"holder", DescribeHolder(*conflict_.holder())}});
      observer_.reset();
      was_fenced_ = false;
      return true;
    case NameConflict::Decision::kJoin:
      if (conflict_.holder().has_value()) {
        LogWarning("name_taken_by_newcomer",
                   {{"worker", context_.name}, {"holder", DescribeHolder(*conflict_.holder())}});
      }
      LogInfo("joins_again", {{"worker", context_.name}});
      observer_.reset();
      was_fenced_ = false;
      return true;
    case NameConflict::Decision::kEnd:
      return absl::FailedPreconditionError(absl::StrCat(
          "another process uses instance name '", context_.kafka.instance, "' for stage ",
          context_.spec.name, " (", DescribeHolder(*conflict_.holder()),
          "); this process started later and ends: give each process its own kafka.instance"));
  }
  return false;
}

std::string Rejoin::Reason() const {
  const std::string worker = absl::StrCat("worker ", context_.number);
  if (was_fenced_ && conflict_.holder().has_value()) {
    return absl::StrCat(worker,
                        ": another process uses its name: ", DescribeHolder(*conflict_.holder()));
  }
  return absl::StrCat(worker, " joins its group again after: ", error_);
}

}  // namespace picket::kafka
