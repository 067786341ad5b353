#include "cli/rules/rule_tests.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/time/time.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/metrics.h"
#include "common/sha256.h"
#include "common/strings.h"
#include "detector/audit_sources.h"
#include "detector/detector.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/normalizer.h"
#include "sigma/yaml_document.h"

namespace picket {
namespace {

constexpr std::string_view kFirstTime = "2026-03-02T09:00:00";
constexpr std::string_view kOrganization = "00000000-0000-0000-0000-0000000000aa";
constexpr size_t kMaxRecords = 100'000;  // of one test

sigma::YamlNode TextNode(std::string_view text) {
  sigma::YamlNode node;
  node.text = text;
  return node;
}

sigma::YamlNode NumberNode(std::string_view text) {
  sigma::YamlNode node = TextNode(text);
  node.type = sigma::YamlNode::Type::kNumber;
  return node;
}

sigma::YamlNode* FindMutable(sigma::YamlNode& map, std::string_view key) {
  return const_cast<sigma::YamlNode*>(map.Find(key));
}

sigma::YamlNode& FindOrAdd(sigma::YamlNode& map, std::string_view key) {
  if (sigma::YamlNode* const found = FindMutable(map, key); found != nullptr) return *found;
  map.kind = sigma::YamlNode::Kind::kMap;
  return map.pairs.emplace_back(sigma::YamlPair{TextNode(key), sigma::YamlNode()}).second;
}

void WriteJson(const sigma::YamlNode& node, JsonWriter& json) {
  switch (node.kind) {
    case sigma::YamlNode::Kind::kMap:
      json.BeginObject();
      for (const auto& [key, value] : node.pairs) {
        json.Key(key.text);
        WriteJson(value, json);
      }
      json.EndObject();
      return;
    case sigma::YamlNode::Kind::kList:
      json.BeginArray();
      for (const sigma::YamlNode& item : node.items) WriteJson(item, json);
      json.EndArray();
      return;
    case sigma::YamlNode::Kind::kScalar:
      break;
  }
  switch (node.type) {
    case sigma::YamlNode::Type::kNull:
      json.Null();
      return;
    case sigma::YamlNode::Type::kBool:
      json.Value(EqualsIgnoreCase(node.text, "true"));
      return;
    case sigma::YamlNode::Type::kNumber: {
      // What YAML writes in other ways than JSON.
      uint64_t hexadecimal = 0;
      double number = 0;
      if (absl::SimpleHexAtoi(node.text, &hexadecimal) && node.text.starts_with("0x")) {
        json.Value(hexadecimal);
      } else if (node.text.find_first_not_of("-0123456789") == std::string::npos &&
                 (node.text == "0" || !node.text.starts_with('0'))) {
        json.Raw(node.text);
      } else if (absl::SimpleAtod(node.text, &number)) {
        json.Value(number);
      } else {
        json.Value(node.text);
      }
      return;
    }
    case sigma::YamlNode::Type::kText:
      json.Value(node.text);
      return;
  }
}

std::string ToJson(const sigma::YamlNode& node) {
  std::string text;
  JsonWriter json(&text);
  WriteJson(node, json);
  return text;
}

bool IsNameValueList(std::string_view key) {
  return key == "Parameters" || key == "ExtendedProperties" || key == "ModifiedProperties" ||
         key == "OperationProperties" || key == "DeviceProperties";
}

// A path as rules write it, followed through a record: keys, then for a Name/Value list the rest is the member's name.
struct Place {
  std::vector<std::string> keys;
  std::string member;
  std::string member_key;  // Value, NewValue, OldValue
  bool key_is_given = false;
};

Place ParsePlace(const sigma::YamlNode& record, std::string_view path) {
  Place place;
  const sigma::YamlNode* at = &record;
  for (;;) {
    const size_t dot = path.find('.');
    const std::string key(path.substr(0, dot));
    place.keys.push_back(key);
    at = at == nullptr ? nullptr : at->Find(key);
    if (dot == std::string_view::npos) return place;
    path.remove_prefix(dot + 1);
    const bool is_list = at != nullptr ? at->IsList() : IsNameValueList(key);
    if (!is_list) continue;
    place.member_key = key == "ModifiedProperties" ? "NewValue" : "Value";
    for (const std::string_view suffix : {"NewValue", "OldValue", "Value"}) {
      if (path.size() > suffix.size() + 1 && path.ends_with(suffix) &&
          path[path.size() - suffix.size() - 1] == '.') {
        place.member_key = suffix;
        place.key_is_given = true;
        path.remove_suffix(suffix.size() + 1);
        break;
      }
    }
    place.member = path;
    return place;
  }
}

sigma::YamlNode* FindMember(sigma::YamlNode& list, std::string_view name) {
  for (sigma::YamlNode& item : list.items) {
    const sigma::YamlNode* const own = item.Find("Name");
    if (own != nullptr && EqualsIgnoreCase(own->text, name)) return &item;
  }
  return nullptr;
}

// False when the record had this value there already.
bool SetField(sigma::YamlNode& record, std::string_view path, const sigma::YamlNode& value) {
  const Place place = ParsePlace(record, path);
  sigma::YamlNode* at = &record;
  for (const std::string& key : place.keys) at = &FindOrAdd(*at, key);
  if (!place.member.empty()) {
    at->kind = sigma::YamlNode::Kind::kList;
    at->type = sigma::YamlNode::Type::kText;
    sigma::YamlNode* member = FindMember(*at, place.member);
    if (member == nullptr) {
      member = &at->items.emplace_back();
      member->kind = sigma::YamlNode::Kind::kMap;
      member->pairs.push_back({TextNode("Name"), TextNode(place.member)});
    }
    at = &FindOrAdd(*member, place.member_key);
  }
  if (ToJson(*at) == ToJson(value)) return false;
  *at = value;
  return true;
}

// False when there was nothing to remove.
bool RemoveField(sigma::YamlNode& record, std::string_view path) {
  const Place place = ParsePlace(record, path);
  sigma::YamlNode* at = &record;
  const size_t parents = place.member.empty() ? place.keys.size() - 1 : place.keys.size();
  for (size_t i = 0; i < parents; ++i) {
    at = FindMutable(*at, place.keys[i]);
    if (at == nullptr) return false;
  }
  const auto erase_key = [](sigma::YamlNode& map, std::string_view key) {
    return std::erase_if(map.pairs, [key](const auto& pair) { return pair.first.text == key; }) > 0;
  };
  if (place.member.empty()) return erase_key(*at, place.keys.back());
  sigma::YamlNode* const member = FindMember(*at, place.member);
  if (member == nullptr) return false;
  if (place.key_is_given) return erase_key(*member, place.member_key);
  at->items.erase(at->items.begin() + (member - at->items.data()));
  return true;
}

const sigma::YamlNode* FindMember(const sigma::YamlNode& list, std::string_view name) {
  return FindMember(const_cast<sigma::YamlNode&>(list), name);
}

// A field that only one of two records has: all its leaves, or the member of a Name/Value list as one.
void AddLeaves(const sigma::YamlNode& node, const std::string& path, std::set<std::string>& paths) {
  if (node.IsMap() && node.Find("Name") == nullptr) {
    for (const auto& [key, value] : node.pairs) {
      AddLeaves(value, absl::StrCat(path, ".", key.text), paths);
    }
  } else if (node.IsList() && !node.items.empty()) {
    for (size_t i = 0; i < node.items.size(); ++i) {
      AddLeaves(node.items[i], absl::StrCat(path, "[", i, "]"), paths);
    }
  } else {
    paths.insert(path);
  }
}

bool IsOfMembers(const sigma::YamlNode& list) {
  return list.IsList() && !list.items.empty() && list.items[0].Find("Name") != nullptr;
}

// The fields in which two records differ, as paths.
void AddDifferences(const sigma::YamlNode& a, const sigma::YamlNode& b, const std::string& path,
                    std::set<std::string>& paths) {
  const auto each = [&](const sigma::YamlNode* left, const sigma::YamlNode* right,
                        const std::string& at) {
    if (left != nullptr && right != nullptr) {
      AddDifferences(*left, *right, at, paths);
    } else if (left != nullptr || right != nullptr) {
      AddLeaves(left != nullptr ? *left : *right, at, paths);
    }
  };
  const auto under = [&path](std::string_view key) {
    return path.empty() ? std::string(key) : absl::StrCat(path, ".", ToAbsl(key));
  };
  if (a.IsMap() && b.IsMap()) {
    for (const auto& [key, value] : a.pairs) each(&value, b.Find(key.text), under(key.text));
    for (const auto& [key, value] : b.pairs) {
      if (a.Find(key.text) == nullptr) each(nullptr, &value, under(key.text));
    }
  } else if (a.IsList() && b.IsList() && (IsOfMembers(a) || IsOfMembers(b))) {
    for (const sigma::YamlNode* const list : {&a, &b}) {
      for (const sigma::YamlNode& member : list->items) {
        const sigma::YamlNode* const name = member.Find("Name");
        if (name == nullptr) continue;
        each(FindMember(a, name->text), FindMember(b, name->text), under(name->text));
      }
    }
  } else if (a.IsList() && b.IsList()) {
    for (size_t i = 0; i < std::max(a.items.size(), b.items.size()); ++i) {
      each(i < a.items.size() ? &a.items[i] : nullptr, i < b.items.size() ? &b.items[i] : nullptr,
           absl::StrCat(path, "[", i, "]"));
    }
  } else if (ToJson(a) != ToJson(b)) {
    paths.insert(path);
  }
}

std::string GuidOf(std::string_view name, size_t position) {
  std::string hex = HexPrefix(Sha256Of({name, absl::StrCat(position)}), 32);
  for (const size_t dash : {8, 13, 18, 23}) hex.insert(dash, "-");
  return hex;
}

absl::CivilSecond TimeOf(const sigma::YamlNode& record, absl::CivilSecond otherwise) {
  const sigma::YamlNode* const time = record.Find("CreationTime");
  absl::CivilSecond parsed;
  if (time == nullptr ||
      !absl::ParseCivilTime(ToAbsl(std::string_view(time->text).substr(0, 19)), &parsed)) {
    return otherwise;
  }
  return parsed;
}

// One test, with what it takes from the test that it is based on.
struct RuleTest {
  std::string name;
  int line = 0, column = 0;
  std::optional<int> alerts;  // exact; otherwise `matches`
  bool matches = false;
  std::vector<sigma::YamlNode> events;
  int repeat = 1;
  int step_secs = 1;
  std::vector<std::pair<std::string, std::vector<sigma::YamlNode>>> each;
  bool is_reversed = false;
  int deliveries = 1;
  const RuleTest* base = nullptr;

