#include "tests/twins/naive_matcher.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "absl/time/time.h"
#include "common/strings.h"
#include "tests/twins/naive_values.h"

namespace picket::detector {
namespace {

class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  std::optional<Json> Read() {
    Json value;
    if (!ReadValue(value, 0)) return std::nullopt;
    Skip();
    if (at_ != text_.size()) return std::nullopt;
    return value;
  }

 private:
  void Skip() {
    while (at_ < text_.size() &&
           std::string_view(" \t\r\n").find(text_[at_]) != std::string_view::npos) {
      ++at_;
    }
  }
  bool Take(char c) {
    Skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool TakeWord(std::string_view word) {
    if (!text_.substr(at_).starts_with(word)) return false;
    at_ += word.size();
    return true;
  }

  bool ReadValue(Json& value, int depth) {
    if (depth > 64) return false;
    Skip();
    if (at_ == text_.size()) return false;
    switch (text_[at_]) {
      case '{':
        ++at_;
        value.type = Json::Type::kObject;
        if (Take('}')) return true;
        for (;;) {
          Skip();
          auto& [key, member] = value.members.emplace_back();
          if (!ReadText(key) || !Take(':') || !ReadValue(member, depth + 1)) return false;
          if (Take('}')) return true;
          if (!Take(',')) return false;
        }
      case '[':
        ++at_;
        value.type = Json::Type::kList;
        if (Take(']')) return true;
        for (;;) {
          if (!ReadValue(value.items.emplace_back(), depth + 1)) return false;
          if (Take(']')) return true;
          if (!Take(',')) return false;
        }
      case '"':
        value.type = Json::Type::kText;
        return ReadText(value.text);
      case 'n':
        value.type = Json::Type::kNull;
        return TakeWord("null");
      case 't':
        value.type = Json::Type::kBool;
        value.text = "true";
        return TakeWord("true");
      case 'f':
        value.type = Json::Type::kBool;
        value.text = "false";
        return TakeWord("false");
      default:
        return ReadNumber(value);
    }
  }

  bool Digits() {
    const size_t begin = at_;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9') ++at_;
    return at_ > begin;
  }

  bool ReadNumber(Json& value) {
    const size_t begin = at_;
    value.type = Json::Type::kNumber;
    if (text_[at_] == '-') ++at_;
    const size_t digits = at_;
    if (!Digits() || (text_[digits] == '0' && at_ > digits + 1)) return false;
    if (at_ < text_.size() && text_[at_] == '.') {
      ++at_;
      if (!Digits()) return false;
    }
    if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
      ++at_;
      if (at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '+')) ++at_;
      if (!Digits()) return false;
    }
    value.text = text_.substr(begin, at_ - begin);
    return std::isfinite(std::strtod(value.text.c_str(), nullptr));
  }

  bool Hex4(uint32_t& unit) {
    unit = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      if (at_ == text_.size() || !std::isxdigit(static_cast<unsigned char>(text_[at_])))
        return false;
      const char c = text_[at_];
      unit = unit * 16 + static_cast<uint32_t>(c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return true;
  }

  bool ReadText(std::string& out) {
    if (at_ == text_.size() || text_[at_] != '"') return false;
    ++at_;
    while (at_ < text_.size() && text_[at_] != '"') {
      const char c = text_[at_++];
      if (static_cast<unsigned char>(c) < 0x20) return false;
      if (c != '\\') {
        out.push_back(c);
        continue;
      }
      if (at_ == text_.size()) return false;
      const char escape = text_[at_++];
      const size_t known = std::string_view("\"\\/bfnrt").find(escape);
      if (known != std::string_view::npos) {
        out.push_back("\"\\/\b\f\n\r\t"[known]);
        continue;
      }
      uint32_t unit, low;
      if (escape != 'u' || !Hex4(unit)) return false;
      if (unit >= 0xDC00 && unit < 0xE000) return false;
      if (unit >= 0xD800 && unit < 0xDC00) {
        if (!TakeWord("\\u") || !Hex4(low) || low < 0xDC00 || low >= 0xE000) return false;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      }
      AppendUtf8(unit, out);
    }
    return at_++ < text_.size();
  }

  static void AppendUtf8(uint32_t c, std::string& out) {
    const auto put = [&out](uint32_t byte) { out.push_back(static_cast<char>(byte)); };
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6);
      put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12);
      put(0x80 | (c >> 6 & 0x3F));
      put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
      put(0x80 | (c >> 6 & 0x3F));
      put(0x80 | (c & 0x3F));
    }
  }

  const std::string_view text_;
  size_t at_ = 0;
};

