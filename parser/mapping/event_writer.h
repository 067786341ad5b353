#pragma once

// An audit record as an OCSF event: which class and activity the mapping says, what is common to all classes, and the
// attributes that the class asks for. The text of the source is copied as it stands, escapes and all.

#include <cstdint>
#include <string_view>

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends the event to `out`.
void WriteOcsfEvent(const RecordFacts& facts, Bytes& out);

// The codes of remarks as a list of texts: ["ip_unparsed"].
std::string_view RemarksJson(uint16_t remarks);

}  // namespace picket::parser
