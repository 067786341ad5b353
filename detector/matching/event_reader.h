#pragma once

// Reads a JSON event into the values of the fields that a rule set names. Field names are resolved
// when the set is compiled, so each key needs only one lookup. Values under keys that no rule names
// are skipped.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/compiled_rules.h"
#include "detector/matching/key_predictor.h"
#include "detector/matching/parsed_event.h"
#include "json/json_tokens.h"

namespace picket::detector {

// Reads one event at a time.
// Threads: Use each instance from one thread. Lifetime: `compiled` must outlive the reader.
// Failure: event.ok becomes false if the JSON is not an object. Skipped values are only checked for
// balanced brackets; their content is not checked.
class EventReader {
 public:
  explicit EventReader(const RuleSet::Compiled& compiled)
      : paths_(compiled.paths.data()), searches_(compiled.has_keywords) {}

  void Read(std::string_view json, ParsedEvent& event);
  // Reads an event that has already been indexed. `tokens` must be the index of valid JSON.
  void ReadIndexed(const JsonTokens& tokens, ParsedEvent& event);

  // Returns the token index of the event that was last passed to Read.
  const JsonTokens& tokens() const { return tokens_; }

 private:
  using Key = KeyPredictor::Key;
  using Predictions = KeyPredictor::Predictions;
  // A pointer to an entry of the token index, which holds the position of a token in the JSON. Each
  // function below reads a part of the event from a token on, and returns the token after the part.
  // At the end of the event, or if the JSON is invalid, the function returns end_.
  using Token = const uint32_t*;

  Token ReadObject(Token at, uint32_t path, bool dotted, int depth, Predictions* predictions);
  Token ReadArray(Token at, uint32_t path, bool dotted, int depth, Predictions* predictions);
  Token ReadElements(Token at, uint32_t path, bool dotted, int depth, Predictions* predictions);
  Token ReadMember(Token at, uint32_t path, bool dotted, int depth, Predictions* predictions);
  Token ReadValue(Token at, uint32_t path, bool dotted, int depth, Predictions* predictions,
                  bool is_element = false);
  Key* ReadKey(Token& at, uint32_t path, Predictions& predictions);
  Key* ReadNewKey(std::string_view written, uint32_t path, Predictions& predictions);
  bool HasBackslash(size_t start, size_t stop);
  bool ReadString(uint32_t start, uint32_t stop);
  bool ReadScalar(uint32_t start, uint32_t stop);
  Token SkipValue(Token at);
  Token Fail() {
    has_failed_ = true;
    return end_;
  }

  uint32_t Child(uint32_t path, std::string_view key, bool& dotted) const;
  void AddEntries(const std::vector<FieldId>& fields, bool dotted);
  bool AddPivot(const PathNode& node, uint32_t name_value, size_t members_begin);
  void AddContainer(uint32_t start, uint32_t path, bool dotted);
  // Returns whether keywords search the value at a path inside the current part of the event.
  bool IsSearched(uint32_t path) const {
    if (path == KeyTable::kNone) return is_searched_;
    const PathNode::Search search = paths_[path].search;
    return search == PathNode::Search::kInherit ? is_searched_ : search == PathNode::Search::kYes;
  }

  const PathNode* const paths_;
  const bool searches_;       // some rule has keywords
  bool is_searched_ = false;  // keywords search the part of the event that is being read
  JsonTokens tokens_;
  ParsedEvent* event_ = nullptr;
  const char* text_ = nullptr;
  Token end_ = nullptr;
  bool has_failed_ = false;
  size_t next_backslash_ = 0;
  // Only keys before this position are compared with predicted keys. A comparison always reads
  // kComparedKey bytes, which would reach beyond the end of the event for a later key.
  size_t predicted_keys_end_ = 0;
  KeyPredictor keys_;
  Predictions first_key_ = {};  // predictions for the first key of an event
  // The current key if KeyPredictor cannot store it, for example because it contains an escape.
  Key other_key_;
  std::string key_, name_;
  // While the value of a key in a Name/Value list (path_node.h) is being read, this is the
  // Key::member_key of that key. Otherwise, it is kNone.
  uint32_t member_key_ = KeyTable::kNone;
  // The keys and values that have been read from a member of a Name/Value list. These pairs are
  // kept here until the name of the member is known.
  std::vector<std::pair<uint32_t, uint32_t>> member_values_;
};

}  // namespace picket::detector
