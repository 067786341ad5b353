// Measures the duplicate window with the Ids of seven days. The window may use much less memory
// than these Ids need, so it keeps most of them on disk, in sorted files that are called runs
// (parser/duplicates/partition_window.h).

#include <benchmark/benchmark.h>
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "common/log.h"
#include "common/metrics.h"
#include "parser/duplicates/duplicate_window.h"

namespace picket::parser {
namespace {

constexpr char kTenant[] = "11111111-1111-4111-8111-111111111111";
constexpr int64_t kHours = 7 * 24;
constexpr int64_t kFirstHour = 490'000;
constexpr int64_t kTransaction = 5000;

uint64_t Mix(uint64_t x) {
  x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
  x = (x ^ x >> 27) * 0x94d049bb133111ebull;
  return x ^ x >> 31;
}

// A generated record. Records arrive at a constant rate for a week. One of twenty records is up to
// four days late.
struct Record {
  RecordId id;
  int32_t hour;
  absl::Time arrival;
};
Record RecordOf(int64_t i, int64_t count) {
  Record record;
  const uint64_t words[2] = {Mix(static_cast<uint64_t>(i)), Mix(~static_cast<uint64_t>(i))};
  std::memcpy(record.id.bytes.data(), words, sizeof(words));
  const int64_t seconds = i * (kHours * 3600) / count;
  record.arrival = absl::FromUnixSeconds(kFirstHour * 3600 + seconds);
  const int64_t late = words[0] % 20 == 0 ? static_cast<int64_t>(words[1] % 96) : 0;
  record.hour = static_cast<int32_t>(kFirstHour + seconds / 3600 - late);
  return record;
}

double Seconds(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

struct Row {
  int64_t offset;
  std::string value;
};

void BM_SevenDays(benchmark::State& state) {
  const int64_t count = state.range(0) * 1'000'000;
  const char* const base = std::getenv("TMPDIR");
  std::string folder = std::string(base != nullptr ? base : "/tmp") + "/picket-seen-bench-XXXXXX";
  if (mkdtemp(folder.data()) == nullptr) {
    state.SkipWithError("cannot create a temporary folder");
    return;
  }
  const DuplicateWindowOptions options{
      .budget_bytes = static_cast<size_t>(state.range(1)) << 20, .dir = folder, .folder = "seen"};
  for (auto _ : state) {
    Metrics metrics;
    const auto sum = [&metrics](const std::string& name) {
      return metrics.Sum("picket_parser_seen_" + name);
    };
    auto seen = std::make_unique<DuplicateWindow>(options, metrics);
    seen->BeginRestore(0);
    seen->RestoreFrom(0, 0, 0);
    seen->IsRestored(0);
    // The newest rows of the topic `seen`, which a restart must read.
    std::vector<Row> newest;
    int64_t offset = 0;
    int64_t wrong = 0;
    double memory = 0;
    double slowest = 0;
    const double seconds = Seconds([&] {
      for (int64_t i = 0; i < count;) {
        const int64_t end = std::min(count, i + kTransaction);
        const double one = Seconds([&] {
          for (; i < end; ++i) {
            const Record record = RecordOf(i, count);
            wrong += !seen->Insert(0, kTenant, record.id, record.hour, record.arrival);
          }
          seen->Flush([&](int32_t, std::string_view, std::string_view value) {
            newest.push_back({offset, std::string(value)});
          });
          seen->OnRowsWritten(0, offset++);
          seen->Commit();
        });
        slowest = std::max(slowest, one);
        memory = std::max(memory, sum("bytes"));
        if (newest.size() > 4000) newest.erase(newest.begin(), newest.begin() + 2000);
      }
    });
    state.counters["inserts_per_second"] = static_cast<double>(count) / seconds;
    state.counters["slowest_transaction_ms"] = slowest * 1e3;
    state.counters["most_memory_MiB"] = memory / (1 << 20);
    state.counters["disk_MiB"] = sum("disk_bytes") / (1 << 20);
    state.counters["disk_bytes_an_id"] = sum("disk_bytes") / static_cast<double>(count);
    state.counters["runs"] = sum("runs");
    state.counters["read_look_ups"] = sum("disk_reads_total") / static_cast<double>(count);

    // Insert copies of records of the whole week. The window finds all of them, most of them on
    // disk.
    constexpr int64_t kLookUps = 1'000'000;
    const absl::Time now = RecordOf(count - 1, count).arrival;
    const double copies = Seconds([&] {
      for (int64_t k = 0; k < kLookUps; ++k) {
        const Record record = RecordOf(static_cast<int64_t>(Mix(k) % count), count);
        wrong += seen->Insert(0, kTenant, record.id, record.hour, now);
      }
    });
    state.counters["copies_per_second"] = kLookUps / copies;
    // Insert new records that were created in any hour of the week. None of them is in the window.
    // Before an Id is accepted as new, the window searches each run that contains its hour.
    const double late = Seconds([&] {
      for (int64_t k = 0; k < kLookUps; ++k) {
        const Record record = RecordOf(count + k, count);
        const int32_t hour = static_cast<int32_t>(kFirstHour + Mix(k) % (kHours - 10));
        wrong += !seen->Insert(0, kTenant, record.id, hour, now);
        if (k % kTransaction == kTransaction - 1) seen->Abort();
      }
    });
    seen->Abort();
    state.counters["late_per_second"] = kLookUps / late;
    const int64_t size = seen->size();
    seen.reset();

    // A restart first checks the runs. Then it reads the rows that were written after the runs.
    seen = std::make_unique<DuplicateWindow>(options, metrics);
    int64_t from = 0;
    int64_t rows = 0;
    const double open = Seconds([&] {
      seen->BeginRestore(0);
      from = seen->RestoreFrom(0, 0, offset);
    });
    const double read = Seconds([&] {
      for (const Row& row : newest) {
        if (row.offset < from) continue;
        seen->RestoreRow(0, row.offset, kTenant, row.value);
        ++rows;
      }
    });
    if (!seen->IsRestored(0) || seen->size() != size) wrong += 1;
    state.counters["restart_check_s"] = open;
    state.counters["restart_rows_s"] = read;
    state.counters["restart_rows_Mids"] = static_cast<double>(rows * kTransaction) / 1e6;
    if (wrong != 0) state.SkipWithError("a result is wrong");
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    state.counters["largest_resident_MiB"] = static_cast<double>(usage.ru_maxrss >> 10);
  }
  std::filesystem::remove_all(folder);
}
// The arguments are the number of Ids in millions and the memory budget in MiB.
BENCHMARK(BM_SevenDays)
    ->ArgNames({"Mids", "MiB"})
    ->Args({10, 64})
    ->Args({100, 64})
    ->Iterations(1)
    ->Unit(benchmark::kSecond);

// Measures a start without runs, which must read all rows of the topic `seen`.
void BM_Restore(benchmark::State& state) {
  const int64_t count = 5'000'000;
  std::vector<std::string> rows;
  Metrics metrics;
  {
    DuplicateWindow seen({}, metrics);
    for (int64_t i = 0; i < count; ++i) {
      const Record record = RecordOf(i, count);
      seen.Insert(0, kTenant, record.id, record.hour, record.arrival);
      if (i % 500 != 499) continue;
      seen.Flush(
          [&](int32_t, std::string_view, std::string_view value) { rows.emplace_back(value); });
      seen.Commit();
    }
  }
  for (auto _ : state) {
    DuplicateWindow seen({}, metrics);
    seen.BeginRestore(0);
    seen.RestoreFrom(0, 0, static_cast<int64_t>(rows.size()));
    for (size_t i = 0; i < rows.size(); ++i) {
      seen.RestoreRow(0, static_cast<int64_t>(i), kTenant, rows[i]);
    }
    if (!seen.IsRestored(0) || seen.size() != count)
      state.SkipWithError("not every Id was restored");
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(BM_Restore)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace picket::parser

int main(int argc, char** argv) {
  picket::ConfigureLog(picket::LogLevel::kError, picket::LogFormat::kText);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
