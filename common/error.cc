#include "common/error.h"

#include <cerrno>
#include <system_error>

#include "common/descriptors.h"
#include "common/strings.h"

namespace picket {

bool IsRetryable(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kAborted:
      return true;
    default:
      return false;
  }
}

absl::Status Annotate(const absl::Status& status, std::string_view context) {
  if (status.ok()) return status;
  return absl::Status(status.code(), absl::StrCat(ToAbsl(context), ": ", status.message()));
}

std::string ErrnoText(int error_number) {
  std::string text = std::error_code(error_number, std::generic_category()).message();
  if (error_number == EMFILE) absl::StrAppend(&text, " (", DescribeDescriptorLimit(), ")");
  return text;
}

}  // namespace picket
