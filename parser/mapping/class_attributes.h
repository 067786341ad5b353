#pragma once

// Writes the attributes that are specific to the OCSF class of an event.

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends members of the event, each preceded by a comma: `,"user":…,"resources":…`.
void WriteClassAttributes(const RecordFacts& facts, ByteBuffer& out);

}  // namespace picket::parser
