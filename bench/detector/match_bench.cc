// Measures how fast rules are matched against events. The benchmarks need the shared data
// (PICKET_SHARED_DATA or ../shared/data).
//
// - `parsed` benchmarks begin with a parsed event. Its fields have been found, but their values
//   have not been unescaped, case-folded or looked up.
// - `json` benchmarks begin with the JSON of an event.
// - `growth` benchmarks measure the cost per event with 150, 3,132 and 31,320 rules, of which none
//   matches.
// - `growth_new_values` benchmarks measure the same cost without the value cache.

#include <benchmark/benchmark.h>
#include <sys/resource.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <memory>
#include <new>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/check.h"
#include "common/file.h"
#include "common/metrics.h"
#include "detector/log_sources.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "parser/normalizer.h"
#include "rules/embedded_rules.h"

// The number of allocations of this process. A matcher must not allocate after the first events.
namespace {
std::atomic<size_t> allocations{0};
}  // namespace

// If gcc inlined these operators, it would report a mismatched new and delete.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size); memory != nullptr) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace picket::detector {
namespace {

namespace fs = std::filesystem;

std::string SharedFolder() {
  const char* const folder = std::getenv("PICKET_SHARED_DATA");
  return folder != nullptr ? folder : "../shared/data";
}

std::string ReadPlainOrGzip(const std::string& path) {
  std::string text;
  const gzFile file = gzopen(path.c_str(), "rb");
  char buffer[1 << 16];
  for (int size; file != nullptr && (size = gzread(file, buffer, sizeof(buffer))) > 0;) {
    text.append(buffer, size);
  }
  if (file != nullptr) gzclose(file);
  return text;
}

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    if (!line.empty()) lines.push_back(line);
  }
  return lines;
}

// Returns every `stride`-th rule file, `copies` times. Each copy after the first has other rule
// ids, because ids must be unique.
std::vector<sigma::RuleFile> Files(const std::string& path, int copies, size_t stride) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = sigma::ReadRuleFiles(path, faults);
  std::vector<sigma::RuleFile> all;
  for (int copy = 0; copy < copies; ++copy) {
    for (size_t i = 0; i < files.size(); i += stride) {
      sigma::RuleFile renamed = files[i];
      size_t at = copy == 0 ? std::string::npos : renamed.text.find("\nid: ");
      if (at != std::string::npos) renamed.text.insert(at + 5, "copy" + std::to_string(copy) + "-");
      all.push_back(std::move(renamed));
    }
  }
  return all;
}

std::shared_ptr<const RuleSet> Compiled(const std::vector<sigma::RuleFile>& files) {
  std::vector<sigma::RuleFault> faults;
  return RuleSet::Compile(files, LiteralFieldName, faults);
}

std::shared_ptr<const RuleSet> Load(const std::string& path, int copies, size_t stride = 1) {
  return Compiled(Files(path, copies, stride));
}

std::shared_ptr<const RuleSet> LoadPack() {
  std::vector<sigma::RuleFile> files;
  for (const EmbeddedRule& rule : EmbeddedRules()) {
    files.push_back({std::string(rule.file), std::string(rule.text)});
  }
  std::vector<sigma::RuleFault> faults;
  auto pack = CompileForAuditEvents(files, faults);
  PICKET_CHECK(faults.empty());
  return pack;
}

std::vector<std::string> Normalized(const std::vector<std::string>& records) {
  Metrics metrics;
  parser::Normalizer normalizer({}, metrics);
  parser::NormalizedBatch batch;
  std::vector<std::string> events;
  for (const std::string& record : records) {
    normalizer.Normalize({}, record, batch);
    for (const auto& event : batch.events) events.emplace_back(batch.Json(event));
  }
  PICKET_CHECK(events.size() == records.size());
  return events;
}

enum class From { kJson, kParsed };

// Checks that a matcher without an index finds the same matches. Such a matcher is slow, so only
// every eighth event is checked.
void CheckIndex(const std::shared_ptr<const RuleSet>& rules, Matcher& matcher,
                const std::vector<std::string>& events, bool route) {
  Matcher slow(rules, {.route = route, .use_index = false});
  for (size_t i = 0; i < events.size(); i += 8) {
    const auto expected = slow.Match(events[i]);
    const auto found = matcher.Match(events[i]);
    PICKET_CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
  }
}