  bool ExpectsAlert() const { return alerts.has_value() ? *alerts > 0 : matches; }
  // In what it differs from its base: fields of the records, and what makes the day out of them.
  std::set<std::string> Differences() const;
};

std::set<std::string> RuleTest::Differences() const {
  std::set<std::string> fields;
  for (size_t i = 0; i < std::max(events.size(), base->events.size()); ++i) {
    if (i < events.size() && i < base->events.size()) {
      AddDifferences(base->events[i], events[i], "", fields);
    } else {
      fields.insert(absl::StrCat("record ", i + 1));
    }
  }
  if (repeat != base->repeat) fields.insert("repeat");
  if (step_secs != base->step_secs) fields.insert("step_secs");
  if (is_reversed != base->is_reversed) fields.insert("order");
  if (deliveries != base->deliveries) fields.insert("deliveries");
  const auto values_of = [](const RuleTest& test) {
    std::map<std::string, std::string> values;
    for (const auto& [path, nodes] : test.each) {
      for (const sigma::YamlNode& node : nodes) absl::StrAppend(&values[path], ToJson(node), " ");
    }
    return values;
  };
  const std::map<std::string, std::string> mine = values_of(*this), theirs = values_of(*base);
  for (const auto* const side : {&mine, &theirs}) {
    for (const auto& [path, values] : *side) {
      const auto a = mine.find(path), b = theirs.find(path);
      if (a == mine.end() || b == theirs.end() || a->second != b->second) fields.insert(path);
    }
  }
  return fields;
}

// Reads a test file; every fault is reported, tests with faults are left out.
class TestFileReader {
 public:
  TestFileReader(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults)
      : file_(file), faults_(faults) {}

