// Measures rules with long lists: 20,000 networks, and 20,000 patterns with two literals. Reports
// the time for each event. Run: build/release/bench/detector/list_bench

#include <benchmark/benchmark.h>

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {
namespace {

constexpr int kValues = 20'000;

// An item with a long list, events, and whether the events match.
struct ListCase {
  std::string name;
  std::string key;
  std::vector<std::string> values;
  std::vector<std::string> events;
  bool matches = false;
};

std::string Event(const std::string& value) {
  return absl::StrCat(R"({"Operation":"UserLoggedIn","UserId":"adele@contoso.com","Field":")",
                      value, R"(","Workload":"Exchange"})");
}

std::shared_ptr<const RuleSet> Compiled(const ListCase& list) {
  std::string text = absl::StrCat(
      "title: T\nid: t\nlogsource: {product: m365}\ndetection:\n  s:\n    ", list.key, ":\n");
  for (const std::string& value : list.values) absl::StrAppend(&text, "      - '", value, "'\n");
  text += "  condition: s\n";
  std::vector<sigma::RuleFault> faults;
  auto rules = RuleSet::Compile({{"list.yml", text}}, LiteralFieldName, faults);
  PICKET_CHECK(faults.empty());
  return rules;
}

std::vector<ListCase> Cases() {
  std::vector<ListCase> cases;
  std::vector<std::string> networks, distinct, shared, product;
  for (int i = 0; i < kValues; ++i) {
    networks.push_back(absl::StrCat("10.", i / 256, ".", i % 256, ".0/25"));
    distinct.push_back(absl::StrCat("*first", i, "x*second", i, "x*"));
    shared.push_back(absl::StrCat("*common*part", i, "x*"));
    product.push_back(absl::StrCat("*left", i / 141, "x*right", i % 141, "x*"));
  }
  std::vector<std::string> outside, inside, nothing, half, whole, half_shared, half_product;
  for (int i = 0; i < 500; ++i) {
    const std::string padding = "a path of some length / and a name of a file, number ";
    outside.push_back(Event(absl::StrCat("10.", i % 70, ".", i % 256, ".200:", 40000 + i)));
    inside.push_back(Event(absl::StrCat("10.", i % 70, ".", i % 256, ".", i % 128)));
    nothing.push_back(Event(absl::StrCat(padding, i)));
    half.push_back(Event(absl::StrCat(padding, "first", i, "x and second", i + 1, "x")));
    whole.push_back(Event(absl::StrCat(padding, "first", i, "x and second", i, "x")));
    half_shared.push_back(Event(absl::StrCat(padding, "common ", i)));
    half_product.push_back(Event(absl::StrCat(padding, "left", i % 141, "x ", i)));
  }
  cases.push_back({"networks/outside", "Field|cidr", networks, outside, false});
  cases.push_back({"networks/inside", "Field|cidr", networks, inside, true});
  cases.push_back({"patterns/nothing", "Field", distinct, nothing, false});
  cases.push_back({"patterns/halves_of_two", "Field", distinct, half, false});
  cases.push_back({"patterns/whole", "Field", distinct, whole, true});
  cases.push_back({"patterns/half_that_all_share", "Field", shared, half_shared, false});
  cases.push_back({"patterns/half_that_many_share", "Field", product, half_product, false});
  return cases;
}

void MatchList(benchmark::State& state, const ListCase& list) {
  Matcher matcher(Compiled(list), {.cache_values = false});
  for (const std::string& event : list.events) {
    PICKET_CHECK(matcher.Match(event).size() == (list.matches ? 1 : 0));
  }
  for (auto _ : state) {
    size_t matches = 0;
    for (const std::string& event : list.events) matches += matcher.Match(event).size();
    benchmark::DoNotOptimize(matches);
  }
  state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(list.events.size()));
  state.counters["seconds_per_event"] = benchmark::Counter(
      static_cast<double>(state.iterations()) * static_cast<double>(list.events.size()),
      benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

}  // namespace
}  // namespace picket::detector

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  for (const picket::detector::ListCase& list : picket::detector::Cases()) {
    benchmark::RegisterBenchmark(list.name.c_str(), [list](benchmark::State& state) {
      picket::detector::MatchList(state, list);
    });
  }
  benchmark::RunSpecifiedBenchmarks();
}
