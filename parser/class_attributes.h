#pragma once

// The attributes that an event's OCSF class asks for beyond those common to all classes.

#include "parser/bytes.h"
#include "parser/record_facts.h"

namespace picket::parser {

// Appends `,"user":…,"resources":…`: members of the event, each with its comma before it.
void WriteClassAttributes(const RecordFacts& facts, Bytes& out);

// The members of a network endpoint object.
void PutAddress(Bytes& out, const Address& address);
// The first address with what is known of its place. There must be one.
void PutSource(Bytes& out, const RecordFacts& facts);

}  // namespace picket::parser
