#pragma once

// Reads a JSON event into the fields that a rule set looks at: names were resolved when the set was compiled, so a key is
// looked up once, and what stands under keys that no rule names is passed over.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "common/json_tokens.h"
#include "detector/compiled_rules.h"
#include "detector/parsed_event.h"

namespace picket::detector {

// Threads: one. Lifetime: `compiled` must outlive it. Failure: event.ok is false for what is no JSON object. Values that
// no rule looks at are checked for their place only, not for what is in them.
class EventReader {
 public:
  explicit EventReader(const RuleSet::Compiled& compiled) : compiled_(compiled) {}

  void Read(std::string_view json, ParsedEvent& event);

 private:
  bool ReadObject(uint32_t path, bool dotted, int depth);
  bool ReadArray(uint32_t path, bool dotted, int depth);
  bool ReadElements(uint32_t path, bool dotted, int depth);
  bool ReadMember(uint32_t path, bool dotted, int depth);
  bool ReadValue(uint32_t path, bool dotted, int depth, bool is_element = false);
  // The key at the token, and behind its colon. `text` may be a view into key_.
  bool ReadKey(std::string_view& text);
  bool HasBackslash(size_t start, size_t stop);
  bool ReadString(EventValue& value);
  bool ReadScalar(EventValue& value);
  // Passes over the value at the token.
  bool Skip();

  uint32_t Child(uint32_t path, std::string_view key, bool& dotted) const;
  void Add(const EventValue& value, uint32_t path, bool dotted);
  bool AddPivot(const PathNode& node, const EventValue& name, size_t members_begin);
  void AddContainer(uint32_t start, uint32_t path, bool dotted);

  const RuleSet::Compiled& compiled_;
  JsonTokens tokens_;
  ParsedEvent* event_ = nullptr;
  const char* text_ = nullptr;
  const uint32_t *at_ = nullptr, *end_ = nullptr;
  size_t next_backslash_ = 0;
  std::string key_, name_;
  // While the value of a wanted member of a Name/Value list is read.
  uint32_t member_key_ = KeyTable::kNone;
  // What a Name/Value member held, until its name is known: (member key, value).
  std::vector<std::pair<uint32_t, uint32_t>> member_values_;
};

}  // namespace picket::detector