struct Found {
  const Json* value;
  bool dotted;
};

void FlattenInto(const Json& value, bool dotted, std::vector<Found>& out) {
  if (value.type != Json::Type::kList || value.items.empty()) {
    out.push_back({&value, dotted});
    return;
  }
  for (const Json& item : value.items) FlattenInto(item, dotted, out);
}

// Collects all values below `at` to which `name` leads. A dot in the name may separate two keys or
// be a part of one key, so both are tried. Each element of a list is searched.
void Collect(const Json& at, std::string_view name, bool dotted, std::vector<Found>& out) {
  for (const Json& item : at.items) Collect(item, name, dotted, out);
  for (const auto& [key, value] : at.members) {
    const bool is_dotted = dotted || key.find('.') != std::string::npos;
    if (key == name) {
      FlattenInto(value, is_dotted, out);
    } else if (name.size() > key.size() && name.starts_with(key) && name[key.size()] == '.') {
      Collect(value, name.substr(key.size() + 1), is_dotted, out);
    }
  }
}

// Collects all arrays to which `name` leads, not their elements.
void CollectArrays(const Json& at, std::string_view name, bool dotted, std::vector<Found>& out) {
  for (const Json& item : at.items) CollectArrays(item, name, dotted, out);
  for (const auto& [key, value] : at.members) {
    const bool is_dotted = dotted || key.find('.') != std::string::npos;
    if (key == name) {
      if (value.type == Json::Type::kList) out.push_back({&value, is_dotted});
    } else if (name.size() > key.size() && name.starts_with(key) && name[key.size()] == '.') {
      CollectArrays(value, name.substr(key.size() + 1), is_dotted, out);
    }
  }
}

// Collects the values that keywords search. `path` leads to `at`, and `is_searched` applies to what
// contains `at`.
void CollectScalars(const Json& at, const std::string& path, bool is_searched,
                    const NaivePlaces* places, std::vector<const Json*>& out) {
  const auto has = [&path](const std::vector<std::string>& paths) {
    return std::find(paths.begin(), paths.end(), path) != paths.end();
  };
  if (places != nullptr && has(places->searched)) is_searched = true;
  if (places != nullptr && has(places->unsearched)) is_searched = false;
  for (const Json& item : at.items) CollectScalars(item, path, is_searched, places, out);
  for (const auto& [key, value] : at.members) {
    CollectScalars(value, path.empty() ? key : path + "." + key, is_searched, places, out);
  }
  const bool is_placeholder = places != nullptr && !places->placeholder.empty() &&
                              path == places->placeholder_path && at.text == places->placeholder;
  if (is_searched && !is_placeholder && at.type <= Json::Type::kText &&
      at.type != Json::Type::kNull) {
    out.push_back(&at);
  }
}

std::vector<const Json*> Preferred(const std::vector<Found>& found) {
  bool any_dotted = false;
  for (const Found& each : found) any_dotted |= each.dotted;
  std::vector<const Json*> values;
  for (const Found& each : found) {
    if (each.dotted == any_dotted) values.push_back(each.value);
  }
  return values;
}

// The value in which the field names of an item are looked up: the event, or an element of an
// array. `at` is null if the array has no such element.
struct Scope {
  const Json* at;
  bool is_element = false;
  const NaivePlaces* places = nullptr;

  bool IsAddress(const std::string& field) const {
    return places != nullptr && std::find(places->addresses.begin(), places->addresses.end(),
                                          field) != places->addresses.end();
  }
};

