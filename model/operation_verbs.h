#pragma once

// What the name of an operation says about it if the mapping has no row for it.

#include <cstdint>
#include <string_view>

namespace picket {

struct OperationVerb {
  std::string_view word;
  uint8_t web_activity;   // activity_id in Web Resources Activity
  uint8_t call_activity;  // activity_id in API Activity
};
// The verb at the front of an operation ("AddMember", "Add-Member", "Add member", "ViewedReport")
// or at its end ("MemberAdded"); nullptr if there is none. Makes no allocation.
const OperationVerb* FindOperationVerb(std::string_view operation);

// Whether an operation has the form of a PowerShell cmdlet: "Set-Mailbox".
bool IsCmdletName(std::string_view operation);

}  // namespace picket
