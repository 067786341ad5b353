#include "cli/config_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace picket {
namespace {

absl::Status RefuseWritable(const std::string& path, const struct stat& file, mode_t refused) {
  if ((file.st_mode & refused) == 0) return absl::OkStatus();
  const bool by_others = (file.st_mode & S_IWOTH) != 0;
  return absl::PermissionDeniedError(
      absl::StrFormat("%s is not read: its mode is %04o, so %s can change it. Run: chmod go-w %s",
                      path, file.st_mode & 07777, by_others ? "every user" : "its group", path));
}

absl::Status RefuseOwner(const std::string& path, const struct stat& file) {
  if (file.st_uid == 0 || file.st_uid == geteuid()) return absl::OkStatus();
  return absl::PermissionDeniedError(absl::StrFormat(
      "%s is not read: it belongs to user %d, and you are user %d. If you trust it, name it with "
      "--config %s",
      path, file.st_uid, geteuid(), path));
}

}  // namespace

absl::StatusOr<std::string> FindConfigFile(const std::string& given,
                                           const std::vector<std::string>& places) {
  struct stat file;
  if (!given.empty()) {
    // If the file does not exist, LoadPicketConfig reports the error.
    if (stat(given.c_str(), &file) == 0) RETURN_IF_ERROR(RefuseWritable(given, file, S_IWOTH));
    return given;
  }
  for (const std::string& path : places) {
    if (stat(path.c_str(), &file) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) continue;
      return absl::PermissionDeniedError(
          absl::StrCat("cannot read ", path, ": ", ErrnoText(errno)));
    }
    RETURN_IF_ERROR(RefuseWritable(path, file, S_IWGRP | S_IWOTH));
    RETURN_IF_ERROR(RefuseOwner(path, file));
    return path;
  }
  return absl::NotFoundError(absl::StrCat(
      "there is no configuration: neither ", absl::StrJoin(places, " nor "),
      " exists. Name a file with --config, or copy deploy/picket.yaml to one of these places and "
      "change it; 'picket config reference' lists every option"));
}

std::optional<std::string> ReadCommandConfig(const std::string& command, const std::string& given,
                                             PicketConfig& config,
                                             const std::vector<ConfigOverride>& overrides) {
  absl::StatusOr<std::string> path = FindConfigFile(given);
  if (!path.ok()) {
    std::fprintf(stderr, "%s: %s\n", command.c_str(), std::string(path.status().message()).c_str());
    return std::nullopt;
  }
  if (given.empty()) {
    std::fprintf(stderr, "%s: reading the configuration %s\n", command.c_str(), path->c_str());
  }
  const std::vector<std::string> faults = LoadPicketConfig(*path, config, overrides);
  for (const std::string& fault : faults) std::fprintf(stderr, "%s\n", fault.c_str());
  if (!faults.empty()) return std::nullopt;
  return *std::move(path);
}

}  // namespace picket
