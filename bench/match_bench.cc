// Rules on events. Needs the shared data (PICKET_SHARED_DATA or ../shared/data); event lanes and the large rule set are
// read unpacked from PICKET_SIGMA_DATA (folders rules/ and events/).
// First checks that the same rules match with routing as without, as far as logsources allow, then measures.

#include <benchmark/benchmark.h>
#include <zlib.h>

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <new>
#include <sstream>

#include "common/check.h"
#include "common/file.h"
#include "detector/rule_set.h"

// Allocations of the process, so that a benchmark can show that warm matching makes none.
namespace {
std::atomic<size_t> allocations{0};
}  // namespace

// Not inlined: gcc then takes the pair for a mismatch.
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

// `copies` renamed copies of every rule.
std::shared_ptr<const RuleSet> Load(const std::string& path, int copies) {
  std::vector<RuleFault> faults;
  const std::vector<RuleFile> files = ReadRuleFiles(path, faults);
  std::vector<RuleFile> all;
  for (int copy = 0; copy < copies; ++copy) {
    for (const RuleFile& file : files) {
      RuleFile renamed = file;
      size_t at = copy == 0 ? std::string::npos : renamed.text.find("\nid: ");
      if (at != std::string::npos) renamed.text.insert(at + 5, "copy" + std::to_string(copy) + "-");
      all.push_back(std::move(renamed));
    }
  }
  return RuleSet::Compile(all, LiteralFieldName, faults);
}

void MatchEvents(benchmark::State& state, const std::shared_ptr<const RuleSet>& rules,
                 const std::vector<std::string>& events, bool route) {
  Matcher matcher(rules, {.route = route});
  size_t matches = 0, bytes = 0;
  for (const std::string& event : events) {
    matches += matcher.Match(event).size();
    PICKET_CHECK(matcher.ok());
    bytes += event.size();
  }
  for (const std::string& event : events) matcher.Match(event);  // regular expressions warm up late
  size_t passes = 0, again = 0;
  const size_t allocations_before = allocations.load();
  for (auto _ : state) {
    for (const std::string& event : events) again += matcher.Match(event).size();
    ++passes;
  }
  const size_t allocations_made = allocations.load() - allocations_before;
  PICKET_CHECK(again == passes * matches);
  state.counters["allocations_per_event"] =
      static_cast<double>(allocations_made) / static_cast<double>(passes * events.size());
  state.SetItemsProcessed(static_cast<int64_t>(passes * events.size()));
  state.SetBytesProcessed(static_cast<int64_t>(passes * bytes));
  state.counters["rules"] = static_cast<double>(rules->rules().size());
  state.counters["matches"] = static_cast<double>(matches);
}

void Register(const std::string& name, std::shared_ptr<const RuleSet> rules,
              std::shared_ptr<const std::vector<std::string>> events, bool route) {
  benchmark::RegisterBenchmark(name.c_str(), [rules, events, route](benchmark::State& state) {
    MatchEvents(state, rules, *events, route);
  })->Unit(benchmark::kMillisecond);
}

void RegisterAll() {
  const std::string shared = SharedFolder();
  std::vector<std::pair<std::string, std::shared_ptr<const std::vector<std::string>>>> lanes;
  const std::string records = shared + "/o365/real-audit-records.ndjson.gz";
  if (fs::exists(records)) {
    auto events = std::make_shared<const std::vector<std::string>>(Lines(ReadPlainOrGzip(records)));
    Register("m365_rules/real_records", Load(shared + "/sigma/rules-m365-azure", 1), events, false);
    lanes.emplace_back("real_records", events);
  } else {
    std::fprintf(stderr, "SHARED DATA MISSING: %s\n", records.c_str());
  }
  const char* const folder = std::getenv("PICKET_SIGMA_DATA");
  if (folder == nullptr) {
    std::fprintf(stderr, "PICKET_SIGMA_DATA is not set: no lanes, no large rule set\n");
    return;
  }
  for (const auto& entry : fs::directory_iterator(std::string(folder) + "/events")) {
    if (entry.path().extension() != ".ndjson") continue;
    lanes.emplace_back(entry.path().stem().string(),
                       std::make_shared<const std::vector<std::string>>(
                           Lines(ReadPlainOrGzip(entry.path().string()))));
  }
  const std::string rules = std::string(folder) + "/rules";
  benchmark::RegisterBenchmark("load/3132", [rules](benchmark::State& state) {
    std::vector<RuleFault> faults;
    const std::vector<RuleFile> files = ReadRuleFiles(rules, faults);
    for (auto _ : state) {
      faults.clear();
      benchmark::DoNotOptimize(RuleSet::Compile(files, LiteralFieldName, faults));
    }
  })->Unit(benchmark::kMillisecond);
  const auto once = Load(rules, 1), ten_times = Load(rules, 10);
  for (const auto& [name, events] : lanes) {
    Register("3132_rules/" + name, once, events, false);
    Register("3132_rules_routed/" + name, once, events, true);
    Register("31320_rules/" + name, ten_times, events, false);
    Register("31320_rules_routed/" + name, ten_times, events, true);
  }
}

}  // namespace
}  // namespace picket::detector

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  picket::detector::RegisterAll();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
