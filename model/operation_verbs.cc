#include "model/operation_verbs.h"

#include <cstddef>

namespace picket {
namespace {

constexpr OperationVerb kVerbs[] = {
    {"Add", 1, 1},     {"Create", 1, 1},   {"New", 1, 1},       {"Upload", 1, 1},
    {"Install", 1, 1}, {"Start", 1, 1},    {"Import", 6, 1},    {"View", 2, 2},
    {"Get", 2, 2},     {"Read", 2, 2},     {"Access", 2, 2},    {"List", 2, 2},
    {"Preview", 2, 2}, {"Search", 5, 2},   {"Aggregate", 2, 2}, {"Validate", 2, 2},
    {"Test", 2, 2},    {"Update", 3, 3},   {"Set", 3, 3},       {"Edit", 3, 3},
    {"Modify", 3, 3},  {"Change", 3, 3},   {"Enable", 3, 3},    {"Disable", 3, 3},
    {"Move", 3, 3},    {"Rename", 3, 3},   {"Delete", 4, 4},    {"Remove", 4, 4},
    {"Purge", 4, 4},   {"Clear", 4, 4},    {"Uninstall", 4, 4}, {"Revoke", 4, 4},
    {"Export", 7, 2},  {"Download", 7, 2}, {"Share", 8, 3},
};
// The verbs of operations such as FlowCreated and UpdatedSetting.
constexpr OperationVerb kPastVerbs[] = {
    {"Added", 1, 1},    {"Created", 1, 1},   {"Uploaded", 1, 1},   {"Installed", 1, 1},
    {"Viewed", 2, 2},   {"Read", 2, 2},      {"Accessed", 2, 2},   {"Searched", 5, 2},
    {"Listed", 2, 2},   {"Previewed", 2, 2}, {"Updated", 3, 3},    {"Edited", 3, 3},
    {"Modified", 3, 3}, {"Changed", 3, 3},   {"Enabled", 3, 3},    {"Disabled", 3, 3},
    {"Moved", 3, 3},    {"Renamed", 3, 3},   {"Deleted", 4, 4},    {"Removed", 4, 4},
    {"Purged", 4, 4},   {"Exported", 7, 2},  {"Downloaded", 7, 2}, {"Shared", 8, 3},
    {"Imported", 6, 1},
};

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

const OperationVerb* FindOperationVerb(std::string_view operation) {
  for (const OperationVerb& verb : kVerbs) {
    if (operation.size() < verb.word.size() || operation.substr(0, verb.word.size()) != verb.word)
      continue;
    // "Settings" must not match the verb "Set".
    if (operation.size() > verb.word.size() && IsLower(operation[verb.word.size()])) continue;
    return &verb;
  }
  for (const OperationVerb& verb : kPastVerbs) {
    if (operation.size() <= verb.word.size()) continue;
    if (operation.substr(operation.size() - verb.word.size()) == verb.word) return &verb;
    if (operation.substr(0, verb.word.size()) == verb.word &&
        !IsLower(operation[verb.word.size()])) {
      return &verb;
    }
  }
  // In StreamCreateVideo the verb follows the name of the product.
  static constexpr std::string_view kStream = "Stream";
  if (operation.substr(0, kStream.size()) == kStream) {
    return FindOperationVerb(operation.substr(kStream.size()));
  }
  return nullptr;
}

bool IsCmdletName(std::string_view operation) {
  const size_t dash = operation.find('-');
  return dash != std::string_view::npos && dash > 1 && dash + 1 < operation.size() &&
         operation[0] >= 'A' && operation[0] <= 'Z' && operation[dash + 1] >= 'A' &&
         operation[dash + 1] <= 'Z' && operation.find(' ') == std::string_view::npos;
}

}  // namespace picket
