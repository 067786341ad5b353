#include "detector/modifiers.h"

#include <re2/re2.h>

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "detector/network.h"

namespace picket::detector {
namespace {

enum class Modifier : uint8_t {
  kContains,
  kStartsWith,
  kEndsWith,
  kRegex,
  kCidr,
  kExists,
  kFieldRef,
  kExpand,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kMinute,
  kHour,
  kDay,
  kWeek,
  kMonth,
  kYear,
  kAll,
  kCased,
  kNotEqual,
  kIgnoreCase,
  kMultiline,
  kDotAll,
  kBase64,
  kBase64Offset,
  kUtf16Le,
  kUtf16Be,
  kUtf16,
  kWindash,
};

struct ModifierName {
  std::string_view name;
  Modifier modifier;
};
constexpr ModifierName kModifiers[] = {
    {"contains", Modifier::kContains},
    {"startswith", Modifier::kStartsWith},
    {"endswith", Modifier::kEndsWith},
    {"all", Modifier::kAll},
    {"re", Modifier::kRegex},
    {"i", Modifier::kIgnoreCase},
    {"ignorecase", Modifier::kIgnoreCase},
    {"m", Modifier::kMultiline},
    {"multiline", Modifier::kMultiline},
    {"s", Modifier::kDotAll},
    {"dotall", Modifier::kDotAll},
    {"cidr", Modifier::kCidr},
    {"exists", Modifier::kExists},
    {"cased", Modifier::kCased},
    {"neq", Modifier::kNotEqual},
    {"lt", Modifier::kLess},
    {"lte", Modifier::kLessEqual},
    {"gt", Modifier::kGreater},
    {"gte", Modifier::kGreaterEqual},
    {"fieldref", Modifier::kFieldRef},
    {"expand", Modifier::kExpand},
    {"windash", Modifier::kWindash},
    {"base64", Modifier::kBase64},
    {"base64offset", Modifier::kBase64Offset},
    {"wide", Modifier::kUtf16Le},
    {"utf16le", Modifier::kUtf16Le},
    {"utf16be", Modifier::kUtf16Be},
    {"utf16", Modifier::kUtf16},
    {"minute", Modifier::kMinute},
    {"hour", Modifier::kHour},
    {"day", Modifier::kDay},
    {"week", Modifier::kWeek},
    {"month", Modifier::kMonth},
    {"year", Modifier::kYear},
};

// More patterns than this from one value (windash over many switches) is refused.
constexpr size_t kMaxVariants = 3125;

bool IsTimePart(Modifier m) { return m >= Modifier::kMinute && m <= Modifier::kYear; }
bool IsComparison(Modifier m) { return m >= Modifier::kLess && m <= Modifier::kGreaterEqual; }
bool IsPlace(Modifier m) {
  return m == Modifier::kContains || m == Modifier::kStartsWith || m == Modifier::kEndsWith;
}
bool IsRegexFlag(Modifier m) {
  return m == Modifier::kIgnoreCase || m == Modifier::kMultiline || m == Modifier::kDotAll;
}
bool IsEncoding(Modifier m) { return m >= Modifier::kBase64; }

GlobPart AnyRun() { return {GlobPart::Kind::kAnyRun, ""}; }

bool HasWildcard(const Glob& glob) {
  return std::any_of(glob.begin(), glob.end(),
                     [](const GlobPart& part) { return part.kind != GlobPart::Kind::kText; });
}

std::string PlainText(const Glob& glob) {
  std::string text;
  for (const GlobPart& part : glob) text += part.text;
  return text;
}

Glob PlainGlob(std::string text) {
  if (text.empty()) return {};
  return {{GlobPart::Kind::kText, std::move(text)}};
}

// UTF-8 to UTF-16; bytes that are no UTF-8 become U+FFFD.
std::string Utf16(std::string_view text, bool big_endian) {
  std::string out;
  const auto put = [&](uint32_t unit) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80       ? 1
                          : lead >> 5 == 6  ? 2
                          : lead >> 4 == 14 ? 3
                          : lead >> 3 == 30 ? 4
                                            : 0;
    uint32_t c = length <= 1 ? lead : lead & (0x7Fu >> length);
    bool ok = length != 0 && i + length <= text.size();
    for (size_t k = 1; ok && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      ok = next >> 6 == 2;
      c = c << 6 | (next & 0x3Fu);
    }
    if (!ok) {
      put(0xFFFD);
      ++i;
      continue;
    }
    i += length;
    if (c >= 0x10000) {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      put(c);
    }
  }
  return out;
}

std::string Base64(std::string_view bytes) { return absl::Base64Escape(ToAbsl(bytes)); }

// The three ways the bytes can look inside a longer base64 text, without the characters that their neighbours decide.
std::array<std::string, 3> Base64Offsets(std::string_view bytes) {
  constexpr size_t kSkip[] = {0, 2, 3};
  constexpr size_t kDrop[] = {0, 3, 2};
  std::array<std::string, 3> variants;
  for (size_t offset = 0; offset < 3; ++offset) {
    std::string encoded = Base64(std::string(offset, ' ').append(bytes));
    const size_t end = encoded.size() - kDrop[(bytes.size() + offset) % 3];
    variants[offset] =
        kSkip[offset] < end ? encoded.substr(kSkip[offset], end - kSkip[offset]) : std::string();
  }
  return variants;
}

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// Every way to write the switches of a command line: a dash or slash that begins a word stands for any of five signs.
bool WindashVariants(const Glob& glob, std::vector<Glob>& variants) {
  constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};
  variants.assign(1, Glob());
  for (const GlobPart& part : glob) {
    if (part.kind != GlobPart::Kind::kText) {
      for (Glob& variant : variants) variant.push_back(part);
      continue;
    }
    for (Glob& variant : variants) variant.push_back({GlobPart::Kind::kText, ""});
    for (size_t i = 0; i < part.text.size(); ++i) {
      const char c = part.text[i];
      const bool begins_word = (c == '-' || c == '/') &&
                               (i == 0 || !IsWordCharacter(part.text[i - 1])) &&
                               i + 1 < part.text.size() && IsWordCharacter(part.text[i + 1]);
      if (!begins_word) {
        for (Glob& variant : variants) variant.back().text.push_back(c);
        continue;
      }
      std::vector<Glob> more;
      if (variants.size() * std::size(kDashes) > kMaxVariants) return false;
      for (const Glob& variant : variants) {
        for (const std::string_view dash : kDashes) {
          more.push_back(variant);
          more.back().back().text += dash;
        }
      }
      variants = std::move(more);
    }
  }
  return true;
}

