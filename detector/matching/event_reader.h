#pragma once

// Reads a JSON event into the fields that a rule set looks at: names were resolved when the set was compiled, so a key is
// looked up once, and what stands under keys that no rule names is passed over.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/compiled_rules.h"
#include "detector/matching/key_predictor.h"
#include "detector/matching/parsed_event.h"
#include "json/json_tokens.h"

namespace picket::detector {

// Threads: one. Lifetime: `compiled` must outlive it. Failure: event.ok is false for what is no JSON object. Values that
// no rule looks at are checked for their place only, not for what is in them.
class EventReader {
 public:
  explicit EventReader(const RuleSet::Compiled& compiled)
      : paths_(compiled.paths.data()), reads_all_(compiled.has_keywords) {}

  void Read(std::string_view json, ParsedEvent& event);

 private:
  using Key = KeyMemory::Known;
  using Foretold = KeyMemory::Successors;
  // Where a token starts in the text. Readers take the first token of what they read and return the one behind it, which is
  // end_ behind the event, and when this is no JSON.
  using Token = const uint32_t*;

  Token ReadObject(Token at, uint32_t path, bool dotted, int depth, Foretold* foretold);
  Token ReadArray(Token at, uint32_t path, bool dotted, int depth, Foretold* foretold);
  Token ReadElements(Token at, uint32_t path, bool dotted, int depth, Foretold* foretold);
  Token ReadMember(Token at, uint32_t path, bool dotted, int depth, Foretold* foretold);
  Token ReadValue(Token at, uint32_t path, bool dotted, int depth, Foretold* foretold,
                  bool is_element = false);
  Key* ReadKey(Token& at, uint32_t path, Foretold& foretold);
  Key* ReadNewKey(std::string_view written, uint32_t path, Foretold& foretold);
  bool HasBackslash(size_t start, size_t stop);
  bool ReadString(uint32_t start, uint32_t stop);
  bool ReadScalar(uint32_t start, uint32_t stop);
  // Passes over a value.
  Token Skip(Token at);
  Token Wrong() {
    is_wrong_ = true;
    return end_;
  }

  uint32_t Child(uint32_t path, std::string_view key, bool& dotted) const;
  void AddEntries(const std::vector<FieldId>& fields, bool dotted);
  bool AddPivot(const PathNode& node, uint32_t name_value, size_t members_begin);
  void AddContainer(uint32_t start, uint32_t path, bool dotted);

  const PathNode* const paths_;
  const bool reads_all_;
  JsonTokens tokens_;
  ParsedEvent* event_ = nullptr;
  const char* text_ = nullptr;
  Token end_ = nullptr;
  bool is_wrong_ = false;
  size_t next_backslash_ = 0;
  size_t known_keys_end_ = 0;  // keys that begin before it can be compared with known ones
  KeyMemory keys_;
  Foretold first_key_ = {};  // of an event
  Key other_key_;            // one that is not kept
  std::string key_, name_;
  // While the value of a wanted member of a Name/Value list is read.
  uint32_t member_key_ = KeyTable::kNone;
  // What a Name/Value member held, until its name is known: (member key, value).
  std::vector<std::pair<uint32_t, uint32_t>> member_values_;
};

}  // namespace picket::detector
