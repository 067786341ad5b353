#include "sigma/search_item.h"

#include <re2/re2.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "sigma/decimal.h"
#include "sigma/encodings.h"
#include "sigma/glob.h"
#include "sigma/modifiers.h"
#include "sigma/network.h"

namespace picket::sigma {
namespace {

// The maximum number of values in an item. An item with more values is a mistake or an attack.
constexpr size_t kMaxValues = 200'000;

GlobPart AnyRun() { return {GlobPart::Kind::kAnyRun, ""}; }

// Parses an integer that begins with 0x or 0o.
std::optional<uint64_t> ParseInteger(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] =
      std::from_chars(text.data() + 2, text.data() + text.size(), number, text[1] == 'x' ? 16 : 8);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// Parses a YAML number. Infinity and NaN are not accepted.
std::optional<double> ParseNumber(const YamlNode& value) {
  const std::string& text = value.text;
  if (value.type == YamlNode::Type::kBool) return std::nullopt;
  if (value.type == YamlNode::Type::kNumber && text.size() > 2 &&
      (text[1] == 'x' || text[1] == 'o')) {
    const std::optional<uint64_t> number = ParseInteger(text);
    if (!number.has_value()) return std::nullopt;
    return static_cast<double>(*number);
  }
  double number = 0;
  if (!absl::SimpleAtod(text, &number) || !std::isfinite(number)) return std::nullopt;
  return number;
}

// Returns the digits of a number if `number`, the nearest double, or its six first digits do not
// determine it; otherwise an empty string. The six first digits are part of the version of a rule
// (CanonicalText).
std::string ExactNumber(const std::string& written, double number) {
  std::string decimal(TrimBlanks(written));
  if (written.size() > 2 && (written[1] == 'x' || written[1] == 'o')) {
    decimal = absl::StrCat(*ParseInteger(written));
  }
  double first_digits = 0;
  const bool is_determined = CompareDecimals(decimal, DecimalText(number)) == 0 &&
                             absl::SimpleAtod(absl::StrCat(number), &first_digits) &&
                             first_digits == number;
  return is_determined ? "" : decimal;
}

struct Range {
  int least, most;
};
Range RangeOf(TimePart part) {
  switch (part) {
    case TimePart::kMinute:
      return {0, 59};
    case TimePart::kHour:
      return {0, 23};
    case TimePart::kDay:
      return {1, 31};
    case TimePart::kWeek:
      return {1, 53};
    case TimePart::kMonth:
      return {1, 12};
    case TimePart::kYear:
      break;
  }
  return {0, 9999};
}

// A piece of a value with placeholders: either literal text or the name of a list.
struct Piece {
  bool is_list = false;
  std::string_view text;
};

// Splits a value into placeholders of the form `%name%` and the literal text between them. A name
// consists of letters, digits and `_`. Any other percent sign is literal text.
std::vector<Piece> SplitPlaceholders(std::string_view text) {
  const auto is_name = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  std::vector<Piece> pieces;
  size_t begin = 0;
  for (size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    size_t end = at + 1;
    while (end < text.size() && is_name(text[end])) ++end;
    if (end == at + 1 || end == text.size() || text[end] != '%') continue;
    if (at > begin) pieces.push_back({false, text.substr(begin, at - begin)});
    pieces.push_back({true, text.substr(at + 1, end - at - 1)});
    begin = end + 1;
    at = end;
  }
  if (begin < text.size()) pieces.push_back({false, text.substr(begin)});
  return pieces;
}

class ItemBuilder {
 public:
  ItemBuilder(const YamlNode& key, const ValueLists* lists, std::vector<ItemFault>& faults)
      : key_(key), lists_(lists), faults_(faults) {}