  // Addresses of tests stay valid: a list of tests is reserved once.
  std::vector<RuleTest> Read() {
    std::vector<RuleTest> tests;
    const std::vector<sigma::YamlDocument> documents = sigma::ReadYaml(file_.text);
    if (documents.size() != 1 || !documents[0].error.empty()) {
      if (documents.empty()) {
        faults_.push_back({file_.path, 1, 1, "the file has no tests"});
      } else if (documents.back().error.empty()) {
        faults_.push_back({file_.path, 1, 1, "a test file has one document"});
      } else {
        const sigma::YamlDocument& bad = documents.back();
        faults_.push_back({file_.path, bad.error_line, bad.error_column, bad.error});
      }
      return tests;
    }
    const sigma::YamlNode& root = documents[0].root;
    const sigma::YamlNode* const list = root.Find("tests");
    if (list == nullptr || !list->IsList() || root.pairs.size() != 1) {
      Fault(root, "a test file has the one key 'tests', with a list of tests");
      return tests;
    }
    tests.reserve(list->items.size());
    for (const sigma::YamlNode& node : list->items) {
      RuleTest test;
      if (ReadTest(node, tests, test)) tests.push_back(std::move(test));
    }
    return tests;
  }

 private:
  bool Fault(const sigma::YamlNode& node, std::string message) {
    faults_.push_back({file_.path, node.line, node.column, std::move(message)});
    return false;
  }

