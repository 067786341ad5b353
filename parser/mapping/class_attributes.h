#pragma once

// The attributes that an event's OCSF class asks for beyond those common to all classes.

#include "parser/geo/geo.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Appends `,"user":…,"resources":…`: members of the event, each with its comma before it.
void WriteClassAttributes(const RecordFacts& facts, Bytes& out);

// The members of a network endpoint object.
inline void PutAddress(Appender& to, const Address& address) {
  if (!address.ip.empty()) to.PutText("\"ip\":", address.ip);
  if (!address.hostname.empty()) {
    if (!address.ip.empty()) to.Put(',');
    to.PutText("\"hostname\":", address.hostname);
  }
  if (address.port != 0) {
    to.Put(",\"port\":");
    to.PutInteger(address.port);
  }
}
// The first address with what is known of its place. There must be one.
inline void PutSource(Appender& to, const RecordFacts& facts) {
  PutAddress(to, facts.addresses.front());
  if (facts.place != nullptr) to.Put(facts.place->ocsf);
}

}  // namespace picket::parser