  ExpressionPtr Build(const YamlNode& value) {
    ReadKey();
    if (has_error_) return nullptr;  // values can be checked only if the modifiers are valid
    // Each value becomes a group of tests. With the modifier `all`, at least one test of every
    // group must hold. Otherwise, one test of one group is enough. A group has several tests if the
    // value is a nested list or has variants (base64offset, windash).
    std::vector<std::vector<Test>> groups;
    if (!value.IsList()) {
      AddTests(value, groups.emplace_back());
    } else {
      if (value.items.empty()) Reject(value, "an empty list matches nothing: give a value");
      for (const YamlNode& item : value.items) AddGroup(item, groups.emplace_back());
      if (value.items.size() > 1) WarnAboutNulls(value);
    }
    if (Has(Modifier::kAll) && groups.size() == 1) {
      Reject(key_, absl::StrCat("'all' in '", key_.text, "' needs a list of at least two values"));
    }
    if (Has(Modifier::kExists) && groups.size() > 1) {
      Reject(value, "'exists' takes one value, true or false");
    }
    if (Has(Modifier::kExpand) && names_.empty() && !has_error_) {
      Warn(key_,
           absl::StrCat("'", key_.text, "' has 'expand', but no value names a list (%name%)"));
    }
    if (has_error_) return nullptr;
    if (lists_ == nullptr && !names_.empty()) return Placeholder(value);
    return Join(std::move(groups));
  }

 private:
  void Reject(const YamlNode& node, std::string message) {
    has_error_ = true;
    faults_.push_back({node.line, node.column, std::move(message)});
  }
  void Warn(const YamlNode& node, std::string message) {
    faults_.push_back({node.line, node.column, std::move(message), RuleFault::Severity::kWarning});
  }
  // Reports an error at the `index`-th part of the key.
  void RejectAt(size_t index, std::string message) {
    has_error_ = true;
    int column = key_.column + (key_.quoted ? 1 : 0);
    for (size_t i = 0; i < index; ++i) column += static_cast<int>(parts_[i].size()) + 1;
    faults_.push_back({key_.line, column, std::move(message)});
  }

  bool Has(Modifier modifier) const {
    return std::any_of(given_.begin(), given_.end(),
                       [modifier](const Given& given) { return given.modifier == modifier; });
  }
  bool HasAny(bool (*is_one)(Modifier)) const {
    return std::any_of(given_.begin(), given_.end(),
                       [is_one](const Given& given) { return is_one(given.modifier); });
  }

  ExpressionPtr Leaf(std::vector<Test> tests) const {
    auto leaf = std::make_shared<Expression>();
    leaf->kind = Expression::Kind::kField;
    leaf->field = field_;
    leaf->tests = std::move(tests);
    leaf->label = key_.text;
    return leaf;
  }

  ExpressionPtr Parent(Expression::Kind kind, std::vector<ExpressionPtr> children) const {
    auto parent = std::make_shared<Expression>();
    parent->kind = kind;
    parent->label = key_.text;
    parent->children = std::move(children);
    return parent;
  }

  ExpressionPtr Join(std::vector<std::vector<Test>> groups) const {
    ExpressionPtr expression;
    if (Has(Modifier::kAll)) {
      std::vector<ExpressionPtr> all;
      for (std::vector<Test>& group : groups) all.push_back(Leaf(std::move(group)));
      expression = Parent(Expression::Kind::kAnd, std::move(all));
    } else {
      std::vector<Test> any;
      for (std::vector<Test>& group : groups) {
        any.insert(any.end(), std::make_move_iterator(group.begin()),
                   std::make_move_iterator(group.end()));
      }
      expression = Leaf(std::move(any));
    }
    if (!Has(Modifier::kNotEqual)) return expression;
    return Parent(Expression::Kind::kNot, {std::move(expression)});
  }

  ExpressionPtr Placeholder(const YamlNode& value) {
    auto item = std::make_shared<PlaceholderItem>();
    item->key = key_;
    item->value = value;
    std::sort(names_.begin(), names_.end());
    names_.erase(std::unique(names_.begin(), names_.end()), names_.end());
    item->lists = std::move(names_);
    auto expression = std::make_shared<Expression>();
    expression->kind = Expression::Kind::kPlaceholder;
    expression->placeholder = std::move(item);
    expression->label = key_.text;
    return expression;
  }