void MatchEvents(benchmark::State& state, const std::shared_ptr<const RuleSet>& rules,
                 const std::vector<std::string>& events, bool route, From from) {
  Matcher matcher(rules, {.route = route});
  CheckIndex(rules, matcher, events, route);
  size_t matches = 0, bytes = 0;
  std::vector<ParsedEvent> parsed(events.size());
  for (size_t i = 0; i < events.size(); ++i) {
    PICKET_CHECK(matcher.Parse(events[i], parsed[i]));
    matches += matcher.MatchParsed(parsed[i]).size();
    PICKET_CHECK(matcher.ok());
    bytes += events[i].size();
  }
  const auto pass = [&] {
    size_t found = 0;
    if (from == From::kJson) {
      for (const std::string& event : events) found += matcher.Match(event).size();
    } else {
      for (const ParsedEvent& event : parsed) found += matcher.MatchParsed(event).size();
    }
    return found;
  };
  pass();  // not measured, because RE2 allocates when a regular expression is first used
  size_t passes = 0, again = 0;
  const size_t allocations_before = allocations.load();
  for (auto _ : state) {
    again += pass();
    ++passes;
  }
  const size_t allocations_made = allocations.load() - allocations_before;
  PICKET_CHECK(again == passes * matches);
  state.counters["allocations_per_event"] =
      static_cast<double>(allocations_made) / static_cast<double>(passes * events.size());
  state.SetItemsProcessed(static_cast<int64_t>(passes * events.size()));
  if (from == From::kJson) state.SetBytesProcessed(static_cast<int64_t>(passes * bytes));
  state.counters["rules"] = static_cast<double>(rules->rules().size());
  state.counters["matches"] = static_cast<double>(matches);
}

// Measures how the cost of an event grows with the number of rules. Uses three sets of rules.
// Rules that match any of the events are left out, so that the cost of reporting matches is not
// measured. The sets are measured in turn, and the fastest pass of each set counts.
void MeasureGrowth(benchmark::State& state, const std::string& rules_folder,
                   const std::vector<std::string>& events, MatcherOptions options) {
  using Clock = std::chrono::steady_clock;
  struct Set {
    const char* name;
    int copies;
    size_t stride;
    std::unique_ptr<Matcher> matcher;
    std::vector<ParsedEvent> parsed;
    // Nanoseconds per event in the fastest pass.
    double nanoseconds = std::numeric_limits<double>::infinity();
  };
  std::set<std::string> matching;
  {
    const auto all = Load(rules_folder, 1);
    Matcher matcher(all, options);
    for (const std::string& event : events) {
      for (const uint32_t rule : matcher.Match(event)) {
        matching.insert(all->rules()[rule].info.file);
      }
    }
  }
  std::array<Set, 3> sets = {{{"150", 1, 21, nullptr, {}},  //
                              {"3132", 1, 1, nullptr, {}},
                              {"31320", 10, 1, nullptr, {}}}};
  const auto pass = [](Set& set) {
    for (const ParsedEvent& event : set.parsed) {
      PICKET_CHECK(set.matcher->MatchParsed(event).empty());
    }
  };
  for (Set& set : sets) {
    std::vector<sigma::RuleFile> files = Files(rules_folder, set.copies, set.stride);
    std::erase_if(files, [&](const sigma::RuleFile& file) { return matching.contains(file.path); });
    const auto rules = Compiled(files);
    set.matcher = std::make_unique<Matcher>(rules, options);
    set.parsed.resize(events.size());
    for (size_t i = 0; i < events.size(); ++i) {
      PICKET_CHECK(set.matcher->Parse(events[i], set.parsed[i]));
    }
    state.counters[std::string("rules_of_") + set.name] =
        static_cast<double>(rules->rules().size());
    pass(set);
    pass(set);
  }
  for (auto _ : state) {
    for (Set& set : sets) {
      const Clock::time_point start = Clock::now();
      pass(set);
      const std::chrono::duration<double, std::nano> taken = Clock::now() - start;
      set.nanoseconds =
          std::min(set.nanoseconds, taken.count() / static_cast<double>(events.size()));
    }
  }
  for (const Set& set : sets) state.counters[std::string("ns_by_") + set.name] = set.nanoseconds;
  state.counters["growth_150_to_3132"] = sets[1].nanoseconds / sets[0].nanoseconds;
  state.counters["growth_3132_to_31320"] = sets[2].nanoseconds / sets[1].nanoseconds;
}

using Rules = std::shared_ptr<const RuleSet>;
using Events = std::shared_ptr<const std::vector<std::string>>;

void Register(const std::string& name, const Rules& rules, const Events& events, bool route) {
  for (const From from : {From::kParsed, From::kJson}) {
    const std::string full = name + (from == From::kParsed ? "/parsed" : "/json");
    benchmark::RegisterBenchmark(full.c_str(), [=](benchmark::State& state) {
      MatchEvents(state, rules, *events, route, from);
    })->Unit(benchmark::kMillisecond);
  }
}

// Unpacks the events and the large rule set of the shared data into a temporary folder, unless an
// earlier run has unpacked them. Returns the folder, or an empty string if an archive is missing.
std::string Unpacked(const std::string& shared) {
  const fs::path folder = fs::temp_directory_path() / "picket-match-bench";
  for (const char* const name : {"event-lanes.tar.xz", "sigmahq-3132-rules.tar.xz"}) {
    const fs::path archive = fs::path(shared) / "sigma" / name;
    const fs::path done = folder / (std::string(name) + ".unpacked");
    if (fs::exists(done)) continue;
    if (!fs::exists(archive)) {
      std::fprintf(stderr, "SHARED DATA MISSING: %s\n", archive.c_str());
      return "";
    }
    fs::create_directories(folder);
    const std::string command = "tar -xJf '" + archive.string() + "' -C '" + folder.string() +
                                "' && touch '" + done.string() + "'";
    PICKET_CHECK(std::system(command.c_str()) == 0);
  }
  return folder.string();
}

