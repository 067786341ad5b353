#pragma once

// Writes an audit record as an event of the Elastic Common Schema, with the field names that
// Elastic's Microsoft 365 rules use. It is written from the same facts as the OCSF event;
// `o365.audit` contains all fields of the record.

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends the event to `out`. `elastic_actions`: event.action is "added-user-account" and the like
// for the operations that Elastic's integration renames; o365.audit.Operation always has the
// operation.
// Threads: any. Makes no allocation once `out` is large enough.
void WriteEcsEvent(const RecordFacts& facts, bool elastic_actions, ByteBuffer& out);

}  // namespace picket::parser
