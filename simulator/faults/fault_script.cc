#include "simulator/faults/fault_script.h"

#include "absl/strings/str_cat.h"
#include "common/stable_hash.h"

namespace picket::simulator {
namespace {

// Returns a number that is at least 0 and less than 1, and depends only on the arguments.
double ShareOf(const Fault& fault, std::string_view what) {
  const uint64_t hash =
      StableHash(what, fault.seed * 0x9e3779b97f4a7c15 + static_cast<uint64_t>(fault.kind));
  return static_cast<double>(hash >> 11) * 0x1.0p-53;
}

bool MatchesTenant(const Fault& fault, std::string_view tenant, std::string_view domain) {
  return fault.tenant.empty() || EqualsIgnoreCase(fault.tenant, tenant) ||
         (!domain.empty() && EqualsIgnoreCase(fault.tenant, domain));
}

}  // namespace

const Fault* FaultHits::Find(FaultKind kind) const {
  for (auto fault = faults_.rbegin(); fault != faults_.rend(); ++fault) {
    if (fault->kind == kind) return &*fault;
  }
  return nullptr;
}

const Fault* FaultHits::Exclusive() const {
  for (const Fault& fault : faults_) {
    if (IsExclusive(fault.kind)) return &fault;
  }
  return nullptr;
}

bool IsExclusive(FaultKind kind) {
  switch (kind) {
    case FaultKind::kHtml:
    case FaultKind::kEmpty:
    case FaultKind::kPlain:
    case FaultKind::kNull:
    case FaultKind::kErrorObject:
    case FaultKind::kSingleObject:
    case FaultKind::kShortBody:
    case FaultKind::kAf:
    case FaultKind::kAadsts:
    case FaultKind::kThrottle:
    case FaultKind::kDenied:
    case FaultKind::kAuditingOff:
    case FaultKind::kEcho:
    case FaultKind::kCut:
    case FaultKind::kStall:
    case FaultKind::kEndless:
    case FaultKind::kGzipBomb:
      return true;
    default:
      return false;
  }
}

uint64_t FaultScript::Add(Fault fault, absl::Time now) {
  const uint64_t id = next_id_++;
  State& state = faults_[id];
  state.fault = std::move(fault);
  state.added = now;
  return id;
}

bool FaultScript::Remove(uint64_t id) { return faults_.erase(id) > 0; }

void FaultScript::Clear() { faults_.clear(); }

bool FaultScript::IsActive(const State& state, absl::Time now) {
  const absl::Duration since = now - state.added - state.fault.from;
  if (since < absl::ZeroDuration()) return false;
  if (state.fault.every <= absl::ZeroDuration()) return since < state.fault.lasting;
  absl::Duration in_period;
  absl::IDivDuration(since, state.fault.every, &in_period);
  return in_period < state.fault.lasting;
}

std::vector<FaultScript::Entry> FaultScript::List(absl::Time now) const {
  std::vector<Entry> entries;
  for (const auto& [id, state] : faults_) {
    entries.push_back({id, state.fault, state.added, state.hits, IsActive(state, now)});
  }
  return entries;
}

FaultHits FaultScript::Hit(FaultMoment moment, const FaultSubject& subject, absl::Time now) {
  FaultHits hits;
  bool excluded = false;
  for (auto& [id, state] : faults_) {
    const Fault& fault = state.fault;
    if (RowOf(fault.kind).moment != moment) continue;
    if (moment == FaultMoment::kRequest && (fault.on & KindBit(subject.kind)) == 0) continue;
    if (!MatchesTenant(fault, subject.tenant, subject.domain)) continue;
    if (!fault.content_type.empty() && fault.content_type != subject.content_type) continue;
    if (!IsActive(state, now)) continue;
    if (excluded && IsExclusive(fault.kind)) continue;
    if (fault.per_blob) {
      if (!subject.blob.has_value()) continue;
      if (fault.share < 1 && ShareOf(fault, absl::StrCat("b", *subject.blob)) >= fault.share) {
        continue;
      }
      if (fault.count > 0 && !state.blobs.contains(*subject.blob)) {
        if (static_cast<int64_t>(state.blobs.size()) >= fault.count) continue;
        state.blobs.insert(*subject.blob);
      }
    } else {
      if (fault.count > 0 && static_cast<int64_t>(state.hits) >= fault.count) continue;
      if (fault.share < 1) {
        std::string what;
        if (subject.blob.has_value()) {
          what = absl::StrCat("r", *subject.blob, "#", subject.attempt);
        } else {
          const std::string key =
              absl::StrCat(ToAbsl(subject.domain.empty() ? subject.tenant : subject.domain), "|",
                           ToAbsl(subject.content_type), "|", static_cast<int>(subject.kind));
          what = absl::StrCat(key, "#", state.subject_count[key]++);
        }
        if (ShareOf(fault, what) >= fault.share) continue;
      }
    }
    ++state.hits;
    excluded = excluded || IsExclusive(fault.kind);
    hits.Add(fault);
  }
  return hits;
}

FaultHits FaultScript::HitRequest(const FaultSubject& subject, absl::Time now) {
  return Hit(FaultMoment::kRequest, subject, now);
}

FaultHits FaultScript::HitPublication(const FaultSubject& subject, absl::Time now) {
  return Hit(FaultMoment::kPublication, subject, now);
}

std::vector<Fault> FaultScript::TakeBegun(absl::Time now) {
  std::vector<Fault> begun;
  for (auto& [id, state] : faults_) {
    const Fault& fault = state.fault;
    if (RowOf(fault.kind).moment != FaultMoment::kBeginning) continue;
    const bool repeats = fault.every > absl::ZeroDuration();
    // `count` limits the number of beginnings. Without `every`, all of them are at once.
    const int64_t limit = fault.count > 0 ? fault.count : repeats ? INT64_MAX : 1;
    while (state.next_beginning < limit) {
      const absl::Time start =
          state.added + fault.from +
          (repeats ? fault.every * state.next_beginning : absl::ZeroDuration());
      if (now < start) break;
      ++state.next_beginning;
      if (fault.share < 1 &&
          ShareOf(fault, absl::StrCat("e", state.next_beginning)) >= fault.share) {
        continue;
      }
      ++state.hits;
      begun.push_back(fault);
      // Gives each beginning another seed, so that the blobs of the beginnings differ.
      begun.back().seed += static_cast<uint64_t>(state.next_beginning - 1);
    }
  }
  return begun;
}

const Fault* FaultScript::FindActive(FaultKind kind, std::string_view tenant,
                                     std::string_view domain, absl::Time now) const {
  const Fault* found = nullptr;
  for (const auto& [id, state] : faults_) {
    if (state.fault.kind == kind && MatchesTenant(state.fault, tenant, domain) &&
        IsActive(state, now)) {
      found = &state.fault;
    }
  }
  return found;
}

absl::Duration FaultScript::ClockSkew(std::string_view tenant, std::string_view domain,
                                      absl::Time now) const {
  absl::Duration skew;
  for (const auto& [id, state] : faults_) {
    if (state.fault.kind == FaultKind::kClockSkew && MatchesTenant(state.fault, tenant, domain) &&
        IsActive(state, now)) {
      skew += state.fault.duration;
    }
  }
  return skew;
}

}  // namespace picket::simulator
