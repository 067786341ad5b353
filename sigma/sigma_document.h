#pragma once

// A Sigma document as read, before it is compiled: modifiers applied, conditions resolved to one expression.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "sigma/glob.h"
#include "sigma/rule.h"
#include "sigma/rule_file.h"

namespace picket::sigma {

enum class TimePart : uint8_t { kMinute, kHour, kDay, kWeek, kMonth, kYear };
enum class ReferenceKind : uint8_t { kEquals, kContains, kStartsWith, kEndsWith };

// A search item whose values hold the names of lists (`%admins%`), as it is written.
struct PlaceholderItem;

// One question to one value.
struct Test {
  enum class Kind : uint8_t {
    kGlob,       // text matches `glob`; numbers and booleans as they are written
    kRegex,      // `text` is found anywhere in the value
    kNetwork,    // the address lies in `text`, a CIDR block
    kCompare,    // number `comparison` `number`
    kTimePart,   // part of the time `comparison` `number`
    kNull,       // absent or null
    kExists,     // present, whatever it is
    kNotExists,  // absent
    kReference,  // compares with the value of the field `text`
  };
  Kind kind = Kind::kGlob;
  bool cased = false;
  bool is_number = false;  // kGlob: the rule wrote a number, so that 42 also equals 42.0
  Glob glob;
  std::string text;  // kRegex: flags in front
  Comparison comparison = Comparison::kEqual;
  double number = 0;
  TimePart part = TimePart::kHour;
  ReferenceKind reference = ReferenceKind::kEquals;
};

// Which elements of an array a question is put to (`Field[any]` and so on, with `sigma-version: 3`).
enum class Quantifier : uint8_t {
  kAny,         // some element
  kAll,         // every element, and there is one
  kAllOrEmpty,  // every element, if any
  kNone,        // no element
  kIndex,       // the element at a position; one that is not there has no fields and no values
};

struct Expression;
using ExpressionPtr = std::shared_ptr<const Expression>;

struct Expression {
  enum class Kind : uint8_t { kAnd, kOr, kNot, kField, kElements, kPlaceholder };
  Kind kind = Kind::kField;
  std::vector<ExpressionPtr> children;
  // kField: true when any of the tests holds for any value of the field. An empty name means every value of the event.
  // kElements: children[0] is asked of the elements of the arrays that the field holds, of one at a time: names below it
  // are keys of the element (LiteralFieldName), kElementItself is the element, the empty name every value in it. A value
  // that is no array has no elements; an array in an array is one element.
  std::string field;
  std::vector<Test> tests;
  Quantifier quantifier = Quantifier::kAny;
  int index = 0;  // kIndex: from 0; below 0 from the end
  // kPlaceholder: an item with `expand`, until ResolvePlaceholders replaces it.
  std::shared_ptr<const PlaceholderItem> placeholder;
  // What the rule author wrote, for explanations: the identifier, or "Field|modifiers".
  std::string label;
};
inline constexpr std::string_view kElementItself = ".";

struct LogSource {
  std::string product, service, category;
};

struct SourcePosition {
  int line = 0;
  int column = 0;
};

struct CorrelationSpec {
  CorrelationType type = CorrelationType::kEventCount;
  std::vector<std::pair<std::string, SourcePosition>> rules;
  std::vector<std::string> group_by;
  // alias → (rule reference → field)
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> aliases;
  absl::Duration timespan;
  std::vector<CountCondition> conditions;
  std::string value_field;
  bool generate = false;
};

// Narrows other rules: they match only where the filter's condition holds too.
struct FilterSpec {
  std::vector<std::pair<std::string, SourcePosition>>
      rules;  // by id, name or title; empty: every rule
};

struct SigmaDocument {
  enum class Kind : uint8_t { kDetection, kCorrelation, kFilter };
  Kind kind = Kind::kDetection;
  RuleInfo info;
  std::string declared_id;  // as written; info.id falls back to the name, then the title
  SourcePosition position;
  LogSource logsource;
  ExpressionPtr expression;  // of a detection or a filter
  CorrelationSpec correlation;
  FilterSpec filter;
};

// The documents of a file that are right; everything that is wrong with the others is added to `faults`. Items with
// `expand` are kPlaceholder expressions: a document that has them is compiled only after ResolvePlaceholders.
std::vector<SigmaDocument> ReadSigma(const RuleFile& file, std::vector<RuleFault>& faults);

// What loads but is better written another way: warnings, in the order of the file.
std::vector<RuleFault> LintSigma(const RuleFile& file);

// The lists that a document names with `expand`, sorted, without the percent signs.
std::vector<std::string> PlaceholdersOf(const SigmaDocument& document);

// Replaces every kPlaceholder expression of the document by one with the values of its lists. False, with a fault for
// each, when a list is not there or empty, or a value of it has no meaning in its place; the document is unchanged then.
bool ResolvePlaceholders(const ValueLists& lists, SigmaDocument& document,
                         std::vector<RuleFault>& faults);

// The meaning of an expression as text: no comments, no labels, no positions.
std::string CanonicalText(const Expression& expression);

}  // namespace picket::sigma
