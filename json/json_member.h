#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace picket {

// The text of a member of a JSON object, without parsing what stands beside it: strings with their quotes. Empty when
// it is not there. For the few members that every event is asked for; the text must be an object of valid JSON.
// Complexity: linear up to the member; no allocation.
std::string_view JsonMember(std::string_view object, std::string_view key);

// A JSON string without its quotes; escapes stay. Empty for anything else.
std::string_view JsonText(std::string_view value);

// A whole number; false for anything else.
bool JsonInteger(std::string_view value, int64_t* number);

// At most `bytes` of a UTF-8 text, with no sequence torn.
std::string_view CutText(std::string_view text, size_t bytes);

}  // namespace picket