class ItemBuilder {
 public:
  ItemBuilder(const YamlNode& key, ItemError& error) : key_(key), error_(error) {}

  ExpressionPtr Build(const YamlNode& value) {
    if (!ReadKey()) return nullptr;
    std::vector<const YamlNode*> values;
    if (value.IsList()) {
      if (value.items.empty()) return Fail(value, "an empty list matches nothing: give a value");
      for (const YamlNode& item : value.items) values.push_back(&item);
    } else {
      values.push_back(&value);
    }
    for (const YamlNode* each : values) {
      if (!each->IsScalar()) {
        return Fail(*each, absl::StrCat("the value of '", key_.text,
                                        "' must be text, a number, a boolean, null or a list of "
                                        "these"));
      }
    }
    if (Has(Modifier::kAll) && values.size() == 1) {
      return Fail(key_,
                  absl::StrCat("'all' in '", key_.text, "' needs a list of at least two values"));
    }
    // Each value gives one or more patterns (base64offset, windash), any of which will do.
    std::vector<std::vector<Test>> groups;
    for (const YamlNode* each : values) {
      if (!AddTests(*each, groups.emplace_back())) return nullptr;
    }
    ExpressionPtr expression;
    if (Has(Modifier::kAll)) {
      auto all = std::make_shared<Expression>();
      all->kind = Expression::Kind::kAnd;
      all->label = key_.text;
      for (std::vector<Test>& group : groups) all->children.push_back(Leaf(std::move(group)));
      expression = std::move(all);
    } else {
      std::vector<Test> any;
      for (std::vector<Test>& group : groups) {
        any.insert(any.end(), std::make_move_iterator(group.begin()),
                   std::make_move_iterator(group.end()));
      }
      expression = Leaf(std::move(any));
    }
    if (Has(Modifier::kNotEqual)) {
      auto negated = std::make_shared<Expression>();
      negated->kind = Expression::Kind::kNot;
      negated->label = key_.text;
      negated->children.push_back(std::move(expression));
      return negated;
    }
    return expression;
  }

