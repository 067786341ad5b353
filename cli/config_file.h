#pragma once

// Finds the picket.yaml that a command reads, and checks that it can be trusted.

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"

namespace picket {

inline constexpr char kConfigOptionHelp[] =
    "The configuration; by default ./picket.yaml or else /etc/picket/picket.yaml";

// Returns `given`, the value of --config, or else the first of `places` that exists.
//
// The file decides where secrets are read and which rules run, so one that other users can change
// is refused: a file that was found must not be writable by its group or by others, and must belong
// to root or to the current user. A file that was given must not be writable by others; its group
// and owner are not checked, because that would refuse a checkout under umask 002 and a volume of a
// container.
//
// Failure: NotFound names all places and how to make a file; PermissionDenied names the mode and
// the command that corrects it.
absl::StatusOr<std::string> FindConfigFile(const std::string& given,
                                           const std::vector<std::string>& places = {
                                               "./picket.yaml", "/etc/picket/picket.yaml"});

// Finds and reads the configuration of a command such as "picket fetch". Prints to standard error
// which file it reads, unless --config named it, and every fault. False if there is any fault.
bool ReadCommandConfig(const std::string& command, const std::string& given, PicketConfig& config);

}  // namespace picket
