#include <hs/hs.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "absl/container/flat_hash_set.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "detector/compiled_rules.h"
#include "detector/fold.h"
#include "detector/rule_set.h"

namespace picket::detector {
namespace {

using simdjson::ondemand::json_type;

constexpr uint32_t kNone = UINT32_MAX;
// Deeper levels of an event are not looked at.
constexpr int kMaxDepth = 100;
// Events that name more log sources than this are made to look odd; their indexes are made anew.
constexpr size_t kMaxRoutes = 256;

struct EventValue {
  enum class Type : uint8_t { kText, kNumber, kBool, kNull, kContainer, kArray };
  std::string_view text;       // unescaped, or the number or array as it is written
  std::string_view folded;     // made when first asked for
  std::string_view canonical;  // of numbers written with a point or an exponent
  Type type;
  bool has_folded = false;

  bool HasText() const { return type <= Type::kBool; }
};

// Memory for folded text: taken front to back, given back all at once, kept between events.
class Arena {
 public:
  char* Take(size_t size) {
    while (block_ < blocks_.size() && used_ + size > blocks_[block_].size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const size_t capacity = std::max<size_t>(size, 64 << 10);
      blocks_.push_back({std::make_unique<char[]>(capacity), capacity});
      used_ = 0;
    }
    char* const taken = blocks_[block_].bytes.get() + used_;
    used_ += size;
    return taken;
  }
  void Reset() {
    block_ = 0;
    used_ = 0;
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    size_t size;
  };
  std::vector<Block> blocks_;
  size_t block_ = 0, used_ = 0;
};

// `?` takes one code point.
size_t CodePointSize(std::string_view text, size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const size_t size = lead < 0xC0 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  return std::min(size, text.size() - at);
}

bool MatchesGlob(const Glob& glob, std::string_view text) {
  size_t part = 0, at = 0, star = kNone, retry = 0;
  for (;;) {
    if (part == glob.size()) {
      if (at == text.size()) return true;
    } else if (glob[part].kind == GlobPart::Kind::kAnyRun) {
      if (part + 1 == glob.size()) return true;
      star = part++;
      retry = at;
      continue;
    } else if (glob[part].kind == GlobPart::Kind::kAnyOne) {
      if (at < text.size()) {
        at += CodePointSize(text, at);
        ++part;
        continue;
      }
    } else if (text.substr(at).starts_with(glob[part].text)) {
      at += glob[part].text.size();
      ++part;
      continue;
    }
    if (star == kNone || retry >= text.size()) return false;
    part = star + 1;
    at = ++retry;
  }
}

bool Compare(double value, Comparison comparison, double number) {
  switch (comparison) {
    case Comparison::kGreater:
      return value > number;
    case Comparison::kGreaterEqual:
      return value >= number;
    case Comparison::kLess:
      return value < number;
    case Comparison::kLessEqual:
      return value <= number;
    case Comparison::kEqual:
      return value == number;
    case Comparison::kNotEqual:
      return value != number;
  }
  return false;
}

bool ParseDouble(std::string_view text, double& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() && end == text.data() + text.size();
}

bool Digits(std::string_view text, size_t at, size_t count, int& value) {
  if (at + count > text.size()) return false;
  value = 0;
  for (size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    value = value * 10 + (text[i] - '0');
  }
  return true;
}

// 2026-11-23T22:48:13, with or without a fraction and an offset (none means UTC); ISO week.
bool TimePartOf(std::string_view text, TimePart part, double& value) {
  int year, month, day, hour = 0, minute = 0, second = 0;
  if (!Digits(text, 0, 4, year) || !Digits(text, 5, 2, month) || !Digits(text, 8, 2, day) ||
      text[4] != '-' || text[7] != '-' || month < 1 || month > 12 || day < 1 || day > 31) {
    return false;
  }
  absl::CivilMinute time(year, month, day);
  if (text.size() > 10) {
    if ((text[10] != 'T' && text[10] != ' ' && text[10] != 't') || !Digits(text, 11, 2, hour) ||
        !Digits(text, 14, 2, minute)) {
      return false;
    }
    if (text.size() > 16 && text[16] == ':' && !Digits(text, 17, 2, second)) return false;
    time = absl::CivilMinute(year, month, day, hour, minute);
    const size_t sign = text.find_first_of("+-", 16);
    int offset_hours, offset_minutes = 0;
    if (sign != std::string_view::npos && Digits(text, sign + 1, 2, offset_hours)) {
      const size_t rest = sign + 3 < text.size() && text[sign + 3] == ':' ? sign + 4 : sign + 3;
      Digits(text, rest, 2, offset_minutes);
      const int offset = offset_hours * 60 + offset_minutes;
      time += text[sign] == '-' ? offset : -offset;
    }
  }
  switch (part) {
    case TimePart::kMinute:
      value = time.minute();
      return true;
    case TimePart::kHour:
      value = time.hour();
      return true;
    case TimePart::kDay:
      value = time.day();
      return true;
    case TimePart::kMonth:
      value = time.month();
      return true;
    case TimePart::kYear:
      value = static_cast<double>(time.year());
      return true;
    case TimePart::kWeek: {
      // The week of the year's Thursday.
      const absl::CivilDay today(time);
      const absl::CivilDay thursday = today + (3 - static_cast<int>(absl::GetWeekday(today)));
      value = (absl::GetYearDay(thursday) - 1) / 7 + 1;
      return true;
    }
  }
  return false;
}

struct FoundValue {
  bool found;
  uint32_t value = kNone;  // none: the field is absent, as asked for
};

// Which rules of an element set the elements of an event's arrays match.
class ElementMatches {
 public:
  explicit ElementMatches(const ElementSet& set) : matcher_(std::make_unique<Matcher>(set.rules)) {}

