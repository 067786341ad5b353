#pragma once

// An audit record as an event of the Elastic Common Schema, with the names that Elastic's Microsoft 365 rules ask for.
// Written from the same facts as the OCSF event; under `o365.audit` the record's own fields stand whole.

#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends the event to `out`. `elastic_actions`: event.action says "added-user-account" where Elastic's integration
// renames the operation; o365.audit.Operation keeps it. Threads: any. Makes no allocation once `out` is large enough.
void WriteEcsEvent(const RecordFacts& facts, bool elastic_actions, Bytes& out);

}  // namespace picket::parser