// Returns the peak memory of this process in mebibytes.
double PeakMebibytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

constexpr char kLoadGrowthFlag[] = "--load_growth_of";

// Returns how much memory a new process needs to load the rules, in mebibytes. This process could
// not measure it, because it would reuse memory that it has freed. Therefore, a child process calls
// PrintLoadGrowth.
double LoadGrowthMebibytes(const std::string& rules_folder) {
  const std::string command = "'" + fs::read_symlink("/proc/self/exe").string() + "' " +
                              kLoadGrowthFlag + " '" + rules_folder + "'";
  FILE* const child = popen(command.c_str(), "r");
  PICKET_CHECK(child != nullptr);
  double growth = 0;
  PICKET_CHECK(std::fscanf(child, "%lf", &growth) == 1);
  PICKET_CHECK(pclose(child) == 0);
  return growth;
}

// Prints the growth of this process's peak memory, in mebibytes, when the rules are loaded.
void PrintLoadGrowth(const std::string& rules_folder) {
  const double before = PeakMebibytes();
  std::vector<sigma::RuleFault> faults;
  const auto rules = Compiled(sigma::ReadRuleFiles(rules_folder, faults));
  PICKET_CHECK(!rules->rules().empty());
  std::printf("%.1f\n", PeakMebibytes() - before);
}

void RegisterAll() {
  const std::string shared = SharedFolder();
  std::vector<std::pair<std::string, Events>> lanes;
  const std::string folder = Unpacked(shared);
  if (!folder.empty()) {
    benchmark::RegisterBenchmark("load/3132", [folder](benchmark::State& state) {
      for (auto _ : state) {
        std::vector<sigma::RuleFault> faults;
        const auto files = sigma::ReadRuleFiles(folder + "/rules", faults);
        benchmark::DoNotOptimize(RuleSet::Compile(files, LiteralFieldName, faults));
      }
      state.counters["peak_growth_mib"] = LoadGrowthMebibytes(folder + "/rules");
    })->Unit(benchmark::kMillisecond);
  }
  const std::string records = shared + "/o365/real-audit-records.ndjson.gz";
  if (fs::exists(records)) {
    lanes.emplace_back("real_records", std::make_shared<const std::vector<std::string>>(
                                           Lines(ReadPlainOrGzip(records))));
    Register("m365_rules/real_records", Load(shared + "/sigma/rules-m365-azure", 1),
             lanes.back().second, false);
    Register("own_pack/normalized_records", LoadPack(),
             std::make_shared<const std::vector<std::string>>(Normalized(*lanes.back().second)),
             false);
  } else {
    std::fprintf(stderr, "SHARED DATA MISSING: %s\n", records.c_str());
  }
  if (folder.empty()) return;
  for (const auto& entry : fs::directory_iterator(folder + "/events")) {
    if (entry.path().extension() != ".ndjson") continue;
    lanes.emplace_back(entry.path().stem().string(),
                       std::make_shared<const std::vector<std::string>>(
                           Lines(ReadPlainOrGzip(entry.path().string()))));
  }
  // Loading takes long. Therefore, each set of rules is loaded when a benchmark first needs it.
  const auto lazily = [folder](int copies, size_t stride) {
    auto rules = std::make_shared<Rules>();
    return [rules, folder, copies, stride] {
      if (*rules == nullptr) *rules = Load(folder + "/rules", copies, stride);
      return *rules;
    };
  };
  // The set of 150 rules contains every twenty-first rule. The set of 31,320 rules contains each
  // rule ten times, so there are ten times as many matches.
  const auto few = lazily(1, 21), once = lazily(1, 1), ten_times = lazily(10, 1);
  for (const auto& lane : lanes) {
    for (const bool route : {false, true}) {
      for (const bool caches : {true, false}) {
        const std::string name = std::string(caches ? "growth" : "growth_new_values") +
                                 (route ? "_routed/" : "/") + lane.first;
        const MatcherOptions options = {.route = route, .cache_values = caches};
        benchmark::RegisterBenchmark(name.c_str(), [rules = folder + "/rules", events = lane.second,
                                                    options](benchmark::State& state) {
          MeasureGrowth(state, rules, *events, options);
        })->Unit(benchmark::kMillisecond);
      }
      for (const From from : {From::kParsed, From::kJson}) {
        for (const auto& [name, load] :
             {std::pair{"150_rules", few}, {"3132_rules", once}, {"31320_rules", ten_times}}) {
          const std::string full = std::string(name) + (route ? "_routed/" : "/") + lane.first +
                                   (from == From::kParsed ? "/parsed" : "/json");
          benchmark::RegisterBenchmark(full.c_str(), [load = load, events = lane.second, route,
                                                      from](benchmark::State& state) {
            MatchEvents(state, load(), *events, route, from);
          })->Unit(benchmark::kMillisecond);
        }
      }
    }
  }
}

}  // namespace
}  // namespace picket::detector

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == picket::detector::kLoadGrowthFlag) {
    picket::detector::PrintLoadGrowth(argv[2]);
    return 0;
  }
  benchmark::Initialize(&argc, argv);
  picket::detector::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
