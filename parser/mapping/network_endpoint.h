#pragma once

// JSON of OCSF's network endpoint object.

#include "parser/geo/geo.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"

namespace picket::parser {

// Writes the members of an endpoint.
inline void PutAddress(Appender& to, const NetworkAddress& address) {
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
// Writes the members of the source endpoint: the first address and its place, if known. There must
// be an address.
inline void PutSource(Appender& to, const RecordFacts& facts) {
  PutAddress(to, facts.addresses.front());
  if (facts.place != nullptr) to.Put(facts.place->ocsf);
}

}  // namespace picket::parser
