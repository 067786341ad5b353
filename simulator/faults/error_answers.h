#pragma once

#include <string>
#include <string_view>

#include "absl/types/span.h"
#include "simulator/faults/request_kind.h"

namespace picket::simulator {

// A literal error answer of the Management Activity API or of the token endpoint. The bodies follow
// the documentation of both services and not the code of the collector, so that tests find errors
// of the collector. Microsoft documents the codes, but not the HTTP status of most of them.
struct ErrorAnswer {
  std::string_view code;  // "AF20051", or the number of an AADSTS code, such as "7000215"
  int status;
  RequestKinds on;           // the kinds of requests for which this answer is usual
  std::string_view meaning;  // for `picket simulate --list-faults`
  // @tenant@, @client@, @type@, @id@, @resource@ and @time@ stand for values of the request.
  std::string_view body;
};

// Returns all AF codes, ordered by code.
absl::Span<const ErrorAnswer> AfAnswers();
// Returns all AADSTS codes, ordered by the mistake that they report.
absl::Span<const ErrorAnswer> AadstsAnswers();
// Return the answer with this code, or null. "AADSTS" before the number is optional.
const ErrorAnswer* FindAfAnswer(std::string_view code);
const ErrorAnswer* FindAadstsAnswer(std::string_view code);

// The values that replace the placeholders of a body. An empty value is replaced by "unknown".
struct AnswerValues {
  std::string_view tenant;
  std::string_view client;
  std::string_view type;
  std::string_view id;
  std::string_view resource;
  std::string_view time;
};
// Replaces the placeholders. Leaves out the characters of a value that JSON does not allow in a
// string.
std::string FillAnswer(std::string_view body, const AnswerValues& values);

}  // namespace picket::simulator