  void Begin(uint32_t event_epoch) {
    epoch = event_epoch;
    arrays_.clear();
    elements_.clear();
    rules_.clear();
  }

  // Takes the elements of an array, as it is written. False when it is no JSON.
  bool Add(uint32_t value, std::string_view array) {
    arrays_.push_back({value, elements_.size(), 0});
    padded_.reserve(array.size() + simdjson::SIMDJSON_PADDING);
    padded_.assign(array);
    simdjson::ondemand::document document;
    simdjson::ondemand::array items;
    if (parser_.iterate(padded_.data(), padded_.size(), padded_.capacity()).get(document) ||
        document.get_array().get(items)) {
      return false;
    }
    for (auto item : items) {
      simdjson::ondemand::value element;
      std::string_view text;
      if (item.get(element) || simdjson::to_json_string(element).get(text)) return false;
      event_.assign("{\"\":").append(text).append("}");
      const absl::Span<const uint32_t> matched = matcher_->Match(event_);
      if (!matcher_->ok()) return false;
      rules_.insert(rules_.end(), matched.begin(), matched.end());
      elements_.push_back(rules_.size());
      ++arrays_.back().size;
    }
    return true;
  }

  FoundValue Holds(const ElementTest& test) const {
    size_t count = 0, hits = 0;
    uint32_t shown = kNone;
    for (const Array& array : arrays_) {
      if (shown == kNone) shown = array.value;
      if (test.quantifier == Quantifier::kIndex) {
        const int64_t size = static_cast<int64_t>(array.size);
        const int64_t at = test.index < 0 ? size + test.index : test.index;
        const bool is_there = at >= 0 && at < size;
        if (is_there ? Matches(array.first + static_cast<size_t>(at), test.rule)
                     : test.matches_nothing) {
          return {true, array.value};
        }
        continue;
      }
      count += array.size;
      for (size_t i = 0; i < array.size; ++i) {
        if (!Matches(array.first + i, test.rule)) continue;
        if (test.quantifier == Quantifier::kAny) return {true, array.value};
        ++hits;
      }
    }
    switch (test.quantifier) {
      case Quantifier::kAll:
        return {count > 0 && hits == count, shown};
      case Quantifier::kAllOrEmpty:
        return {hits == count, shown};
      case Quantifier::kNone:
        return {hits == 0, shown};
      default:
        return {false};
    }
  }

  uint32_t epoch = 0;  // of the event that this is about

 private:
  bool Matches(size_t element, uint32_t rule) const {
    const auto begin =
        rules_.begin() + static_cast<ptrdiff_t>(element == 0 ? 0 : elements_[element - 1]);
    return std::binary_search(begin, rules_.begin() + static_cast<ptrdiff_t>(elements_[element]),
                              rule);
  }

