#pragma once

// Defines RETURN_IF_ERROR and ASSIGN_OR_RETURN, because Debian's Abseil does not contain them.

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

#define PICKET_CONCAT_INNER(a, b) a##b
#define PICKET_CONCAT(a, b) PICKET_CONCAT_INNER(a, b)

#define RETURN_IF_ERROR(expression)                                                           \
  do {                                                                                        \
    if (absl::Status picket_status = (expression); !picket_status.ok()) return picket_status; \
  } while (false)

#define ASSIGN_OR_RETURN(declaration, expression) \
  PICKET_ASSIGN_OR_RETURN(PICKET_CONCAT(picket_result_, __LINE__), declaration, expression)

#define PICKET_ASSIGN_OR_RETURN(result, declaration, expression) \
  auto result = (expression);                                    \
  if (!result.ok()) return std::move(result).status();           \
  declaration = *std::move(result)
