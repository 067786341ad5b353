#pragma once

// The kinds of faults, as a table.

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "simulator/faults/request_kind.h"

namespace picket::simulator {

enum class FaultKind : uint8_t {
  // Faults that replace or change the answer.
  kHtml,
  kEmpty,
  kPlain,
  kNull,
  kErrorObject,
  kSingleObject,
  kShortBody,
  kAf,
  kAadsts,
  kThrottle,
  kDenied,
  kAuditingOff,
  kEcho,
  // Faults that affect the delivery of the answer.
  kCut,
  kStall,
  kDrip,
  kEndless,
  kGzip,
  kGzipBomb,
  kDelay,
  kRetryAfter,
  // Faults of times.
  kDate,
  kClockSkew,
  kExpiration,
  // Faults of listings and content.
  kBadUri,
  kDuplicateEntries,
  kStaleLink,
  kBadLink,
  kPartial,
  kShuffle,
  kListedLate,
  kRepublish,
  kBigBlob,
  kRandomBlob,
  // Faults of subscriptions and the quota.
  kStartRule,
  kDisable,
  kStop,
  kQuota,
  // Faults of applications and tokens.
  kConsentMissing,
  kNoDlp,
  kDelegated,
  kWrongAudience,
  kWrongTenant,
  kWrongCloud,
  kAppMissing,
  kAppDisabled,
  kSecretExpired,
  kWrongSecret,
  kCertificateUnknown,
  kTokenLifetime,
};
inline constexpr int kFaultKindCount = static_cast<int>(FaultKind::kTokenLifetime) + 1;

// The form of the value after the name of a kind, as in "html=404".
enum class FaultValue : uint8_t {
  kNone,
  kStatus,      // one of `words`, an HTTP status
  kWord,        // one of `words`
  kDuration,    // "90s"
  kSkew,        // a duration that may be negative
  kBytes,       // "200MB"
  kCount,       // a positive number
  kAf,          // a code of AfAnswers()
  kAadsts,      // a code of AadstsAnswers()
  kDate,        // the value of a Date header: a word, or a time
  kExpiration,  // the value of contentExpiration: a word, a time, or a duration after its creation
  kUrl,
};

// When the simulator asks whether a fault applies.
enum class FaultMoment : uint8_t {
  kRequest,      // for each request of the kinds in `on`
  kPublication,  // for each blob that is published
  kBeginning,    // once, when the span of the fault begins
};

// The properties of a kind of fault.
struct FaultKindRow {
  FaultKind kind;
  std::string_view name;
  FaultValue form;
  std::string_view default_value;  // if empty, and the form is not kNone, a value is required
  std::string_view words;          // separated by blanks
  FaultMoment moment;
  RequestKinds on;  // the default of Fault::on; 0 for kAf, and if `moment` is not kRequest
  std::string_view summary;
};

// Returns all kinds, in the order of the enum.
absl::Span<const FaultKindRow> FaultKinds();
const FaultKindRow& RowOf(FaultKind kind);

// Returns one line for each kind, and one for each AF and AADSTS code, for
// `picket simulate --list-faults`.
std::string FaultKindList();

}  // namespace picket::simulator
