#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "simulator/faults/error_answers.h"
#include "simulator/faults/fault_script.h"
#include "simulator/server/http.h"

namespace picket::simulator {

// Functions that change answers as the faults of a script demand. They have no state, so that tests
// can check each fault alone.

// An answer that replaces the normal one.
struct FaultAnswer {
  HttpResponse response;
  std::string result;  // for the statistics: a code, a status, or the name of a fault with 200
};

// Returns the answer of a fault that replaces the normal answer, such as html=404. Returns nullopt
// if `hits` contains no such fault.
std::optional<FaultAnswer> AnswerInstead(const FaultHits& hits, const HttpRequest& request,
                                         const AnswerValues& values);

// Changes a normal answer with the status 200 as these faults demand: short-body, single-object,
// partial, shuffle, cut, stall, drip, endless and gzip-bomb. Returns the name of a fault that makes
// the content incomplete or wrong, or an empty view. `age` is the age of the blob. `attempt` makes
// each shuffle different.
std::string_view ChangeContent(const FaultHits& hits, absl::Duration age, uint64_t attempt,
                               HttpResponse& response);

// Changes any answer as the faults date, retry-after, gzip and delay demand.
void ChangeDelivery(const FaultHits& hits, const HttpRequest& request, HttpResponse& response);

// Returns the value of contentExpiration, or nullopt to leave the member out. `normal` is the value
// without a fault.
std::optional<std::string> ExpirationText(const Fault* fault, absl::Time created,
                                          std::string normal);

// Returns the contentUri of a blob. `fault` may be null.
std::string ContentUri(const Fault* fault, std::string_view origin, std::string_view tenant,
                       std::string_view content_id);

}  // namespace picket::simulator
