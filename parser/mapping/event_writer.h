#pragma once

// Writes an audit record as an OCSF event: the class and activity given by the mapping, the
// attributes common to all classes, and the attributes of the class. Strings of the record are
// copied unchanged, including their escapes.

#include <cstdint>
#include <string_view>

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends the event to `out`.
void WriteOcsfEvent(const RecordFacts& facts, ByteBuffer& out);

}  // namespace picket::parser