  // ---- the key ----

  // Reads the field name and the modifiers, and checks that the modifiers can be combined.
  void ReadKey() {
    parts_ = absl::StrSplit(key_.text, '|');
    field_ = parts_[0];
    const absl::Span<const ModifierName> names = ModifierNames();
    for (size_t i = 1; i < parts_.size(); ++i) {
      const auto known = std::find_if(names.begin(), names.end(),
                                      [&](const ModifierName& m) { return m.name == parts_[i]; });
      if (known == names.end()) {
        RejectAt(i, UnknownModifier(parts_[i]));
      } else if (Has(known->modifier)) {
        RejectAt(i, absl::StrCat("modifier '", parts_[i], "' is given twice"));
      } else if (IsRegexFlag(known->modifier) && !Has(Modifier::kRegex)) {
        RejectAt(i, absl::StrCat("modifier '", parts_[i], "' must follow 're'"));
      } else {
        given_.push_back({known->modifier, i});
        if (IsPlace(known->modifier)) place_ = known->modifier;
      }
    }
    for (size_t k = 0; k < given_.size(); ++k) {
      for (size_t i = 0; i < k; ++i) {
        const std::string &first = parts_[given_[i].part], &second = parts_[given_[k].part];
        if (!CanBeCombined(given_[i].modifier, given_[k].modifier)) {
          RejectAt(given_[k].part,
                   absl::StrCat("'", first, "' and '", second, "' cannot be combined"));
        } else if (IsOutOfOrder(given_[i].modifier, given_[k].modifier)) {
          RejectAt(given_[k].part, absl::StrCat("'", second, "' must come before '", first, "'"));
        }
      }
    }
    if (field_.empty()) CheckKeywords();
    if (Has(Modifier::kBase64) && place_ == Modifier::kContains) {
      Warn(key_, absl::StrCat("'", key_.text,
                              "' finds the value only where it begins at a multiple of three "
                              "bytes: write 'base64offset'"));
    }
  }

  static std::string UnknownModifier(const std::string& name) {
    // What authors write in place of a modifier or of no modifier.
    static constexpr std::pair<std::string_view, std::string_view> kOtherNames[] = {
        {"any", "remove it, because a list matches any of its values"},
        {"in", "remove it, because a list matches any of its values"},
        {"or", "remove it, because a list matches any of its values"},
        {"and", "write 'all'"},
        {"equals", "remove it, because a value without modifiers is compared as a whole"},
        {"equal", "remove it, because a value without modifiers is compared as a whole"},
        {"eq", "remove it, because a value without modifiers is compared as a whole"},
        {"is", "remove it, because a value without modifiers is compared as a whole"},
        {"exact", "remove it, because a value without modifiers is compared as a whole"},
        {"like", "remove it, and write * and ? in the value"},
        {"wildcard", "remove it, because * and ? are wildcards in every value"},
        {"icontains", "write 'contains', which ignores case"},
        {"not", "write 'neq', or 'not' in the condition"},
        {"ne", "write 'neq'"},
        {"regex", "write 're'"},
        {"regexp", "write 're'"},
        {"match", "write 're'"},
        {"matches", "write 're'"},
        {"ge", "write 'gte'"},
        {"le", "write 'lte'"},
    };
    for (const auto& [other, advice] : kOtherNames) {
      if (EqualsIgnoreCase(name, other)) {
        return absl::StrCat("unknown modifier '", name, "': ", ToAbsl(advice));
      }
    }
    std::vector<std::string_view> known;
    for (const ModifierName& m : ModifierNames()) known.push_back(m.name);
    const std::string_view nearest = NearestWord(name, known);
    if (!nearest.empty()) {
      return absl::StrCat("unknown modifier '", name, "'; did you mean '", ToAbsl(nearest), "'?");
    }
    std::string names;
    for (const std::string_view each : known) {
      absl::StrAppend(&names, names.empty() ? "" : ", ", ToAbsl(each));
    }
    return absl::StrCat("unknown modifier '", name, "'; known are ", names);
  }

