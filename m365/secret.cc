#include "m365/secret.h"

#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/tenant.h"

namespace picket::m365 {
namespace {

// Returns a description of the error, or "" if the secret looks valid.
std::string_view SecretFault(std::string_view secret) {
  if (secret.empty()) return "is empty";
  if (IsGuid(secret)) {
    return "contains a GUID: that looks like the secret's ID; store the secret's value instead";
  }
  const char first = secret.front();
  if (secret.size() > 1 && (first == '"' || first == '\'') && secret.back() == first) {
    return "has quotes around the secret; store the value without quotes";
  }
  if (secret.find_first_of("\r\n") != std::string_view::npos) {
    return "has several lines; store only the secret's value";
  }
  return "";
}

}  // namespace

absl::StatusOr<Secret> ReadSecretFile(const std::string& path) {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(path));
  const std::string_view secret = TrimBlanks(text);
  if (const std::string_view fault = SecretFault(secret); !fault.empty()) {
    return absl::InvalidArgumentError(absl::StrCat(path, " ", ToAbsl(fault)));
  }
  return Secret(std::string(secret));
}

}  // namespace picket::m365