std::vector<const Json*> ValuesOf(const Scope& scope, const std::string& name) {
  std::vector<Found> found;
  if (scope.at == nullptr) return {};
  if (name.empty()) {
    std::vector<const Json*> values;
    CollectScalars(*scope.at, "", scope.places == nullptr, scope.places, values);
    return values;
  }
  const bool is_path =
      name.find("..") == std::string::npos && name.front() != '.' && name.back() != '.';
  if (scope.is_element && name == sigma::kElementItself) {
    FlattenInto(*scope.at, false, found);
  } else if (is_path) {
    Collect(*scope.at, name, false, found);
    const std::string lower = LowerAscii(name);
    if (scope.is_element && lower != name) Collect(*scope.at, lower, false, found);
  } else {
    for (const auto& [key, value] : scope.at->members) {
      if (key == name) FlattenInto(value, true, found);
    }
  }
  return Preferred(found);
}

std::vector<const Json*> ArraysOf(const Scope& scope, const std::string& name) {
  std::vector<Found> found;
  if (scope.at == nullptr) return {};
  if (scope.is_element && name == sigma::kElementItself) {
    if (scope.at->type == Json::Type::kList) found.push_back({scope.at, false});
  } else {
    CollectArrays(*scope.at, name, false, found);
    const std::string lower = LowerAscii(name);
    if (scope.is_element && lower != name) CollectArrays(*scope.at, lower, false, found);
  }
  return Preferred(found);
}

size_t CodePoint(std::string_view text) {
  const auto lead = static_cast<unsigned char>(text[0]);
  const size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size());
}

bool GlobHolds(const sigma::Glob& glob, size_t part, std::string_view text, bool cased) {
  if (part == glob.size()) return text.empty();
  switch (glob[part].kind) {
    case sigma::GlobPart::Kind::kAnyRun:
      for (size_t i = 0; i <= text.size(); ++i) {
        if (GlobHolds(glob, part + 1, text.substr(i), cased)) return true;
      }
      return false;
    case sigma::GlobPart::Kind::kAnyOne:
      return !text.empty() && GlobHolds(glob, part + 1, text.substr(CodePoint(text)), cased);
    case sigma::GlobPart::Kind::kText: {
      const std::string literal = cased ? glob[part].text : NaivelyFolded(glob[part].text);
      return text.starts_with(literal) &&
             GlobHolds(glob, part + 1, text.substr(literal.size()), cased);
    }
  }
  return false;
}

bool IsPlain(const sigma::Glob& glob) {
  return glob.empty() || (glob.size() == 1 && glob[0].kind == sigma::GlobPart::Kind::kText);
}

bool GlobTestHolds(const sigma::Test& test, const Json& value) {
  const std::string text = test.cased ? value.text : NaivelyFolded(value.text);
  if (GlobHolds(test.glob, 0, text, test.cased)) return true;
  if (!IsPlain(test.glob) || test.cased) return false;
  const std::string wanted = test.glob.empty() ? "" : NaivelyFolded(test.glob[0].text);
  const bool has_point = value.text.find_first_of(".eE") != std::string::npos;
  const std::string number =
      value.type == Json::Type::kNumber && has_point ? NaivelyCanonical(value.text) : text;
  return number == wanted || (test.is_number && (text == NaivelyCanonical(wanted) ||
                                                 number == NaivelyCanonical(wanted)));
}

bool CompareHolds(double value, sigma::Comparison comparison, double number) {
  switch (comparison) {
    case sigma::Comparison::kGreater:
      return value > number;
    case sigma::Comparison::kGreaterEqual:
      return value >= number;
    case sigma::Comparison::kLess:
      return value < number;
    case sigma::Comparison::kLessEqual:
      return value <= number;
    case sigma::Comparison::kEqual:
      return value == number;
    case sigma::Comparison::kNotEqual:
      return value != number;
  }
  return false;
}

