#pragma once

// The parts shared by the writers of OCSF attributes: event_writer.cc, identity_attributes.h,
// resource_attributes.h and finding_attributes.h.

#include <cstddef>
#include <string_view>

#include "json/json_tokens.h"
#include "model/mapping.h"
#include "parser/geo/geo.h"
#include "parser/mapping/audit_record.h"
#include "parser/mapping/byte_buffer.h"
#include "parser/mapping/record_facts.h"
#include "parser/mapping/subject_facts.h"

namespace picket::parser {

// Writes the members of OCSF's network endpoint object.
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
// Writes the members of the source endpoint: the first address and, if known, its place. The record
// must have an address.
inline void PutSource(Appender& to, const RecordFacts& facts) {
  PutAddress(to, facts.addresses.front());
  if (facts.place != nullptr) to.Put(facts.place->ocsf);
}

// A JSON list that is omitted if it has no members. `opening` is the JSON up to and including the
// opening bracket, such as `,"resources":[`.
class OptionalList {
 public:
  OptionalList(Appender& to, std::string_view opening)
      : to_(to), opening_(opening), begin_(to.size()) {}
  // Starts a member. Must be called before each member.
  void Next() {
    to_.Put(empty_ ? opening_ : std::string_view(","));
    empty_ = false;
  }
  void Close() {
    if (!empty_) to_.Put("]");
  }
  bool empty() const { return empty_; }
  size_t bytes() const { return to_.size() - begin_; }

 private:
  Appender& to_;
  const std::string_view opening_;
  const size_t begin_;
  bool empty_ = true;
};

inline constexpr std::string_view kResources = ",\"resources\":[";

// The base class of the writers. A method with an Appender parameter continues the output of its
// caller. The other methods create an Appender of their own.
struct ClassWriter {
  const RecordFacts& facts;
  ByteBuffer& out;
  const AuditRecord& record = *facts.record;
  const JsonTokens& tokens = facts.tokens();
  const Mapping& mapping = facts.mapping;

  std::string_view Text(Field field) const { return record.Text(field); }
  std::string_view Parameter(std::string_view name) const { return facts.Parameter(name); }

  // Writes {"name":…,"uid":…} with the members that are known. If no member is known, the name is
  // "Unknown".
  [[gnu::always_inline]] inline void Named(Appender& to, NamedThing thing) {
    if (!thing.known()) thing.name = "Unknown";
    to.Put("{");
    to.PutIfText("\"name\":", thing.name);
    to.PutIfText(thing.name.empty() ? "\"uid\":" : ",\"uid\":", thing.uid);
    to.Put("}");
  }
  // Does the same as Named, and adds a type unless `type` is empty.
  [[gnu::always_inline]] inline void Typed(Appender& to, NamedThing thing, std::string_view type) {
    Named(to, thing);
    to.Cut(to.size() - 1);
    to.PutIfText(",\"type\":", type);
    to.Put("}");
  }
  [[gnu::always_inline]] inline void User(Appender& to, std::string_view key, NamedThing user,
                                          bool is_guest = false) {
    if (!user.known()) user.name = "Unknown";
    to.Put(key);
    to.Put("{");
    to.PutIfText("\"name\":", user.name);
    if (LooksLikeAddress(user.name)) to.PutText(",\"email_addr\":", user.name);
    to.PutIfText(user.name.empty() ? "\"uid\":" : ",\"uid\":", user.uid);
    if (is_guest) to.Put(",\"type_id\":99,\"type\":\"Guest\"");
    to.Put("}");
  }
  // Writes `resources` with one member. Writes nothing if `thing` is not known.
  void Resource(NamedThing thing, std::string_view type) {
    Appender to(out);
    OptionalList resources(to, kResources);
    Resource(to, resources, thing, type);
    resources.Close();
  }
  // Writes the next member of `resources`. Writes nothing if `thing` is not known.
  void Resource(Appender& to, OptionalList& resources, NamedThing thing, std::string_view type) {
    if (!thing.known()) return;
    resources.Next();
    Typed(to, thing, type);
  }
};

}  // namespace picket::parser