 private:
  ExpressionPtr Fail(const YamlNode& node, std::string message) {
    error_ = {node.line, node.column, std::move(message)};
    return nullptr;
  }
  bool Refuse(const YamlNode& node, std::string message) {
    Fail(node, std::move(message));
    return false;
  }

  bool Has(Modifier modifier) const {
    return std::find(modifiers_.begin(), modifiers_.end(), modifier) != modifiers_.end();
  }

  ExpressionPtr Leaf(std::vector<Test> tests) const {
    auto leaf = std::make_shared<Expression>();
    leaf->kind = Expression::Kind::kField;
    leaf->field = field_;
    leaf->tests = std::move(tests);
    leaf->label = key_.text;
    return leaf;
  }

  // Field name and modifiers, and whether they can stand together.
  bool ReadKey() {
    const std::vector<std::string> parts = absl::StrSplit(key_.text, '|');
    field_ = parts[0];
    for (size_t i = 1; i < parts.size(); ++i) {
      const auto known = std::find_if(std::begin(kModifiers), std::end(kModifiers),
                                      [&](const ModifierName& m) { return m.name == parts[i]; });
      if (known == std::end(kModifiers)) {
        std::string names;
        for (const ModifierName& m : kModifiers) {
          absl::StrAppend(&names, names.empty() ? "" : ", ", ToAbsl(m.name));
        }
        return RefuseAt(i, parts,
                        absl::StrCat("unknown modifier '", parts[i], "'; known are ", names));
      }
      if (IsRegexFlag(known->modifier) && !Has(Modifier::kRegex)) {
        return RefuseAt(i, parts, absl::StrCat("modifier '", parts[i], "' must follow 're'"));
      }
      if (Has(known->modifier)) {
        return RefuseAt(i, parts, absl::StrCat("modifier '", parts[i], "' is given twice"));
      }
      modifiers_.push_back(known->modifier);
    }
    // What the values are compared by: at most one of these, but for the two pairs that have a meaning together.
    std::string_view kind;
    for (size_t i = 1; i < parts.size(); ++i) {
      const Modifier m = modifiers_[i - 1];
      const bool is_kind = IsPlace(m) || IsComparison(m) || IsTimePart(m) ||
                           m == Modifier::kRegex || m == Modifier::kCidr ||
                           m == Modifier::kExists || m == Modifier::kFieldRef;
      if (!is_kind) continue;
      if (Has(Modifier::kFieldRef) && IsPlace(m)) {
        place_ = m;
        continue;
      }
      if (IsComparison(m)) {
        if (comparison_ != nullptr) {
          return RefuseAt(i, parts, "two comparisons in one item: write two items");
        }
        comparison_ = &modifiers_[i - 1];
        if (HasTimePart()) continue;
      }
      if (IsPlace(m)) place_ = m;
      if (!kind.empty()) {
        return RefuseAt(
            i, parts,
            absl::StrCat("'", ToAbsl(kind), "' and '", parts[i], "' cannot stand together"));
      }
      kind = parts[i];
    }
    const bool compares_text =
        kind.empty() || IsPlace(place_.value_or(Modifier::kAll)) || Has(Modifier::kFieldRef);
    for (size_t i = 1; i < parts.size(); ++i) {
      const Modifier m = modifiers_[i - 1];
      if ((m == Modifier::kCased && !compares_text) ||
          ((IsEncoding(m) || m == Modifier::kExpand) &&
           (!compares_text || Has(Modifier::kFieldRef)))) {
        return RefuseAt(
            i, parts,
            absl::StrCat("modifier '", parts[i], "' has no meaning with '", ToAbsl(kind), "'"));
      }
    }
    if (field_.empty() && (Has(Modifier::kExists) || Has(Modifier::kFieldRef) ||
                           Has(Modifier::kStartsWith) || Has(Modifier::kEndsWith))) {
      return Refuse(key_, absl::StrCat("'", key_.text,
                                       "' has no field name, and keywords have no such modifier"));
    }
    return true;
  }

  bool HasTimePart() const { return std::any_of(modifiers_.begin(), modifiers_.end(), IsTimePart); }

  // The fault lies at the `index`-th part of the key.
  bool RefuseAt(size_t index, const std::vector<std::string>& parts, std::string message) {
    int column = key_.column + (key_.quoted ? 1 : 0);
    for (size_t i = 0; i < index; ++i) column += static_cast<int>(parts[i].size()) + 1;
    error_ = {key_.line, column, std::move(message)};
    return false;
  }

