#include "cli/services/admin_token.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <string_view>

#include "absl/strings/str_format.h"
#include "common/error.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr size_t kShortestToken = 16;

}  // namespace

absl::StatusOr<std::string> ReadAdminToken(const std::string& path) {
  if (path.empty()) return std::string();
  struct stat file;
  if (stat(path.c_str(), &file) != 0) {
    return absl::PermissionDeniedError(
        absl::StrCat("admin.token_file: cannot read ", path, ": ", ErrnoText(errno)));
  }
  if ((file.st_mode & (S_IRWXO | S_IWGRP)) != 0) {
    return absl::PermissionDeniedError(absl::StrFormat(
        "admin.token_file: %s is not read: its mode is %04o, so other users can read or change the "
        "token. Run: chmod o=,g-w %s",
        path, file.st_mode & 07777, path));
  }
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const std::string_view token = TrimBlanks(text);
  const bool is_printable =
      std::all_of(token.begin(), token.end(), [](char c) { return c > ' ' && c <= '~'; });
  if (token.size() < kShortestToken || !is_printable) {
    return absl::InvalidArgumentError(absl::StrCat(
        "admin.token_file: ", path, " must contain one token of ", kShortestToken,
        " or more printable ASCII characters without blanks; make one with: openssl rand -hex 32"));
  }
  return std::string(token);
}

}  // namespace picket