  void CheckKeywords() {
    for (const Given& given : given_) {
      const Modifier m = given.modifier;
      if (!IsMatcher(m) || m == Modifier::kContains || m == Modifier::kRegex ||
          m == Modifier::kCidr) {
        continue;
      }
      RejectAt(given.part,
               absl::StrCat("'", key_.text, "' has no field name, and keywords have no '",
                            parts_[given.part], "'"));
    }
  }

  // ---- the values ----

  // Adds the tests of one list item, which is a value or a nested list of values.
  void AddGroup(const YamlNode& item, std::vector<Test>& tests) {
    if (!item.IsList()) return AddTests(item, tests);
    if (item.items.empty()) Reject(item, "an empty list matches nothing: give a value");
    for (const YamlNode& value : item.items) AddTests(value, tests);
  }

  void WarnAboutNulls(const YamlNode& list) {
    for (const YamlNode& item : list.items) {
      if (!item.IsNull()) continue;
      Warn(item, "null in a list: Sigma 2.1 has it only as the one value of an item");
    }
  }

  void AddTests(const YamlNode& value, std::vector<Test>& tests) {
    if (value.IsMap() && !value.pairs.empty()) {
      const std::string& member = value.pairs[0].first.text;
      return Reject(value, absl::StrCat("the value of '", key_.text, "' is a map: write '", field_,
                                        ".", member, "' for a nested field, or '", member,
                                        ": …' in quotes for a string"));
    }
    if (!value.IsScalar()) {
      return Reject(value,
                    absl::StrCat("the value of '", key_.text,
                                 "' must be a string, a number, a boolean, null or a list of "
                                 "these"));
    }
    if (tests.size() > kMaxValues) return;
    if (!lists_ || !Has(Modifier::kExpand)) WarnAboutSpelling(value);
    if (Has(Modifier::kExists)) {
      if (value.type != YamlNode::Type::kBool) {
        return Reject(value, absl::StrCat("'exists' takes true or false, not '", value.text, "'"));
      }
      tests.emplace_back().kind =
          EqualsIgnoreCase(value.text, "true") ? Test::Kind::kExists : Test::Kind::kNotExists;
    } else if (value.IsNull()) {
      const bool is_plain = std::all_of(given_.begin(), given_.end(), [](const Given& given) {
        return given.modifier == Modifier::kNotEqual || given.modifier == Modifier::kAll;
      });
      if (!is_plain || field_.empty()) {
        return Reject(
            value, absl::StrCat("null has no meaning ", field_.empty() ? "as a keyword" : "with ",
                                field_.empty() ? "" : absl::StrCat("'", key_.text, "'")));
      }
      tests.emplace_back().kind = Test::Kind::kNull;
    } else if (HasAny(IsTimePart) || HasAny(IsComparison)) {
      AddComparison(value, tests);
    } else if (Has(Modifier::kCidr)) {
      AddNetworks(value, tests);
    } else if (Has(Modifier::kRegex)) {
      AddRegex(value, tests);
    } else if (Has(Modifier::kFieldRef)) {
      AddReference(value, tests);
    } else {
      AddGlobs(value, tests);
    }
  }

  // Warns about values that are valid, but whose author probably meant another value.
  void WarnAboutSpelling(const YamlNode& value) {
    if (value.double_quoted) {
      const auto control = std::find_if(value.text.begin(), value.text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\n') || c == 0x7f;
      });
      // A line break is usually intended, except in the place of a letter, as in "C:\new".
      const bool has_control = control != value.text.end();
      const bool has_path_break =
          value.text.find('\n') != std::string::npos &&
          (value.text.starts_with('\n') || value.text.find(":\n") != std::string::npos);
      if (has_control || has_path_break) {
        Warn(value,
             "the value contains a control character, because a backslash in double quotes "
             "begins an escape: write the value in single quotes");
      }
    }
    if (!Has(Modifier::kRegex) && !Has(Modifier::kFieldRef) && HasDoubtfulEscape(value.text)) {
      Warn(value, absl::StrCat("the wildcard after the backslash in '", value.text,
                               "' is an ordinary character: write '\\\\' for a backslash before a "
                               "wildcard"));
    }
  }

