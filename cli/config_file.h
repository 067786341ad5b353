#pragma once

// Finds the picket.yaml that a command reads, and checks that the file can be trusted.

#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "cli/picket_config.h"

namespace picket {

inline constexpr char kConfigOptionHelp[] =
    "The configuration; by default ./picket.yaml or else /etc/picket/picket.yaml";

// Returns `given`, the value of --config, if it is not empty. Otherwise returns the first of
// `places` that exists.
//
// The configuration determines where secrets are read and which rules run. Therefore, this function
// refuses a file that other users can change. A file found in `places` must not be writable by its
// group or by others, and must belong to root or to the current user. A file named with --config
// must not be writable by others. Its group may write to it, as in a checkout made under umask 002,
// and it may belong to any user, as in a container volume.
//
// Failure: returns NotFound if none of `places` exists. The message names all places and explains
// how to create a file. Returns PermissionDenied if a file cannot be accessed, or must not be used
// because of its mode or owner. In the second case, the message explains what the user can do.
absl::StatusOr<std::string> FindConfigFile(const std::string& given,
                                           const std::vector<std::string>& places = {
                                               "./picket.yaml", "/etc/picket/picket.yaml"});

// Finds and reads the configuration of a command such as "picket fetch". Prints every error to
// standard error. Unless --config names the file, also prints the path of the file. `overrides`
// take precedence over the file. Returns the path of the file, or nullopt if there is any error.
std::optional<std::string> ReadCommandConfig(const std::string& command, const std::string& given,
                                             PicketConfig& config,
                                             const std::vector<ConfigOverride>& overrides = {});

}  // namespace picket