  struct Array {
    uint32_t value;  // of the event
    size_t first;    // element
    size_t size;
  };
  std::unique_ptr<Matcher> matcher_;
  simdjson::ondemand::parser parser_;
  std::string padded_, event_;
  std::vector<Array> arrays_;
  std::vector<size_t> elements_;  // where the rules of each end
  std::vector<uint32_t> rules_;
};

}  // namespace

struct Matcher::Scratch {
  Scratch(std::shared_ptr<const RuleSet> set, MatcherOptions matcher_options)
      : rules(std::move(set)),
        options(matcher_options),
        compiled(rules->compiled()),
        heads(compiled.field_count, kNone),
        tails(compiled.field_count, kNone),
        field_epoch(compiled.field_count),
        has_dotted(compiled.field_count),
        predicate_state(compiled.predicates.size()),
        node_state(compiled.nodes.size()),
        root_epoch(compiled.roots.size()) {
    for (const ElementSet& set : compiled.element_sets) elements.emplace_back(set);
  }

  const std::shared_ptr<const RuleSet> rules;
  const MatcherOptions options;
  const RuleSet::Compiled& compiled;

  // Routing: an index over the rules of each log source met, made when an event first comes from it.
  StringMap<std::unique_ptr<const RuleIndex>> routes;
  std::string route_key;

  simdjson::ondemand::parser parser;
  std::string padded;
  bool ok = false;

  // Keywords look at all values; these are read, in a second pass, only for an event that may hold one.
  simdjson::ondemand::parser all_parser;
  bool collects_all = false;
  bool has_all = false;
  hs_scratch_t* gate_scratch = nullptr;
  // Gates that the scratch is large enough for; sizing it for every event would cost more than the scan.
  absl::flat_hash_set<const hs_database*> sized_gates;

  ~Scratch() { hs_free_scratch(gate_scratch); }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::vector<EventValue> values;
  struct Entry {
    uint32_t value;
    uint32_t next;
  };
  std::vector<Entry> entries;
  std::vector<uint32_t> heads, tails;  // by field, of the list in `entries`; valid in the epoch
  std::vector<uint32_t> field_epoch;
  std::vector<bool> has_dotted;
  std::vector<FieldId> present;  // fields that have a value
  // What a Name/Value member held, until its name is known: (member key, value).
  std::vector<std::pair<uint32_t, uint32_t>> member_values;
  Arena arena;

  // State of a predicate or node: epoch * 2 + result.
  uint32_t epoch = 0;
  std::vector<uint32_t> predicate_state, node_state, root_epoch;
  std::vector<uint32_t> candidates;
  std::vector<uint32_t> matched;

  std::vector<ElementMatches> elements;  // by element set

  void BeginEvent() {
    values.clear();
    entries.clear();
    present.clear();
    candidates.clear();
    matched.clear();
    arena.Reset();
    has_all = false;
    if (++epoch == UINT32_MAX / 2) {
      epoch = 1;
      std::fill(field_epoch.begin(), field_epoch.end(), 0);
      std::fill(predicate_state.begin(), predicate_state.end(), 0);
      std::fill(node_state.begin(), node_state.end(), 0);
      std::fill(root_epoch.begin(), root_epoch.end(), 0);
      for (ElementMatches& each : elements) each.epoch = 0;
    }
  }

  // ---- from JSON to values ----

  bool Read(std::string_view json) {
    if (padded.capacity() < json.size() + simdjson::SIMDJSON_PADDING) {
      padded.reserve((json.size() + simdjson::SIMDJSON_PADDING) * 2);
    }
    padded.assign(json);
    simdjson::ondemand::document document;
    if (parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document)) return false;
    simdjson::ondemand::object object;
    if (document.get_object().get(object)) return false;
    if (!ReadObject(object, 0, false, 0)) return false;
    // Something after the object would still have a place.
    const char* rest;
    return document.current_location().get(rest) == simdjson::OUT_OF_BOUNDS;
  }

  // Every scalar of the event becomes a value of kAnyField.
  void ReadAll() {
    if (has_all) return;
    has_all = true;
    collects_all = true;
    simdjson::ondemand::document document;
    simdjson::ondemand::object object;
    if (all_parser.iterate(padded.data(), padded.size(), padded.capacity()).get(document) ||
        document.get_object().get(object) || !ReadObject(object, kNone, false, 0)) {
      ok = false;
    }
    collects_all = false;
  }

