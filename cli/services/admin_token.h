#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace picket {

// Reads the token of the admin pages (admin.token_file). Returns an empty token if `path` is empty.
// Failure: returns PermissionDenied if users other than the owner and the group can read the file,
// or anybody but the owner can write it. Returns InvalidArgument if the token is shorter than 16
// characters or contains anything but printable ASCII characters. The message contains the path but
// never the token.
absl::StatusOr<std::string> ReadAdminToken(const std::string& path);

}  // namespace picket
