#pragma once

// The attributes that an event's OCSF class asks for beyond those common to all classes.

#include "parser/bytes.h"
#include "parser/record_facts.h"

namespace picket::parser {

// Appends `,"user":…,"resources":…`: members of the event, each with its comma before it.
void WriteClassAttributes(const RecordFacts& facts, Bytes& out);

// The members of a network endpoint object.
void PutAddress(Bytes& out, const Address& address);

}  // namespace picket::parser