  bool ReadTest(const sigma::YamlNode& node, const std::vector<RuleTest>& before, RuleTest& test) {
    test.line = node.line;
    test.column = node.column;
    const sigma::YamlNode* const name = node.Find("name");
    if (name == nullptr || !name->IsScalar() || name->text.empty()) {
      return Fault(node, "a test needs a 'name'");
    }
    test.name = name->text;
    for (const RuleTest& other : before) {
      if (other.name == test.name) return Fault(*name, "another test of the file has this name");
    }
    if (const sigma::YamlNode* const base = node.Find("based_on"); base != nullptr) {
      for (const RuleTest& other : before) {
        if (other.name != base->text) continue;
        test.events = other.events;
        test.repeat = other.repeat;
        test.step_secs = other.step_secs;
        test.each = other.each;
        test.deliveries = other.deliveries;
        test.base = &other;
      }
      if (test.base == nullptr) {
        return Fault(*base, absl::StrCat("no test above is called '", base->text, "'"));
      }
    }
    bool has_expectation = false;
    for (const auto& [key, value] : node.pairs) {
      if (key.text == "name" || key.text == "based_on") continue;
      if (key.text == "set" || key.text == "remove") continue;  // after `events`
      if (!ReadKey(key, value, test, has_expectation)) return false;
    }
    if (!has_expectation) return Fault(node, "a test needs 'expect' or 'alerts'");
    if (test.events.empty()) return Fault(node, "a test needs 'events' or 'based_on'");
    return ReadChanges(node, test);
  }

  bool ReadKey(const sigma::YamlNode& key, const sigma::YamlNode& value, RuleTest& test,
               bool& has_expectation) {
    if (key.text == "expect") {
      if (value.text != "match" && value.text != "no_match") {
        return Fault(value, "'expect' is match or no_match");
      }
      test.matches = value.text == "match";
      has_expectation = true;
      return true;
    }
    if (key.text == "alerts") {
      has_expectation = true;
      return ReadCount(value, 0, test.alerts.emplace());
    }
    if (key.text == "repeat") return ReadCount(value, 1, test.repeat);
    if (key.text == "deliveries") return ReadCount(value, 1, test.deliveries);
    if (key.text == "step_secs") return ReadCount(value, 0, test.step_secs);
    if (key.text == "order") {
      if (value.text != "as_written" && value.text != "reversed") {
        return Fault(value, "'order' is as_written or reversed");
      }
      test.is_reversed = value.text == "reversed";
      return true;
    }
    if (key.text == "each") {
      if (!value.IsMap()) return Fault(value, "'each' is a map of path to a list of values");
      test.each.clear();
      for (const auto& [path, values] : value.pairs) {
        if (!values.IsList() || values.items.empty()) {
          return Fault(values, absl::StrCat("'", path.text, "' needs a list of values"));
        }
        test.each.emplace_back(path.text, values.items);
      }
      return true;
    }
    if (key.text == "events") return ReadEvents(value, test);
    return Fault(key, absl::StrCat("unknown key '", key.text,
                                   "'; known are name, expect, alerts, events, based_on, set, "
                                   "remove, repeat, step_secs, each, order, deliveries"));
  }

  bool ReadCount(const sigma::YamlNode& value, int least, int& count) {
    if (!value.IsScalar() || !absl::SimpleAtoi(value.text, &count) || count < least) {
      return Fault(value, absl::StrCat("a whole number of at least ", least, " is expected"));
    }
    return true;
  }

