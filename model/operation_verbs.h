#pragma once

// Derives an activity from the name of an operation for which the mapping has no row.

#include <cstdint>
#include <string_view>

namespace picket {

struct OperationVerb {
  uint8_t web_activity;   // activity_id in Web Resources Activity
  uint8_t call_activity;  // activity_id in API Activity
};
// Returns the activity of the verb in an operation, or nullptr if it has no known verb. A name
// consists of words: "CaseMemberAdded", "Add domain to company", "User deleted". The verb is, in
// this order:
//  1. the first word, if it is only ever a verb: "AddMember";
//  2. the last word, if it is in the past tense: "SearchResultsPurged";
//  3. the first word, if it is a verb or a noun: "SearchQuery", "ViewUpdate". A noun such as
//     "Access" leaves the place to a verb at the end: "AccessChange";
//  4. the first word in the past tense: "ViewedReport";
//  5. the last word, as a verb or its noun: "AuditPolicyUpdate", "GroupCreation";
//  6. a word in the middle: "UserAddedToGroup", "StreamCreateVideo".
// Makes no allocation. Case does not matter.
const OperationVerb* FindOperationVerb(std::string_view operation);

// Returns the activity of the verb of a PowerShell cmdlet (see IsCmdletName), which is the word
// before the hyphen, or nullptr if the verb is not known. Makes no allocation.
const OperationVerb* FindCmdletVerb(std::string_view cmdlet);

// Returns true if an operation has the form of a PowerShell cmdlet: "Set-Mailbox".
bool IsCmdletName(std::string_view operation);

}  // namespace picket