  bool AddTests(const YamlNode& value, std::vector<Test>& tests) {
    if (Has(Modifier::kExists)) {
      if (value.type != YamlNode::Type::kBool) {
        return Refuse(value, absl::StrCat("'exists' takes true or false, not '", value.text, "'"));
      }
      Test& test = tests.emplace_back();
      test.kind =
          EqualsIgnoreCase(value.text, "true") ? Test::Kind::kExists : Test::Kind::kNotExists;
      return true;
    }
    if (value.IsNull()) {
      const bool plain = std::all_of(modifiers_.begin(), modifiers_.end(), [](Modifier m) {
        return m == Modifier::kNotEqual || m == Modifier::kAll;
      });
      if (!plain || field_.empty()) {
        return Refuse(value, absl::StrCat("null has no meaning with '", key_.text, "'"));
      }
      tests.emplace_back().kind = Test::Kind::kNull;
      return true;
    }
    if (HasTimePart() || comparison_ != nullptr) return AddComparison(value, tests);
    if (Has(Modifier::kCidr)) {
      Network network;
      if (!ParseNetwork(value.text, network)) {
        return Refuse(value, absl::StrCat("'", value.text,
                                          "' is no network: write 10.0.0.0/8 or 2001:db8::/32"));
      }
      Test& test = tests.emplace_back();
      test.kind = Test::Kind::kNetwork;
      test.text = value.text;
      return true;
    }
    if (Has(Modifier::kRegex)) return AddRegex(value, tests);
    if (Has(Modifier::kFieldRef)) {
      if (value.text.empty()) return Refuse(value, "'fieldref' takes the name of a field");
      Test& test = tests.emplace_back();
      test.kind = Test::Kind::kReference;
      test.text = value.text;
      test.cased = Has(Modifier::kCased);
      if (Has(Modifier::kContains)) test.reference = ReferenceKind::kContains;
      if (Has(Modifier::kStartsWith)) test.reference = ReferenceKind::kStartsWith;
      if (Has(Modifier::kEndsWith)) test.reference = ReferenceKind::kEndsWith;
      return true;
    }
    return AddGlobs(value, tests);
  }

  bool AddComparison(const YamlNode& value, std::vector<Test>& tests) {
    Test test;
    if (value.type == YamlNode::Type::kBool || !absl::SimpleAtod(value.text, &test.number)) {
      return Refuse(value,
                    absl::StrCat("'", key_.text, "' takes a number, not '", value.text, "'"));
    }
    test.kind = HasTimePart() ? Test::Kind::kTimePart : Test::Kind::kCompare;
    if (comparison_ != nullptr) {
      switch (*comparison_) {
        case Modifier::kLess:
          test.comparison = Comparison::kLess;
          break;
        case Modifier::kLessEqual:
          test.comparison = Comparison::kLessEqual;
          break;
        case Modifier::kGreater:
          test.comparison = Comparison::kGreater;
          break;
        default:
          test.comparison = Comparison::kGreaterEqual;
          break;
      }
    }
    for (const Modifier m : modifiers_) {
      if (!IsTimePart(m)) continue;
      test.part = static_cast<TimePart>(static_cast<int>(m) - static_cast<int>(Modifier::kMinute));
    }
    tests.push_back(std::move(test));
    return true;
  }

  bool AddRegex(const YamlNode& value, std::vector<Test>& tests) {
    std::string flags;
    if (Has(Modifier::kIgnoreCase)) flags += 'i';
    if (Has(Modifier::kMultiline)) flags += 'm';
    if (Has(Modifier::kDotAll)) flags += 's';
    Test& test = tests.emplace_back();
    test.kind = Test::Kind::kRegex;
    test.text = flags.empty() ? value.text : absl::StrCat("(?", flags, ")", value.text);
    const RE2 regex(test.text, RE2::Quiet);
    if (!regex.ok()) {
      return Refuse(
          value, absl::StrCat("regular expression not understood (RE2 syntax): ", regex.error()));
    }
    return true;
  }

