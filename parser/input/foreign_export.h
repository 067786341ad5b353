#pragma once

// Recognises files that people mistake for exports of the audit log.

#include <string>
#include <string_view>
#include <vector>

namespace picket::parser {

// Each function returns what the file is, such as "an Entra sign-in export", or an empty view if it
// may be an export of the audit log.

// `start` is the beginning of a file.
std::string_view DescribeForeignBytes(std::string_view start);
// `names` are the columns of a CSV or the members of an object.
std::string_view DescribeForeignNames(const std::vector<std::string>& names);
// `text` is the beginning of a JSON file. The file is foreign if all records in this text are of
// the same foreign kind.
std::string_view DescribeForeignJson(std::string_view text);

}  // namespace picket::parser