  // False when the event, as it is written, cannot hold any keyword of the index.
  bool MayHoldKeyword(const RuleIndex& index) {
    const hs_database* const gate = index.keyword_gate();
    if (gate == nullptr) return true;
    unsigned char high = 0;
    for (const char c : padded) high |= static_cast<unsigned char>(c);
    if (high >= 0x80 || memmem(padded.data(), padded.size(), "\\u", 2) != nullptr) return true;
    if (!sized_gates.contains(gate)) {
      if (hs_alloc_scratch(gate, &gate_scratch) != HS_SUCCESS) return true;
      sized_gates.insert(gate);
    }
    const auto stop = [](unsigned, unsigned long long, unsigned long long, unsigned, void*) {
      return 1;
    };
    return hs_scan(gate, padded.data(), static_cast<unsigned>(padded.size()), 0, gate_scratch, stop,
                   nullptr) != HS_SUCCESS;
  }

  bool ReadObject(simdjson::ondemand::object& object, uint32_t path, bool dotted, int depth) {
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key)) return false;
      bool is_dotted = dotted;
      const uint32_t child = path == kNone ? kNone : Child(path, key, is_dotted);
      if (child == kNone && !collects_all) continue;
      simdjson::ondemand::value value;
      if (field.value().get(value) || !ReadValue(value, child, is_dotted, depth + 1)) return false;
    }
    return true;
  }

  // A key may hold dots and so lead down several levels at once.
  uint32_t Child(uint32_t path, std::string_view key, bool& dotted) const {
    const uint32_t found = compiled.paths[path].keys.Find(key);
    if (found != kNone) return found;
    size_t dot = key.find('.');
    if (dot == std::string_view::npos) return kNone;
    for (;;) {
      path = compiled.paths[path].keys.Find(key.substr(0, dot));
      if (path == kNone) return kNone;
      if (dot == std::string_view::npos) break;
      key.remove_prefix(dot + 1);
      dot = key.find('.');
    }
    dotted = true;
    return path;
  }

  bool ReadValue(simdjson::ondemand::value& value, uint32_t path, bool dotted, int depth,
                 bool is_element = false) {
    if (depth > kMaxDepth) return true;
    json_type type;
    if (value.type().get(type)) return false;
    switch (type) {
      case json_type::object: {
        simdjson::ondemand::object object;
        if (value.get_object().get(object)) return false;
        if (path != kNone) AddContainer(path, dotted);
        return ReadObject(object, path, dotted, depth);
      }
      case json_type::array: {
        simdjson::ondemand::array array;
        if (value.get_array().get(array)) return false;
        if (path != kNone && !is_element && !compiled.paths[path].arrays.empty()) {
          EventValue whole;
          whole.type = EventValue::Type::kArray;
          if (array.raw_json().get(whole.text) || array.reset().error()) return false;
          values.push_back(whole);
          for (const FieldId field : compiled.paths[path].arrays) {
            AddEntry(field, static_cast<uint32_t>(values.size() - 1), dotted);
          }
        }
        bool is_empty = true;
        const bool has_pivot = path != kNone && !compiled.paths[path].pivot.empty();
        for (auto element : array) {
          is_empty = false;
          simdjson::ondemand::value member;
          if (element.get(member)) return false;
          json_type member_type;
          if (has_pivot && !member.type().get(member_type) && member_type == json_type::object) {
            if (!ReadMember(member, path, dotted, depth + 1)) return false;
          } else if (!ReadValue(member, path, dotted, depth + 1, true)) {
            return false;
          }
        }
        if (is_empty && path != kNone) AddContainer(path, dotted);
        return true;
      }
      default: {
        const uint32_t index = ReadScalar(value, type);
        if (index == kNone) return false;
        AddScalar(index, path, dotted);
        return true;
      }
    }
  }

  uint32_t ReadScalar(simdjson::ondemand::value& value, json_type type) {
    EventValue read;
    switch (type) {
      case json_type::string:
        if (value.get_string().get(read.text)) return kNone;
        read.type = EventValue::Type::kText;
        break;
      case json_type::number: {
        read.text = value.raw_json_token();
        while (!read.text.empty() && static_cast<unsigned char>(read.text.back()) <= ' ') {
          read.text.remove_suffix(1);
        }
        double number;
        if (value.get_double().get(number)) return kNone;
        read.type = EventValue::Type::kNumber;
        if (read.text.find_first_of(".eE") != std::string_view::npos) {
          char buffer[32];
          std::string_view canonical;
          if (CanonicalNumber(read.text, buffer, &canonical)) {
            char* const kept = arena.Take(canonical.size());
            std::memcpy(kept, canonical.data(), canonical.size());
            read.canonical = {kept, canonical.size()};
          }
        }
        break;
      }
      case json_type::boolean: {
        bool boolean;
        if (value.get_bool().get(boolean)) return kNone;
        read.text = boolean ? "true" : "false";
        read.folded = read.text;
        read.has_folded = true;
        read.type = EventValue::Type::kBool;
        break;
      }
      default:
        if (!value.is_null()) return kNone;
        read.type = EventValue::Type::kNull;
        break;
    }
    values.push_back(read);
    return static_cast<uint32_t>(values.size() - 1);
  }

  void AddScalar(uint32_t value, uint32_t path, bool dotted) {
    if (collects_all) {
      if (values[value].HasText()) AddEntry(kAnyField, value, false);
      return;
    }
    if (path == kNone) return;
    for (const FieldId field : compiled.paths[path].fields) AddEntry(field, value, dotted);
  }

  void AddContainer(uint32_t path, bool dotted) {
    if (compiled.paths[path].fields.empty()) return;
    values.push_back({{}, {}, {}, EventValue::Type::kContainer});
    for (const FieldId field : compiled.paths[path].fields) {
      AddEntry(field, static_cast<uint32_t>(values.size() - 1), dotted);
    }
  }

  // A key with dots in it goes before the path that it spells.
  void AddEntry(FieldId field, uint32_t value, bool dotted) {
    if (field_epoch[field] != epoch) {
      field_epoch[field] = epoch;
      heads[field] = tails[field] = kNone;
      has_dotted[field] = dotted;
      present.push_back(field);
    } else if (dotted != has_dotted[field]) {
      if (!dotted) return;
      has_dotted[field] = true;
      heads[field] = tails[field] = kNone;
    }
    const auto entry = static_cast<uint32_t>(entries.size());
    entries.push_back({value, kNone});
    (tails[field] == kNone ? heads[field] : entries[tails[field]].next) = entry;
    tails[field] = entry;
  }

  // A member of a Name/Value list.
  bool ReadMember(simdjson::ondemand::value& value, uint32_t path, bool dotted, int depth) {
    const PathNode& node = compiled.paths[path];
    simdjson::ondemand::object object;
    if (value.get_object().get(object)) return false;
    AddContainer(path, dotted);
    const size_t members_begin = member_values.size();
    std::string_view name;
    for (auto field : object) {
      std::string_view key;
      if (field.unescaped_key().get(key)) return false;
      bool is_dotted = dotted;
      const uint32_t child = Child(path, key, is_dotted);
      const auto wanted = std::find(node.pivot_keys.begin(), node.pivot_keys.end(), key);
      const bool is_name = EqualsIgnoreCase(key, "name");
      if (child == kNone && !is_name && wanted == node.pivot_keys.end() && !collects_all) {
        continue;
      }
      simdjson::ondemand::value member;
      if (field.value().get(member)) return false;
      const size_t values_begin = values.size();
      if (!ReadValue(member, child, is_dotted, depth + 1)) return false;
      if (is_name && values.size() == values_begin + 1 && values.back().HasText()) {
        name = values.back().text;
      }
      if (wanted == node.pivot_keys.end()) continue;
      const auto member_key = static_cast<uint32_t>(wanted - node.pivot_keys.begin());
      for (size_t i = values_begin; i < values.size(); ++i) {
        member_values.emplace_back(member_key, static_cast<uint32_t>(i));
      }
    }
    if (!name.empty()) {
      char* const folded = arena.Take(name.size());
      const auto found = node.pivot.find(std::string_view(folded, Fold(name, folded)));
      if (found != node.pivot.end()) {
        for (const PathNode::PivotField& pivot : found->second) {
          for (size_t i = members_begin; i < member_values.size(); ++i) {
            if (member_values[i].first == pivot.member_key) {
              AddEntry(pivot.field, member_values[i].second, false);
            }
          }
        }
      }
    }
    member_values.resize(members_begin);
    return true;
  }

  std::string_view FoldedText(EventValue& value) {
    if (!value.has_folded) {
      char* const out = arena.Take(value.text.size());
      value.folded = {out, Fold(value.text, out)};
      value.has_folded = true;
    }
    return value.folded;
  }

  // ---- from values to candidates ----

  void AddCandidates(const RuleIndex::Candidates& roots) {
    for (const uint32_t root : roots) {
      if (root_epoch[root] == epoch) continue;
      root_epoch[root] = epoch;
      candidates.push_back(root);
    }
  }

  // The folded text of a field, or nothing.
  std::string_view RouteText(FieldId field) {
    for (uint32_t i = HeadOf(field); i != kNone; i = entries[i].next) {
      EventValue& value = values[entries[i].value];
      if (value.HasText()) return FoldedText(value);
    }
    return {};
  }

  const RuleIndex& Route() {
    if (!options.route) return *compiled.index;
    const std::string_view product = RouteText(kProductField), service = RouteText(kServiceField),
                           category = RouteText(kCategoryField);
    route_key.assign(product).append(1, '\n').append(service).append(1, '\n').append(category);
    auto found = routes.find(route_key);
    if (found == routes.end()) {
      if (routes.size() >= kMaxRoutes) {
        routes.clear();
        sized_gates.clear();
      }
      const auto agrees = [](std::string_view event, std::string_view rule) {
        return event.empty() || rule.empty() || event == rule;
      };
      std::vector<uint32_t> roots;
      for (uint32_t i = 0; i < compiled.roots.size(); ++i) {
        const LogSource& source = compiled.roots[i].logsource;
        if (agrees(product, source.product) && agrees(service, source.service) &&
            agrees(category, source.category)) {
          roots.push_back(i);
        }
      }
      found = routes.emplace(route_key, std::make_unique<RuleIndex>(compiled, roots)).first;
    }
    return *found->second;
  }

  void FindCandidates() {
    const RuleIndex* const index = &Route();
    AddCandidates(index->always());
    for (const FieldId field : present) FindCandidates(*index, field);
    if (index->field(kAnyField) != nullptr && MayHoldKeyword(*index)) {
      ReadAll();
      if (HeadOf(kAnyField) != kNone) FindCandidates(*index, kAnyField);
    }
  }

  void FindCandidates(const RuleIndex& index, FieldId field) {
    const RuleIndex::Field* const witnesses = index.field(field);
    if (witnesses == nullptr) return;
    AddCandidates(witnesses->present);
    if (!witnesses->needs_text) return;
    for (uint32_t i = heads[field]; i != kNone; i = entries[i].next) {
      EventValue& value = values[entries[i].value];
      if (value.HasText()) LookUp(*witnesses, value);
    }
  }

  static bool HasBit(const std::array<uint64_t, 4>& bits, char c) {
    const auto byte = static_cast<unsigned char>(c);
    return (bits[byte / 64] >> byte % 64 & 1) != 0;
  }

  void LookUp(const RuleIndex::Field& witnesses, EventValue& value) {
    const std::string_view text = FoldedText(value);
    if ((witnesses.exact_lengths >> std::min<size_t>(text.size(), 63) & 1) != 0 ||
        !value.canonical.empty()) {
      if (const auto found = witnesses.exact.find(text); found != witnesses.exact.end()) {
        AddCandidates(found->second);
      }
      if (!value.canonical.empty()) {
        const auto found = witnesses.exact.find(value.canonical);
        if (found != witnesses.exact.end()) AddCandidates(found->second);
      }
    }
    if (!text.empty() && HasBit(witnesses.prefix_first, text.front())) {
      uint32_t node = 0;
      for (const char c : text) {
        const auto edge = witnesses.prefix_edges.find(node << 8 | static_cast<unsigned char>(c));
        if (edge == witnesses.prefix_edges.end()) break;
        node = edge->second;
        AddCandidates(witnesses.prefix_ends[node]);
      }
    }
    if (!text.empty() && HasBit(witnesses.suffix_last, text.back())) {
      uint32_t node = 0;
      for (size_t i = text.size(); i > 0; --i) {
        const auto edge =
            witnesses.suffix_edges.find(node << 8 | static_cast<unsigned char>(text[i - 1]));
        if (edge == witnesses.suffix_edges.end()) break;
        node = edge->second;
        AddCandidates(witnesses.suffix_ends[node]);
      }
    }
    if (witnesses.scanner != nullptr) {
      witnesses.scanner->Scan(text, [&](uint32_t literal) {
        AddCandidates(witnesses.scanned[literal]);
        return false;
      });
    }
  }

  // ---- from candidates to verdicts ----

  bool Evaluate(uint32_t index) {
    const Node& node = compiled.nodes[index];
    if (node.kind == Expression::Kind::kField) return EvaluatePredicate(node.predicate);
    uint32_t& state = node_state[index];
    if (state >> 1 == epoch) return (state & 1) != 0;
    bool result = false;
    switch (node.kind) {
      case Expression::Kind::kNot:
        result = !Evaluate(node.children[0]);
        break;
      case Expression::Kind::kAnd:
        result = true;
        for (const uint32_t child : node.children) {
          if (Evaluate(child)) continue;
          result = false;
          break;
        }
        break;
      default:
        for (const uint32_t child : node.children) {
          if (!Evaluate(child)) continue;
          result = true;
          break;
        }
        break;
    }
    state = epoch << 1 | (result ? 1 : 0);
    return result;
  }

  bool EvaluatePredicate(uint32_t index) {
    uint32_t& state = predicate_state[index];
    if (state >> 1 == epoch) return (state & 1) != 0;
    const bool result = FindValue(compiled.predicates[index]).found;
    state = epoch << 1 | (result ? 1 : 0);
    return result;
  }

  uint32_t HeadOf(FieldId field) const {
    return field_epoch[field] == epoch ? heads[field] : kNone;
  }

  // The first value of its field for which the predicate holds.
  FoundValue FindValue(const Predicate& p) {
    if (p.field == kAnyField) ReadAll();
    uint32_t entry = HeadOf(p.field);
    if (entry == kNone) return {p.matches_absent};
    if (p.elements.has_value()) return FindElement(*p.elements, entry);
    for (; entry != kNone; entry = entries[entry].next) {
      const uint32_t index = entries[entry].value;
      if (Holds(p, values[index])) return {true, index};
    }
    return {false};
  }

  // Whether the elements of the arrays from `entry` on are as asked for, and the array that shows it.
  FoundValue FindElement(const ElementTest& test, uint32_t entry) {
    ElementMatches& found = elements[test.set];
    if (found.epoch != epoch) {
      found.Begin(epoch);
      for (uint32_t i = entry; i != kNone; i = entries[i].next) {
        if (!found.Add(entries[i].value, values[entries[i].value].text)) ok = false;
      }
    }
    return found.Holds(test);
  }

  bool Holds(const Predicate& p, EventValue& value) {
    if (p.matches_present) return true;
    if (value.type == EventValue::Type::kNull) return p.matches_null;
    if (!value.HasText()) return false;
    const std::string_view text = FoldedText(value);
    if (!p.exact_set.empty()) {
      if (p.exact_set.contains(text)) return true;
      if (!value.canonical.empty() && p.exact_set.contains(value.canonical)) return true;
    } else {
      for (const std::string& literal : p.exact) {
        if (text == literal || (!value.canonical.empty() && value.canonical == literal))
          return true;
      }
    }
    for (const std::string& literal : p.suffixes) {
      if (text.ends_with(literal)) return true;
    }
    for (const std::string& literal : p.prefixes) {
      if (text.starts_with(literal)) return true;
    }
    if (p.scanner != nullptr) {
      if (p.scanner->Scan(text, [](uint32_t) { return true; })) return true;
    } else {
      for (const std::string& literal : p.substrings) {
        if (memmem(text.data(), text.size(), literal.data(), literal.size()) != nullptr)
          return true;
      }
    }
    for (const CompiledTest& test : p.others) {
      if (HoldsOther(test, value)) return true;
    }
    return false;
  }

  bool HoldsOther(const CompiledTest& test, EventValue& value) {
    switch (test.kind) {
      case Test::Kind::kGlob:
        return MatchesGlob(test.glob, test.cased ? value.text : FoldedText(value));
      case Test::Kind::kRegex:
        return RE2::PartialMatch(re2::StringPiece(value.text.data(), value.text.size()),
                                 *test.regex);
      case Test::Kind::kNetwork: {
        Address address;
        return ParseAddress(value.text, address) && Contains(test.network, address);
      }
      case Test::Kind::kCompare: {
        double number;
        return value.type != EventValue::Type::kBool && ParseDouble(value.text, number) &&
               Compare(number, test.comparison, test.number);
      }
      case Test::Kind::kTimePart: {
        double number;
        return TimePartOf(value.text, test.part, number) &&
               Compare(number, test.comparison, test.number);
      }
      case Test::Kind::kReference:
        return HoldsReference(test, value);
      default:
        return false;
    }
  }

  bool HoldsReference(const CompiledTest& test, EventValue& value) {
    for (uint32_t entry = HeadOf(test.other); entry != kNone; entry = entries[entry].next) {
      EventValue& other = values[entries[entry].value];
      if (!other.HasText()) continue;
      const std::string_view a = test.cased ? value.text : FoldedText(value);
      const std::string_view b = test.cased ? other.text : FoldedText(other);
      switch (test.reference) {
        case ReferenceKind::kEquals:
          if (a == b) return true;
          break;
        case ReferenceKind::kContains:
          if (a.find(b) != std::string_view::npos) return true;
          break;
        case ReferenceKind::kStartsWith:
          if (a.starts_with(b)) return true;
          break;
        case ReferenceKind::kEndsWith:
          if (a.ends_with(b)) return true;
          break;
      }
    }
    return false;
  }

  // The leaves that made a node true, in the order of evaluation; negated parts have nothing to show.
  void Explain(uint32_t index, uint32_t rule, std::vector<MatchedField>* fields) {
    const Node& node = compiled.nodes[index];
    if (node.kind == Expression::Kind::kNot || !Evaluate(index)) return;
    for (const uint32_t child : node.children) Explain(child, rule, fields);
    if (node.kind != Expression::Kind::kField) return;
    const Predicate& p = compiled.predicates[node.predicate];
    const FoundValue found = FindValue(p);
    if (found.value == kNone) return;
    const EventValue& value = values[found.value];
    if (!value.HasText() && value.type != EventValue::Type::kArray) return;
    std::string_view name;
    for (const auto& [field, written] : compiled.names_of_rule[rule]) {
      if (field == p.field) name = written;
    }
    fields->push_back({name, value.text});
  }
};