  bool AddGlobs(const YamlNode& value, std::vector<Test>& tests) {
    std::vector<Glob> globs = {ParseGlob(value.text)};
    for (const Modifier modifier : modifiers_) {
      if (!Transform(modifier, value, globs)) return false;
    }
    const bool is_number = value.type == YamlNode::Type::kNumber && globs.size() == 1 &&
                           !place_.has_value() && !field_.empty();
    for (Glob& glob : globs) {
      Test& test = tests.emplace_back();
      test.kind = Test::Kind::kGlob;
      test.cased = Has(Modifier::kCased);
      test.is_number = is_number;
      const bool anywhere = field_.empty() || place_ == Modifier::kContains;
      if (anywhere || place_ == Modifier::kEndsWith) test.glob.push_back(AnyRun());
      for (GlobPart& part : glob) {
        // Runs of `*` are one.
        if (part.kind == GlobPart::Kind::kAnyRun && !test.glob.empty() &&
            test.glob.back().kind == part.kind) {
          continue;
        }
        test.glob.push_back(std::move(part));
      }
      if ((anywhere || place_ == Modifier::kStartsWith) &&
          (test.glob.empty() || test.glob.back().kind != GlobPart::Kind::kAnyRun)) {
        test.glob.push_back(AnyRun());
      }
    }
    return true;
  }

  // Encodings work on what the ones before them made, in the order written.
  bool Transform(Modifier modifier, const YamlNode& value, std::vector<Glob>& globs) {
    if (modifier == Modifier::kExpand) {
      const size_t begin = value.text.find('%');
      const size_t end = begin == std::string::npos ? begin : value.text.find('%', begin + 1);
      if (end != std::string::npos) {
        return Refuse(value,
                      absl::StrCat("the placeholder '", value.text.substr(begin, end - begin + 1),
                                   "' has no values"));
      }
      return true;
    }
    if (!IsEncoding(modifier)) return true;
    std::vector<Glob> out;
    for (const Glob& glob : globs) {
      if (modifier == Modifier::kWindash) {
        std::vector<Glob> variants;
        if (!WindashVariants(glob, variants)) {
          return Refuse(value, absl::StrCat("'windash' over more than five switches in '",
                                            value.text, "': split the value"));
        }
        out.insert(out.end(), variants.begin(), variants.end());
        continue;
      }
      if (HasWildcard(glob)) {
        return Refuse(value, absl::StrCat("'", value.text,
                                          "' has a wildcard, which cannot be "
                                          "encoded: escape it, or use 'contains'"));
      }
      const std::string text = PlainText(glob);
      switch (modifier) {
        case Modifier::kBase64:
          out.push_back(PlainGlob(Base64(text)));
          break;
        case Modifier::kBase64Offset:
          for (const std::string& variant : Base64Offsets(text)) {
            if (variant.empty()) {
              return Refuse(value,
                            absl::StrCat("'", value.text, "' is too short for base64offset"));
            }
            out.push_back(PlainGlob(variant));
          }
          break;
        case Modifier::kUtf16Le:
          out.push_back(PlainGlob(Utf16(text, false)));
          break;
        case Modifier::kUtf16Be:
          out.push_back(PlainGlob(Utf16(text, true)));
          break;
        default:
          out.push_back(PlainGlob(absl::StrCat("\xFF\xFE", Utf16(text, false))));
          break;
      }
    }
    globs = std::move(out);
    return true;
  }

  const YamlNode& key_;
  ItemError& error_;
  std::string field_;
  std::vector<Modifier> modifiers_;
  std::optional<Modifier> place_;
  const Modifier* comparison_ = nullptr;
};

}  // namespace

Glob ParseGlob(std::string_view text) {
  Glob glob;
  const auto put = [&glob](char c) {
    if (glob.empty() || glob.back().kind != GlobPart::Kind::kText) {
      glob.push_back({GlobPart::Kind::kText, ""});
    }
    glob.back().text.push_back(c);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() &&
        (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\')) {
      put(text[++i]);
    } else if (c == '*') {
      if (glob.empty() || glob.back().kind != GlobPart::Kind::kAnyRun) glob.push_back(AnyRun());
    } else if (c == '?') {
      glob.push_back({GlobPart::Kind::kAnyOne, ""});
    } else {
      put(c);
    }
  }
  return glob;
}

ExpressionPtr BuildItem(const YamlNode& key, const YamlNode& value, ItemError& error) {
  return ItemBuilder(key, error).Build(value);
}

}  // namespace picket::detector
