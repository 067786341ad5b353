#pragma once

#include <string>
#include <string_view>

namespace picket::parser {

// Converts a Python list or dictionary, as `str` prints it, to JSON. Tools that flatten records
// with pandas write nested lists this way: [{'Name': 'ForwardTo', 'Value': True}]. Returns an empty
// string if the text is no such literal.
std::string PythonLiteralToJson(std::string_view text);

}  // namespace picket::parser