  // Returns true if an escaped wildcard is probably meant to be a backslash and a wildcard, as in
  // C:\Temp\*.exe. A value with a path or an extension is such a value; \* alone is not.
  static bool HasDoubtfulEscape(std::string_view text) {
    bool has_escaped_wildcard = false, has_separator = false, is_before_name = false;
    // After an escaped character, an escaped wildcard is certainly intended.
    size_t escape_end = 0;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') continue;
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      const bool is_after_escape = escape_end > 0 && escape_end == i;
      if (next == '*' || next == '?' || next == '\\') escape_end = i + 2;
      if ((next == '*' || next == '?') && is_after_escape) {
        ++i;
      } else if (next == '*' || next == '?') {
        has_escaped_wildcard = true;
        const char after = i + 2 < text.size() ? text[i + 2] : '\0';
        is_before_name |= after == '.' || after == '\\';
        ++i;
      } else {
        has_separator = true;
        if (next == '\\') ++i;
      }
    }
    return has_escaped_wildcard && (has_separator || is_before_name);
  }

  void AddReference(const YamlNode& value, std::vector<Test>& tests) {
    if (value.text.empty() || value.type == YamlNode::Type::kBool ||
        HasWildcard(ParseGlob(value.text))) {
      return Reject(value,
                    absl::StrCat("'fieldref' takes the name of a field, not '", value.text, "'"));
    }
    Test& test = tests.emplace_back();
    test.kind = Test::Kind::kReference;
    test.text = value.text;
    test.cased = Has(Modifier::kCased);
    if (place_ == Modifier::kContains) test.reference = ReferenceKind::kContains;
    if (place_ == Modifier::kStartsWith) test.reference = ReferenceKind::kStartsWith;
    if (place_ == Modifier::kEndsWith) test.reference = ReferenceKind::kEndsWith;
  }

  void AddComparison(const YamlNode& value, std::vector<Test>& tests) {
    const std::optional<double> number = ParseNumber(value);
    if (!number.has_value()) {
      return Reject(value,
                    absl::StrCat("'", key_.text, "' takes a number, not '", value.text, "'"));
    }
    Test test;
    test.kind = Test::Kind::kCompare;
    test.number = *number;
    if (!HasAny(IsTimePart)) test.text = ExactNumber(value.text, *number);
    for (const Given& given : given_) {
      if (given.modifier == Modifier::kLess) test.comparison = Comparison::kLess;
      if (given.modifier == Modifier::kLessEqual) test.comparison = Comparison::kLessEqual;
      if (given.modifier == Modifier::kGreater) test.comparison = Comparison::kGreater;
      if (given.modifier == Modifier::kGreaterEqual) test.comparison = Comparison::kGreaterEqual;
      if (!IsTimePart(given.modifier)) continue;
      test.kind = Test::Kind::kTimePart;
      test.part = static_cast<TimePart>(static_cast<int>(given.modifier) -
                                        static_cast<int>(Modifier::kMinute));
      const Range range = RangeOf(test.part);
      if (*number < range.least || *number > range.most || *number != std::floor(*number)) {
        return Reject(value,
                      absl::StrCat("'", parts_[given.part], "' takes a whole number from ",
                                   range.least, " to ", range.most, ", not '", value.text, "'"));
      }
    }
    tests.push_back(std::move(test));
  }

