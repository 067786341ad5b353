// Tests that the OCSF event and the ECS event of a record contain all data of the record. Also
// tests that values at the same path have the same JSON type in all events.

#include <gtest/gtest.h>

#include <cstdio>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"
#include "model/field_paths.h"
#include "tests/parser/mapping/path_types.h"
#include "tests/parser/record_testing.h"

namespace picket::parser {
namespace {

// Calls `check` with each record that becomes an event, and with its OCSF event and its ECS event.
template <typename Check>
void ForEachEvent(Check check) {
  for (const std::string& missing : AllRecords().missing) {
    std::printf("NOT RUN for %s: the shared data are missing\n", missing.c_str());
  }
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  size_t events = 0;
  for (const std::string& record : AllRecords().records) {
    normalizer.Normalize({.content_created = "2026-01-01T00:00:00Z", .ecs = true}, record, batch);
    if (batch.events.size() != 1) continue;  // an edge case that is not a record
    ++events;
    check(record, batch.Json(batch.events[0]), batch.Ecs(batch.events[0]));
  }
  std::printf("%zu events\n", events);
  EXPECT_GE(events, AllRecords().missing.empty() ? 9700u : 61u);
}

// Returns a leaf of the record that the event contains less often than the record does. Returns
// nullopt if there is none. Values of an undocumented shape are written as strings with JSON, so a
// leaf may also be inside such a string.
std::optional<std::string> FirstMissing(const std::map<std::string, int>& wanted,
                                        const std::map<std::string, int>& found) {
  for (const auto& [leaf, count] : wanted) {
    const auto it = found.find(leaf);
    if (it != found.end() && it->second >= count) continue;
    bool inside = false;
    for (const auto& [text, times] : found) {
      inside |= text.size() > leaf.size() && (text[0] == '{' || text[0] == '[') &&
                text.find(leaf) != std::string::npos;
    }
    if (!inside) return leaf;
  }
  return std::nullopt;
}

TEST(FaithfulTest, EveryLeafOfEveryRecordIsInBothOutputs) {
  int lost = 0;
  ForEachEvent([&](std::string_view record, std::string_view ocsf, std::string_view ecs) {
    const Tree source = ParseTree(record);
    // A record with this member was wrapped by Wazuh. Events need not contain Wazuh's own values,
    // so the record is skipped.
    if (At(source, "/office365") != "<none>") return;
    const std::map<std::string, int> wanted = CountLeaves(source.root);
    for (const std::string_view output : {ocsf, ecs}) {
      const Tree event = ParseTree(output);
      const std::optional<std::string> leaf = FirstMissing(wanted, CountLeaves(event.root));
      if (!leaf.has_value()) continue;
      if (++lost <= 5) {
        ADD_FAILURE() << "'" << *leaf << "' is in\n"
                      << record << "\nand not as often in\n"
                      << output;
      }
    }
  });
  EXPECT_EQ(lost, 0);
}

// The paths at which the OCSF event and the ECS event may contain the unchanged value of a field.
struct Places {
  std::vector<std::string> ocsf;
  std::vector<std::string> ecs;
};
Places PlacesOf(std::string_view key) {
  const AuditField* const field = FindAuditField(key);
  const std::string name(field == nullptr ? key : field->name());
  Places places;
  for (const char* suffix : {"", "_text"}) {
    places.ocsf.push_back(absl::StrCat("unmapped/", name, suffix));
    places.ecs.push_back(absl::StrCat("o365/audit/", name, suffix));
  }
  places.ecs.push_back(absl::StrCat("o365/audit/", name, "_kv"));
  if (field == nullptr) places.ecs.push_back("o365/audit/undocumented");
  for (const FieldPath& path : FieldPaths()) {
    if (path.sources != name || path.kept == Kept::kCopy || path.kept == Kept::kName) continue;
    places.ocsf.push_back(absl::StrReplaceAll(ToAbsl(path.ocsf), {{".", "/"}}));
    places.ecs.push_back(absl::StrReplaceAll(ToAbsl(path.ecs), {{".", "/"}}));
  }
  return places;
}

std::map<std::string, int> LeavesAt(const Tree& event, const std::vector<std::string>& places) {
  std::map<std::string, int> leaves;
  for (const std::string& place : places) {
    simdjson::dom::element value = event.root;
    bool found = true;
    for (const absl::string_view step : absl::StrSplit(place, '/')) {
      found = found && value.at_key({step.data(), step.size()}).get(value) == simdjson::SUCCESS;
    }
    if (!found) continue;
    for (const auto& [leaf, count] : CountLeaves(value)) leaves[leaf] += count;
  }
  return leaves;
}

TEST(FaithfulTest, EveryFieldIsAtItsDocumentedPathInBothOutputs) {
  int lost = 0;
  size_t fields = 0;
  ForEachEvent([&](std::string_view record, std::string_view ocsf, std::string_view ecs) {
    const Tree source = ParseTree(record);
    if (At(source, "/office365") != "<none>") return;
    const Tree ocsf_event = ParseTree(ocsf);
    const Tree ecs_event = ParseTree(ecs);
    const bool has_duplicates = At(ocsf_event, "/unmapped/duplicate_keys") != "<none>";
    const simdjson::dom::object members = source.root.get_object().value();
    for (const simdjson::dom::key_value_pair member : members) {
      if (has_duplicates) continue;  // field_names_test.cc tests records with a field twice
      const std::map<std::string, int> wanted = CountLeaves(member.value);
      const Places places = PlacesOf(member.key);
      ++fields;
      for (const auto& [event, where] :
           {std::pair(&ocsf_event, &places.ocsf), std::pair(&ecs_event, &places.ecs)}) {
        const std::optional<std::string> leaf = FirstMissing(wanted, LeavesAt(*event, *where));
        if (!leaf.has_value() || ++lost > 5) continue;
        ADD_FAILURE() << "'" << *leaf << "' of " << member.key << " is not at "
                      << absl::StrJoin(*where, ", ") << " in\n"
                      << event->text;
      }
    }
  });
  std::printf("%zu fields\n", fields);
  EXPECT_EQ(lost, 0);
}

TEST(FaithfulTest, EveryPathHasOneJsonType) {
  PathTypes ocsf_types;
  PathTypes ecs_types;
  ForEachEvent([&](std::string_view, std::string_view ocsf, std::string_view ecs) {
    ocsf_types.Add(ParseTree(ocsf).root);
    ecs_types.Add(ParseTree(ecs).root);
  });
  ocsf_types.Expect();
  ecs_types.Expect();
}

}  // namespace
}  // namespace picket::parser