  bool ReadEvents(const sigma::YamlNode& value, RuleTest& test) {
    if (!value.IsList()) return Fault(value, "'events' is a list of audit records");
    test.events.clear();
    for (const sigma::YamlNode& item : value.items) {
      if (item.IsMap()) {
        test.events.push_back(item);
        continue;
      }
      const std::vector<sigma::YamlDocument> json =
          item.IsScalar() ? sigma::ReadYaml(item.text) : std::vector<sigma::YamlDocument>();
      if (json.size() != 1 || !json[0].error.empty() || !json[0].root.IsMap()) {
        return Fault(item, "an audit record is a map, or text that holds a JSON object");
      }
      test.events.push_back(json[0].root);
    }
    return true;
  }

  bool ReadChanges(const sigma::YamlNode& node, RuleTest& test) {
    if (const sigma::YamlNode* const set = node.Find("set"); set != nullptr) {
      if (!set->IsMap()) return Fault(*set, "'set' is a map of path to value");
      for (const auto& [path, value] : set->pairs) {
        bool changes = false;
        for (sigma::YamlNode& event : test.events) changes |= SetField(event, path.text, value);
        if (!changes) {
          return Fault(path, absl::StrCat("'", path.text, "' has this value already"));
        }
      }
    }
    if (const sigma::YamlNode* const remove = node.Find("remove"); remove != nullptr) {
      if (!remove->IsList()) return Fault(*remove, "'remove' is a list of paths");
      for (const sigma::YamlNode& path : remove->items) {
        bool changes = false;
        for (sigma::YamlNode& event : test.events) changes |= RemoveField(event, path.text);
        if (!changes) {
          return Fault(path, absl::StrCat("there is no '", path.text, "' to remove"));
        }
      }
    }
    return true;
  }

  const sigma::RuleFile& file_;
  std::vector<sigma::RuleFault>& faults_;
};

// The records of a test as JSON, in the order of their arrival.
std::vector<std::string> RecordsOf(const RuleTest& test) {
  absl::CivilSecond first;
  absl::ParseCivilTime(ToAbsl(kFirstTime), &first);
  std::vector<std::string> records;
  for (int repetition = 0; repetition < test.repeat; ++repetition) {
    for (size_t i = 0; i < test.events.size(); ++i) {
      if (records.size() == kMaxRecords) return records;
      sigma::YamlNode record = test.events[i];
      const absl::CivilSecond time =
          TimeOf(record, first + static_cast<int64_t>(i)) + int64_t{repetition} * test.step_secs;
      for (const auto& [path, values] : test.each) {
        sigma::YamlNode value = values[repetition % values.size()];
        if (value.IsScalar() && value.type == sigma::YamlNode::Type::kText) {
          value.text = absl::StrReplaceAll(value.text, {{"{n}", absl::StrCat(repetition + 1)}});
        }
        SetField(record, path, value);
      }
      FindOrAdd(record, "CreationTime") = TextNode(absl::FormatCivilTime(time));
      if (record.Find("Id") == nullptr) {
        FindOrAdd(record, "Id") = TextNode(GuidOf(test.name, records.size()));
      }
      if (record.Find("OrganizationId") == nullptr) {
        FindOrAdd(record, "OrganizationId") = TextNode(kOrganization);
      }
      if (record.Find("Version") == nullptr) FindOrAdd(record, "Version") = NumberNode("1");
      records.push_back(ToJson(record));
    }
  }
  if (test.is_reversed) std::reverse(records.begin(), records.end());
  const size_t different = records.size();
  for (int delivery = 1; delivery < test.deliveries; ++delivery) {
    for (size_t i = 0; i < different && records.size() < kMaxRecords; ++i) {
      records.push_back(records[i]);
    }
  }
  return records;
}

// Empty when the test passes, else what went wrong.
std::string Run(const RuleTest& test, const std::shared_ptr<const detector::RuleSet>& rules) {
  Metrics metrics;
  parser::Normalizer normalizer({}, metrics);
  detector::Detector detector(rules, {.allowed_lateness = absl::InfiniteDuration()}, metrics);
  parser::SeenIds seen({}, metrics);
  parser::NormalizedBatch batch;
  int alerts = 0;
  const auto count = [&alerts](const detector::Alert&) { ++alerts; };
  for (const std::string& record : RecordsOf(test)) {
    batch.Clear();
    normalizer.Normalize({}, record, batch);
    if (batch.events.size() != 1) {
      return absl::StrCat(
          "the record is refused: ", batch.rejected.empty() ? "no event" : batch.rejected[0].error,
          ": ", record.substr(0, 200));
    }
    const parser::NormalizedBatch::Event& event = batch.events[0];
    if (!seen.Insert(/*partition=*/0, batch.Tenant(event), event.id, event.hour,
                     absl::UnixEpoch())) {
      continue;  // delivered before
    }
    const detector::EventSource source{batch.Tenant(event), "", 0, 0};
    if (!detector.Process(source, batch.Json(event), count)) return "the event is no JSON object";
  }
  detector.Finish(count);
  if (test.alerts.has_value() && *test.alerts != alerts) {
    return absl::StrCat("expected ", *test.alerts, " alerts, got ", alerts);
  }
  if (!test.alerts.has_value() && test.matches != (alerts > 0)) {
    return test.matches ? "expected an alert, got none"
                        : absl::StrCat("expected no alert, got ", alerts);
  }
  return "";
}

bool IsTestFile(std::string_view path) { return path.ends_with(".test.yml"); }

std::string TestPathOf(std::string_view rule_path) {
  return absl::StrCat(ToAbsl(rule_path.substr(0, rule_path.rfind('.'))), ".test.yml");
}

}  // namespace

std::vector<sigma::RuleFile> ReadRuleTestFiles(const std::string& path,
                                               std::vector<sigma::RuleFault>& faults) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fs::recursive_directory_iterator it(path, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      if (IsTestFile(it->path().string())) paths.push_back(it->path().string());
    }
    if (error) faults.push_back({path, 0, 0, error.message()});
    std::sort(paths.begin(), paths.end());
  } else {
    paths.push_back(IsTestFile(path) ? path : TestPathOf(path));
  }
  std::vector<sigma::RuleFile> files;
  for (const std::string& each : paths) {
    absl::StatusOr<std::string> text = ReadFile(each);
    if (text.ok()) {
      files.push_back({each, *std::move(text)});
    } else {
      faults.push_back({each, 0, 0, std::string(ToStd(text.status().message()))});
    }
  }
  return files;
}