  void AddNetworks(const YamlNode& value, std::vector<Test>& tests) {
    std::vector<Glob> globs;
    if (!Expand(value, "192.0.2.0/24", globs)) return;
    for (const Glob& glob : globs) {
      const std::string text = PlainText(glob);
      Network network;
      if (HasWildcard(glob) || !ParseNetwork(text, network)) {
        return Reject(value, absl::StrCat("'", HasWildcard(glob) ? value.text : text,
                                          "' is not a network: write 10.0.0.0/8 or 2001:db8::/32"));
      }
      Test& test = tests.emplace_back();
      test.kind = Test::Kind::kNetwork;
      test.text = text;
    }
  }

  void AddRegex(const YamlNode& value, std::vector<Test>& tests) {
    std::string flags;
    if (Has(Modifier::kIgnoreCase)) flags += 'i';
    if (Has(Modifier::kMultiline)) flags += 'm';
    if (Has(Modifier::kDotAll)) flags += 's';
    if (value.text.empty()) WarnAboutEmptyString(value);
    Test test;
    test.kind = Test::Kind::kRegex;
    test.text = flags.empty() ? value.text : absl::StrCat("(?", flags, ")", value.text);
    const RE2 regex(test.text, RE2::Quiet);
    if (!regex.ok()) {
      return Reject(value,
                    absl::StrCat("invalid regular expression (RE2 syntax): ", regex.error()));
    }
    tests.push_back(std::move(test));
  }

  void WarnAboutEmptyString(const YamlNode& value) {
    Warn(value, field_.empty() ? "an empty keyword is found in every event that has a value"
                               : absl::StrCat("an empty string is found in every value: write '",
                                              field_, "|exists: true'"));
  }

  void AddGlobs(const YamlNode& value, std::vector<Test>& tests) {
    std::vector<Glob> globs;
    if (!Expand(value, "placeholder", globs)) return;
    if (value.text.empty() && (place_.has_value() || field_.empty())) WarnAboutEmptyString(value);
    for (const Given& given : given_) {
      if (!Transform(given.modifier, value, globs)) return;
    }
    const bool is_number = value.type == YamlNode::Type::kNumber && globs.size() == 1 &&
                           !place_.has_value() && !field_.empty();
    for (const Glob& glob : globs) {
      Test& test = tests.emplace_back();
      test.kind = Test::Kind::kGlob;
      test.cased = Has(Modifier::kCased);
      test.is_number = is_number;
      const bool anywhere = field_.empty() || place_ == Modifier::kContains;
      if (anywhere || place_ == Modifier::kEndsWith) Append(AnyRun(), test.glob);
      for (const GlobPart& part : glob) Append(part, test.glob);
      if (anywhere || place_ == Modifier::kStartsWith) Append(AnyRun(), test.glob);
    }
  }

  // Sets `globs` to the patterns of the value. With the modifier `expand`, there is one pattern for
  // each combination of list values; otherwise, there is one pattern. If `lists_` is null, `sample`
  // replaces each placeholder, so that the item can still be checked. Returns false after reporting
  // an error.
  bool Expand(const YamlNode& value, const char* sample, std::vector<Glob>& globs) {
    if (!Has(Modifier::kExpand)) {
      globs = {ParseGlob(value.text)};
      return true;
    }
    const std::vector<std::string> samples = {sample};
    globs.assign(1, {});
    for (const Piece& piece : SplitPlaceholders(value.text)) {
      const std::vector<std::string>* values = &samples;
      std::vector<std::string> own;
      if (!piece.is_list) {
        own.emplace_back(piece.text);
        values = &own;
      } else {
        names_.emplace_back(piece.text);
        if (lists_ != nullptr && (values = ValuesOf(piece.text, value)) == nullptr) return false;
      }
      if (globs.size() * values->size() > kMaxValues / (1 + value.text.size() / 100)) {
        Reject(value,
               absl::StrCat("'", value.text, "' expands to more than ", kMaxValues, " values"));
        return false;
      }
      std::vector<Glob> longer;
      for (const Glob& glob : globs) {
        for (const std::string& text : *values) {
          longer.push_back(glob);
          for (const GlobPart& part : ParseGlob(text)) Append(part, longer.back());
        }
      }
      globs = std::move(longer);
    }
    return true;
  }