// Returns whether a test of strings holds for the address in a value without its port.
bool AddressTestHolds(sigma::Test test, const Json& value, const std::string& field,
                      const Scope& scope) {
  if (value.type == Json::Type::kNull || value.type > Json::Type::kText) return false;
  const std::string address = NaiveAddress(value.text);
  if (address.empty()) return false;
  Json bare;
  bare.type = Json::Type::kText;
  bare.text = address;
  switch (test.kind) {
    case sigma::Test::Kind::kRegex:
      return RE2::PartialMatch(bare.text, RE2(test.text, RE2::Quiet));
    case sigma::Test::Kind::kReference: {
      if (test.reference != sigma::ReferenceKind::kEquals) return false;
      for (const Json* const other : ValuesOf(scope, test.text)) {
        if (other->type == Json::Type::kNull || other->type > Json::Type::kText) continue;
        if (NaiveAddress(other->text) == address) return true;
      }
      return false;
    }
    case sigma::Test::Kind::kGlob: {
      if (!scope.IsAddress(field)) return false;
      if (GlobTestHolds(test, bare)) return true;
      if (!IsPlain(test.glob) || test.cased || test.glob.empty()) return false;
      const std::string literal = NaiveBareAddress(test.glob[0].text);
      return !literal.empty() && literal == address;
    }
    default:
      return false;
  }
}

bool TestHolds(const sigma::Test& test, const Json& value, const Scope& scope) {
  switch (test.kind) {
    case sigma::Test::Kind::kExists:
      return true;
    case sigma::Test::Kind::kNotExists:
      return false;
    case sigma::Test::Kind::kNull:
      return value.type == Json::Type::kNull;
    default:
      break;
  }
  if (value.type == Json::Type::kNull || value.type > Json::Type::kText) return false;
  switch (test.kind) {
    case sigma::Test::Kind::kGlob:
      return GlobTestHolds(test, value);
    case sigma::Test::Kind::kRegex:
      return RE2::PartialMatch(value.text, RE2(test.text, RE2::Quiet));
    case sigma::Test::Kind::kNetwork:
      return IsNaivelyInNetwork(value.text, test.text);
    case sigma::Test::Kind::kCompare: {
      if (value.type == Json::Type::kBool || value.text.empty()) return false;
      char* end = nullptr;
      const double number = std::strtod(value.text.c_str(), &end);
      const bool is_number = end == value.text.c_str() + value.text.size() &&
                             (value.text[0] == '-' || value.text[0] == '.' ||
                              (value.text[0] >= '0' && value.text[0] <= '9')) &&
                             value.text.find_first_of("xX") == std::string::npos;
      if (!is_number) return false;
      if (number != test.number) return CompareHolds(number, test.comparison, test.number);
      const std::string exact = test.text.empty() ? NaiveDecimal(test.number) : test.text;
      return CompareHolds(NaivelyCompared(value.text, exact), test.comparison, 0);
    }
    case sigma::Test::Kind::kReference: {
      const auto fold = [&test](const std::string& text) {
        return test.cased ? text : NaivelyFolded(text);
      };
      const auto is_fraction = [](const Json& number) {
        return number.type == Json::Type::kNumber &&
               number.text.find_first_of(".eE") != std::string::npos;
      };
      const auto by_value = [&](const Json& one) {
        return is_fraction(one) ? NaivelyCanonical(one.text) : NaivelyFolded(one.text);
      };
      const std::string a = fold(value.text);
      for (const Json* const other : ValuesOf(scope, test.text)) {
        if (other->type == Json::Type::kNull || other->type > Json::Type::kText) continue;
        const std::string b = fold(other->text);
        switch (test.reference) {
          case sigma::ReferenceKind::kEquals:
            if (a == b) return true;
            if ((is_fraction(value) || is_fraction(*other)) &&
                by_value(value) == by_value(*other)) {
              return true;
            }
            break;
          case sigma::ReferenceKind::kContains:
            if (a.find(b) != std::string::npos) return true;
            break;
          case sigma::ReferenceKind::kStartsWith:
            if (a.starts_with(b)) return true;
            break;
          case sigma::ReferenceKind::kEndsWith:
            if (a.ends_with(b)) return true;
            break;
        }
      }
      return false;
    }
    case sigma::Test::Kind::kTimePart: {
      absl::Time time;
      const size_t digits = value.text.size();
      const bool is_epoch = value.text.find_first_not_of("0123456789") == std::string::npos;
      if (is_epoch && (digits == 9 || digits == 10)) {
        time = absl::FromUnixSeconds(std::stoll(value.text));
      } else if (is_epoch && (digits == 12 || digits == 13)) {
        time = absl::FromUnixMillis(std::stoll(value.text));
      } else if (!absl::ParseTime(absl::RFC3339_full, value.text, &time, nullptr)) {
        return false;
      }
      const absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
      double part = 0;
      switch (test.part) {
        case sigma::TimePart::kMinute:
          part = civil.minute();
          break;
        case sigma::TimePart::kHour:
          part = civil.hour();
          break;
        case sigma::TimePart::kDay:
          part = civil.day();
          break;
        case sigma::TimePart::kMonth:
          part = civil.month();
          break;
        case sigma::TimePart::kYear:
          part = static_cast<double>(civil.year());
          break;
        case sigma::TimePart::kWeek:
          part = std::atoi(absl::FormatTime("%V", time, absl::UTCTimeZone()).c_str());
          break;
      }
      return CompareHolds(part, test.comparison, test.number);
    }
    default:
      return false;
  }
}

