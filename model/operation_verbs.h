#pragma once

// Derives an activity from the name of an operation for which the mapping has no row.

#include <cstdint>
#include <string_view>

namespace picket {

struct OperationVerb {
  std::string_view word;
  uint8_t web_activity;   // activity_id in Web Resources Activity
  uint8_t call_activity;  // activity_id in API Activity
};
// Returns the verb at the start of an operation ("AddMember", "Add-Member", "Add member",
// "ViewedReport") or at its end ("MemberAdded"), or nullptr if no verb is found. Makes no
// allocation.
const OperationVerb* FindOperationVerb(std::string_view operation);

// Returns true if an operation has the form of a PowerShell cmdlet: "Set-Mailbox".
bool IsCmdletName(std::string_view operation);

}  // namespace picket