  const std::vector<std::string>* ValuesOf(std::string_view list, const YamlNode& value) {
    const auto found = lists_->find(list);
    if (found != lists_->end() && !found->second.empty()) return &found->second;
    Reject(value, absl::StrCat("the placeholder '%", ToAbsl(list), "%' has no values: ",
                               found == lists_->end() ? "there is no list of that name"
                                                      : "its list is empty"));
    return nullptr;
  }

  // Applies a modifier to `globs`, the results of the previous modifiers. Ignores a modifier that
  // does not transform values. Returns false after reporting an error.
  bool Transform(Modifier modifier, const YamlNode& value, std::vector<Glob>& globs) {
    if (!IsEncoding(modifier) && modifier != Modifier::kWindash) return true;
    std::vector<Glob> out;
    for (const Glob& glob : globs) {
      if (modifier == Modifier::kWindash) {
        std::vector<Glob> variants;
        if (!WindashVariants(glob, variants)) {
          Reject(value, absl::StrCat("'windash' over more than five switches in '", value.text,
                                     "': split the value"));
          return false;
        }
        out.insert(out.end(), variants.begin(), variants.end());
      } else if (!Encode(modifier, value, glob, out)) {
        return false;
      }
    }
    globs = std::move(out);
    return true;
  }

  bool Encode(Modifier modifier, const YamlNode& value, const Glob& glob, std::vector<Glob>& out) {
    if (HasWildcard(glob)) {
      Reject(value, absl::StrCat("'", value.text,
                                 "' has a wildcard, which cannot be encoded: escape it, or use "
                                 "'contains'"));
      return false;
    }
    const std::string text = PlainText(glob);
    if (text.empty()) {
      Reject(value,
             absl::StrCat("there is nothing to encode in the empty value of '", key_.text, "'"));
      return false;
    }
    std::vector<std::string> encoded;
    switch (modifier) {
      case Modifier::kBase64:
        encoded = {Base64(text)};
        break;
      case Modifier::kBase64Offset:
        for (std::string& variant : Base64Offsets(text)) encoded.push_back(std::move(variant));
        break;
      case Modifier::kUtf16Le:
        encoded = {Utf16(text, false)};
        break;
      case Modifier::kUtf16Be:
        encoded = {Utf16(text, true)};
        break;
      default:
        encoded = {absl::StrCat("\xFF\xFE", Utf16(text, false))};
        break;
    }
    const bool is_last = std::none_of(given_.begin(), given_.end(), [&](const Given& given) {
      return IsEncoding(given.modifier) && given.part > PartOf(modifier);
    });
    for (std::string& each : encoded) {
      if (each.empty()) {
        Reject(value, absl::StrCat("'", value.text, "' is too short for base64offset"));
        return false;
      }
      if (is_last && !simdjson::validate_utf8(each)) {
        Reject(value, absl::StrCat("'", value.text,
                                   "' in UTF-16 is not text that an event can contain: "
                                   "add 'base64' or 'base64offset'"));
        return false;
      }
      out.push_back(PlainGlob(std::move(each)));
    }
    return true;
  }

  size_t PartOf(Modifier modifier) const {
    for (const Given& given : given_) {
      if (given.modifier == modifier) return given.part;
    }
    return 0;
  }

  struct Given {
    Modifier modifier;
    size_t part;  // index of the modifier in parts_
  };

  const YamlNode& key_;
  const ValueLists* const lists_;
  std::vector<ItemFault>& faults_;
  bool has_error_ = false;
  std::vector<std::string> parts_;  // parts of the key: the field name and the modifiers
  std::string field_;
  std::vector<Given> given_;
  std::optional<Modifier> place_;
  std::vector<std::string> names_;  // names of the lists that occur in the values
};

}  // namespace

ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, const ValueLists* lists,
                        std::vector<ItemFault>& faults) {
  return ItemBuilder(key, lists, faults).Build(value);
}

}  // namespace picket::sigma
