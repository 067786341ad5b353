#include "cli/rules/rule_test_file.h"

#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/rules/record_editing.h"

namespace picket {
namespace {

class TestFileReader {
 public:
  TestFileReader(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults)
      : file_(file), faults_(faults) {}

  // Reads all tests. Reserves space for all tests first, because adding a test must not move the
  // earlier tests: RuleTest::base may point to them.
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
  // Reports an error. Always returns false.
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
      if (key.text == "set" || key.text == "remove") continue;  // read by ReadChanges
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
        return Fault(item, "an audit record is a map, or a string that contains a JSON object");
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

}  // namespace

std::set<std::string> RuleTest::Differences() const {
  std::set<std::string> fields;
  for (size_t i = 0; i < std::max(events.size(), base->events.size()); ++i) {
    if (i < events.size() && i < base->events.size()) {
      AddDifferences(base->events[i], events[i], fields);
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

std::vector<RuleTest> ReadRuleTests(const sigma::RuleFile& file,
                                    std::vector<sigma::RuleFault>& faults) {
  return TestFileReader(file, faults).Read();
}

}  // namespace picket
