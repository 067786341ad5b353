#pragma once

// Finds field names in rules that no audit record has, such as misspelt names.

#include <string>
#include <string_view>
#include <vector>

#include "sigma/rule_file.h"
#include "sigma/sigma_document.h"

namespace picket {

// Returns true if a record can have the field `name` of a rule. This is the case if `name` can
// refer to a field of the event outside `unmapped`, or to a documented field inside `unmapped`, and
// if it is not a misspelt name of a parameter (see SimilarField).
bool IsKnownField(std::string_view name);

// Returns the known field that is similar to an unknown name: "Operation" for "Opration",
// "Parameters.ForwardTo" for "Parameters.FowardTo". Returns "" if no known field is similar.
//
// Cmdlets have more parameters than this program knows. A name of a parameter therefore counts as
// misspelt only if it differs from a known name by one or two letters.
std::string SimilarField(std::string_view name);

// Returns "no record has X", with a suggestion if there is one, or "" if a record can have X.
std::string WhyNoRecordHas(std::string_view name);

// Returns the fields by which a correlation groups, and the field that it counts, in the order of
// the document. Replaces an alias by the fields for which it stands.
std::vector<std::string> FieldsOfCorrelation(const sigma::CorrelationSpec& spec);

// Returns a warning about each misspelt field of a detection or a filter, and about each field of a
// correlation that no record has, because the correlation then counts nothing. `file` is the file
// of the document.
std::vector<sigma::RuleFault> FieldWarnings(const sigma::RuleFile& file,
                                            const sigma::SigmaDocument& document);

}  // namespace picket
