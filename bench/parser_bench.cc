// Audit records to OCSF events in memory, one core: the code that the service runs, beside a generic walk of the same
// bytes. Corpus: the real records of ../shared/data where present, else the shipped samples over and over.

#include <benchmark/benchmark.h>
#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <new>
#include <string>
#include <vector>

#include "common/metrics.h"
#include "parser/audit_file.h"
#include "parser/normalizer.h"
#include "parser/seen_ids.h"

namespace {

std::atomic<int64_t> allocations{0};

}  // namespace

// Counts what the loop allocates.
// Not inlined: gcc then takes the pair for a mismatch.
[[gnu::noinline]] void* operator new(size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* const memory = std::malloc(size)) return memory;
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { std::free(memory); }

namespace picket::parser {
namespace {

struct Corpus {
  std::string name;
  std::vector<std::string> blobs;  // JSON arrays of about 1 MiB
  int64_t records = 0;
  int64_t bytes = 0;
};

std::vector<std::string> RecordsOf(const std::string& path) {
  std::vector<std::string> records;
  auto file = AuditFile::Open(path);
  if (!file.ok()) {
    std::fprintf(stderr, "%s\n", file.status().ToString().c_str());
    std::exit(2);
  }
  AuditBlob blob;
  simdjson::dom::parser parser;
  while (true) {
    const auto more = (*file)->Next(&blob);
    if (!more.ok() || !*more) break;
    simdjson::dom::element root;
    if (parser.parse(blob.text).get(root) != simdjson::SUCCESS) continue;
    simdjson::dom::array array;
    if (root.get_array().get(array) != simdjson::SUCCESS) {
      records.push_back(simdjson::minify(root));
      continue;
    }
    for (const simdjson::dom::element record : array) records.push_back(simdjson::minify(record));
  }
  return records;
}

const Corpus& TheCorpus() {
  static const Corpus* const corpus = [] {
    auto* const made = new Corpus();
    const char* const folder = std::getenv("PICKET_SHARED_DATA");
    std::string path = std::string(folder != nullptr ? folder : "../shared/data") +
                       "/o365/real-audit-records.ndjson.gz";
    size_t rounds = 1;
    made->name = "real audit records";
    if (!std::filesystem::exists(path)) {
      path = "tests/data/records/samples.ndjson";
      rounds = 200;
      made->name = "shipped samples (the shared records are missing)";
    }
    const std::vector<std::string> records = RecordsOf(path);
    std::string blob;
    const auto close = [&] {
      if (blob.empty()) return;
      made->blobs.push_back(blob + "]");
      made->bytes += static_cast<int64_t>(made->blobs.back().size());
      blob.clear();
    };
    for (size_t round = 0; round < rounds; ++round) {
      for (const std::string& record : records) {
        blob += blob.empty() ? "[" : ",";
        blob += record;
        ++made->records;
        if (blob.size() > 1 << 20) close();
      }
    }
    close();
    return made;
  }();
  return *corpus;
}

void Report(benchmark::State& state) {
  const Corpus& corpus = TheCorpus();
  state.SetBytesProcessed(state.iterations() * corpus.bytes);
  state.SetItemsProcessed(state.iterations() * corpus.records);
  state.SetLabel(corpus.name);
}

void BM_Normalize(benchmark::State& state) {
  const Corpus& corpus = TheCorpus();
  Metrics metrics;
  Normalizer normalizer({.record_by_record = state.range(0) != 0}, metrics);
  const BlobSource source{.ecs = state.range(1) != 0};
  NormalizedBatch batch;
  // The answer first: every record is an event, and each event is JSON.
  int64_t events = 0;
  int64_t bytes_out = 0;
  simdjson::dom::parser check;
  for (const std::string& blob : corpus.blobs) {
    normalizer.Normalize(source, blob, batch);
    events += static_cast<int64_t>(batch.events.size());
    for (const NormalizedBatch::Event& event : batch.events) {
      bytes_out += static_cast<int64_t>(event.size + event.ecs_size);
      simdjson::dom::element root;
      if (check.parse(batch.text.data() + event.begin, event.size).get(root) != simdjson::SUCCESS) {
        state.SkipWithError("an event is no JSON");
        return;
      }
    }
  }
  if (events != corpus.records) {
    state.SkipWithError("not every record became an event");
    return;
  }
  const int64_t before = allocations.load();
  for (auto _ : state) {
    for (const std::string& blob : corpus.blobs) {
      normalizer.Normalize(source, blob, batch);
      benchmark::DoNotOptimize(batch.text.data());
    }
  }
  state.counters["allocations_per_record"] =
      static_cast<double>(allocations.load() - before) /
      (static_cast<double>(state.iterations()) * static_cast<double>(corpus.records));
  state.counters["bytes_out_per_byte_in"] =
      static_cast<double>(bytes_out) / static_cast<double>(corpus.bytes);
  Report(state);
}
BENCHMARK(BM_Normalize)
    ->ArgNames({"record_by_record", "ecs"})
    ->Args({0, 0})
    ->Args({1, 0})
    ->Args({0, 1})
    ->MinTime(2);

// The generic walk that the normaliser is measured against: every value by its type, keys and strings unescaped,
// numbers as doubles, everything copied.
void Walk(simdjson::ondemand::value value, std::string& out) {
  switch (value.type()) {
    case simdjson::ondemand::json_type::object:
      for (auto field : value.get_object()) {
        out.append(std::string_view(field.unescaped_key()));
        Walk(field.value(), out);
      }
      break;
    case simdjson::ondemand::json_type::array:
      for (auto member : value.get_array()) Walk(member.value(), out);
      break;
    case simdjson::ondemand::json_type::string:
      out.append(std::string_view(value.get_string()));
      break;
    case simdjson::ondemand::json_type::number: {
      const double number = value.get_double();
      out.append(reinterpret_cast<const char*>(&number), sizeof(number));
      break;
    }
    case simdjson::ondemand::json_type::boolean:
      out.push_back(bool(value.get_bool()) ? 't' : 'f');
      break;
    case simdjson::ondemand::json_type::null:
      out.push_back('n');
      break;
  }
}

void BM_GenericWalk(benchmark::State& state) {
  const Corpus& corpus = TheCorpus();
  simdjson::ondemand::parser parser;
  std::vector<simdjson::padded_string> blobs;
  for (const std::string& blob : corpus.blobs) blobs.emplace_back(blob);
  std::string out;
  for (auto _ : state) {
    for (const simdjson::padded_string& blob : blobs) {
      out.clear();
      simdjson::ondemand::document document = parser.iterate(blob);
      for (auto record : document.get_array()) Walk(record.value(), out);
      benchmark::DoNotOptimize(out.data());
    }
  }
  Report(state);
}
BENCHMARK(BM_GenericWalk)->MinTime(2);

void BM_SeenIds(benchmark::State& state) {
  Metrics metrics;
  SeenIds seen({}, metrics);
  uint64_t number = 0;
  int64_t records = 0;
  for (auto _ : state) {
    for (int i = 0; i < 5000; ++i) {
      RecordId id{};
      number += 0x9e3779b97f4a7c15ull;
      std::memcpy(id.bytes.data(), &number, 8);
      std::memcpy(id.bytes.data() + 8, &records, 8);
      seen.Insert(3, "11111111-1111-4111-8111-111111111111", id,
                  static_cast<int32_t>(records / 200'000), absl::FromUnixSeconds(records / 50));
      ++records;
    }
    seen.Commit();
  }
  state.counters["bytes_per_id"] = metrics.Sum("picket_parser_seen_bytes") / seen.size();
  state.SetItemsProcessed(records);
}
BENCHMARK(BM_SeenIds)->MinTime(1);

}  // namespace
}  // namespace picket::parser

BENCHMARK_MAIN();