Matcher::Matcher(std::shared_ptr<const RuleSet> rules, MatcherOptions options)
    : scratch_(std::make_unique<Scratch>(std::move(rules), options)) {}
Matcher::~Matcher() = default;

absl::Span<const uint32_t> Matcher::Match(std::string_view event_json) {
  Scratch& s = *scratch_;
  s.BeginEvent();
  s.ok = s.Read(event_json);
  if (!s.ok) {
    ++s.epoch;  // half-read values are not shown
    return {};
  }
  s.FindCandidates();
  for (const uint32_t root : s.candidates) {
    if (!s.Evaluate(s.compiled.roots[root].node)) continue;
    const std::vector<uint32_t>& rules = s.compiled.roots[root].rules;
    s.matched.insert(s.matched.end(), rules.begin(), rules.end());
  }
  if (!s.ok) {  // the second pass found what the first one passed over
    ++s.epoch;
    return {};
  }
  std::sort(s.matched.begin(), s.matched.end());
  return s.matched;
}

bool Matcher::ok() const { return scratch_->ok; }

bool Matcher::FieldText(FieldId field, std::string_view* text) const {
  if (field >= scratch_->heads.size()) return false;
  for (uint32_t i = scratch_->HeadOf(field); i != kNone; i = scratch_->entries[i].next) {
    const EventValue& value = scratch_->values[scratch_->entries[i].value];
    if (!value.HasText()) continue;
    *text = value.text;
    return true;
  }
  return false;
}

void Matcher::MatchedFields(uint32_t rule, std::vector<MatchedField>* fields) const {
  fields->clear();
  const RuleSet::Compiled& compiled = scratch_->compiled;
  scratch_->Explain(compiled.roots[compiled.root_of_rule[rule]].node, rule, fields);
}

const RuleSet& Matcher::rule_set() const { return *scratch_->rules; }

}  // namespace picket::detector