bool Holds(const sigma::Expression& expression, const Scope& scope);

bool ElementsHold(const sigma::Expression& expression, const Scope& scope) {
  const sigma::Expression& asked = *expression.children[0];
  const std::vector<const Json*> arrays = ArraysOf(scope, expression.field);
  if (expression.quantifier == sigma::Quantifier::kIndex) {
    if (arrays.empty()) return Holds(asked, {nullptr, true});
    for (const Json* const array : arrays) {
      const auto size = static_cast<int64_t>(array->items.size());
      const int64_t at = expression.index < 0 ? size + expression.index : expression.index;
      const Json* const element = at >= 0 && at < size ? &array->items[at] : nullptr;
      if (Holds(asked, {element, true})) return true;
    }
    return false;
  }
  size_t count = 0, hits = 0;
  for (const Json* const array : arrays) {
    for (const Json& element : array->items) {
      ++count;
      if (Holds(asked, {&element, true})) ++hits;
    }
  }
  switch (expression.quantifier) {
    case sigma::Quantifier::kAny:
      return hits > 0;
    case sigma::Quantifier::kAll:
      return count > 0 && hits == count;
    case sigma::Quantifier::kAllOrEmpty:
      return hits == count;
    default:
      return hits == 0;
  }
}

bool Holds(const sigma::Expression& expression, const Scope& scope) {
  switch (expression.kind) {
    case sigma::Expression::Kind::kAnd:
      for (const sigma::ExpressionPtr& child : expression.children) {
        if (!Holds(*child, scope)) return false;
      }
      return true;
    case sigma::Expression::Kind::kOr:
      for (const sigma::ExpressionPtr& child : expression.children) {
        if (Holds(*child, scope)) return true;
      }
      return false;
    case sigma::Expression::Kind::kNot:
      return !Holds(*expression.children[0], scope);
    case sigma::Expression::Kind::kElements:
      return ElementsHold(expression, scope);
    case sigma::Expression::Kind::kPlaceholder:
      return false;  // placeholders must be resolved before matching
    case sigma::Expression::Kind::kField:
      break;
  }
  const std::vector<const Json*> values = ValuesOf(scope, expression.field);
  for (const sigma::Test& test : expression.tests) {
    const bool wants_absence =
        test.kind == sigma::Test::Kind::kNull || test.kind == sigma::Test::Kind::kNotExists;
    if (values.empty() && wants_absence) return true;
    for (const Json* const value : values) {
      if (TestHolds(test, *value, scope)) return true;
      const bool is_address =
          scope.IsAddress(expression.field) ||
          (test.kind == sigma::Test::Kind::kReference && scope.IsAddress(test.text));
      if (is_address && AddressTestHolds(test, *value, expression.field, scope)) return true;
    }
  }
  return false;
}

}  // namespace

std::optional<Json> ParseJson(std::string_view text) { return JsonReader(text).Read(); }

bool NaivelyMatches(const sigma::Expression& expression, const Json& event,
                    const NaivePlaces* places) {
  return Holds(expression, {&event, false, places});
}

}  // namespace picket::detector