RuleTestReport RunRuleTests(const std::vector<sigma::RuleFile>& rules,
                            const std::vector<sigma::RuleFile>& tests) {
  RuleTestReport report;
  std::map<std::string, const sigma::RuleFile*> test_of_path;
  for (const sigma::RuleFile& file : tests) test_of_path[file.path] = &file;
  for (const sigma::RuleFile& rule : rules) {
    const auto found = test_of_path.find(TestPathOf(rule.path));
    if (found == test_of_path.end()) {
      report.failures.push_back(
          {rule.path, 1, 1, absl::StrCat("the rule has no tests: write ", TestPathOf(rule.path))});
      continue;
    }
    const sigma::RuleFile& file = *found->second;
    test_of_path.erase(found);
    ++report.rules;
    const auto compiled = detector::CompileForAuditEvents({rule}, report.failures);
    const std::vector<RuleTest> cases = TestFileReader(file, report.failures).Read();
    bool has_match = false, has_near_miss = false;
    const RuleTest* nearest = nullptr;
    std::set<std::string> fields;  // in which the nearest differs from a match
    for (const RuleTest& test : cases) {
      has_match |= test.ExpectsAlert();
      if (!test.ExpectsAlert() && test.base != nullptr && test.base->ExpectsAlert()) {
        std::set<std::string> differences = test.Differences();
        has_near_miss |= differences.size() == 1;
        if (nearest == nullptr || differences.size() < fields.size()) {
          nearest = &test;
          fields = std::move(differences);
        }
      }
      ++report.tests;
      const std::string problem = Run(test, compiled);
      if (problem.empty()) {
        ++report.passed;
      } else {
        report.failures.push_back(
            {file.path, test.line, test.column, absl::StrCat("'", test.name, "': ", problem)});
      }
    }
    if (!has_match) {
      report.failures.push_back({file.path, 1, 1, "no test must match"});
    } else if (!has_near_miss) {
      std::string message = "no test that must not match differs in one field from one that must";
      if (nearest != nullptr) {
        absl::StrAppend(&message, ": the nearest, '", nearest->name, "', differs in ",
                        absl::StrJoin(fields, ", "));
      }
      report.failures.push_back({file.path, nearest == nullptr ? 1 : nearest->line,
                                 nearest == nullptr ? 1 : nearest->column, std::move(message)});
    }
  }
  for (const auto& [path, file] : test_of_path) {
    report.failures.push_back({path, 1, 1, "there is no rule file beside these tests"});
  }
  return report;
}

}  // namespace picket
