#pragma once

// The attributes of an event's OCSF class, beyond those that all classes have.

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends members of the event, each with a comma before it: `,"user":…,"resources":…`.
void WriteClassAttributes(const RecordFacts& facts, ByteBuffer& out);

}  // namespace picket::parser
