#pragma once

// Writes an audit record as an event of the Elastic Common Schema, with the field names that
// Elastic's Microsoft 365 rules use. The event is built from the same facts as the OCSF event. Its
// object `o365.audit` contains all fields of the record.

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends the event to `out`. Elastic's integration renames some operations, for example "Add
// user." to "added-user-account". If `elastic_actions` is true, event.action has the new names.
// o365.audit.Operation always has the original operation. Makes no allocation once `out` is large
// enough.
// Threads: May be called from any thread.
void WriteEcsEvent(const RecordFacts& facts, bool elastic_actions, ByteBuffer& out);

}  // namespace picket::parser
