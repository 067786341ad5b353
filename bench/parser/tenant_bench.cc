// Measures the optional work of the parser: masking fields, and adding the places of IP addresses.
// For comparison, BM_Plain normalises the same records without this work.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "common/file.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "parser/geo/geo.h"
#include "parser/masking.h"
#include "parser/normalizer.h"
#include "tests/support/maxmind_writer.h"

namespace picket::parser {
namespace {

constexpr char kTenant[] = "11111111-1111-4111-8111-111111111111";
constexpr char kKey[] = "a key of the bench, which is no secret";

// Returns a blob of a megabyte with many copies of the shipped samples. Sets `records` to the
// number of records in the blob.
const std::string& Blob(int64_t* records) {
  static int64_t count = 0;
  static const std::string* const blob = [] {
    std::vector<std::string> lines;
    std::ifstream file("tests/data/records/samples.ndjson");
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    auto* const text = new std::string("[");
    while (!lines.empty() && text->size() < 1 << 20) {
      if (count > 0) text->push_back(',');
      text->append(lines[static_cast<size_t>(count++) % lines.size()]);
    }
    text->push_back(']');
    return text;
  }();
  *records = count;
  return *blob;
}

void Run(benchmark::State& state, const NormalizerOptions& options, const RecordMask* mask) {
  int64_t records = 0;
  const std::string& blob = Blob(&records);
  Metrics metrics;
  Normalizer normalizer(options, metrics);
  NormalizedBatch batch;
  BlobSource source;
  source.tenant = kTenant;
  source.own_fetcher = true;
  source.mask = mask;
  const auto run = [&] { normalizer.Normalize(source, blob, batch); };
  run();
  if (static_cast<int64_t>(batch.events.size()) != records || records == 0) {
    return state.SkipWithError("not every record is an event (run it from the checkout's root)");
  }
  const bool has_mask = batch.text.view().find("masked:") != std::string_view::npos;
  const bool has_place = batch.text.view().find("Lisbon") != std::string_view::npos;
  if (has_mask != (mask != nullptr) || has_place != (options.geo != nullptr)) {
    return state.SkipWithError("the events are not as expected");
  }
  for ([[maybe_unused]] auto _ : state) run();
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(blob.size()));
  state.SetItemsProcessed(state.iterations() * records);
}

void BM_Plain(benchmark::State& state) { Run(state, {}, nullptr); }
BENCHMARK(BM_Plain)->Unit(benchmark::kMillisecond);

// Masked blobs are always read record by record. This benchmark measures the cost of reading record
// by record without a mask.
void BM_RecordByRecord(benchmark::State& state) { Run(state, {.record_by_record = true}, nullptr); }
BENCHMARK(BM_RecordByRecord)->Unit(benchmark::kMillisecond);

void BM_Masked(benchmark::State& state) {
  const RecordMask mask({{"UserId", "hash"},
                         {"ClientIP", "hash"},
                         {"Item.Subject", "drop"},
                         {"Parameters.ForwardTo", "hash"}},
                        kKey, kTenant);
  Run(state, {}, &mask);
}
BENCHMARK(BM_Masked)->Unit(benchmark::kMillisecond);

void BM_Geo(benchmark::State& state) {
  std::string folder = (std::filesystem::temp_directory_path() / "picket-geo-XXXXXX").string();
  if (mkdtemp(folder.data()) == nullptr)
    return state.SkipWithError("cannot create a temporary folder");
  // The database has the same place for every IPv4 address. The place is added for many networks,
  // so that a search must follow at least a dozen nodes.
  MaxMindWriter writer({.type = "Test-City"});
  constexpr std::string_view kPlace =
      R"({"country":{"iso_code":"PT"},"city":{"names":{"en":"Lisbon"}}})";
  for (int i = 0; i < 256; ++i) {
    writer.Add(absl::StrCat(i, ".0.0.0/8"), kPlace);
    for (int j = 0; j < 16; ++j) {
      writer.Add(absl::StrCat(i, ".", j, ".0.0/16"), kPlace);
    }
  }
  const std::string path = folder + "/city.mmdb";
  Metrics metrics;
  if (!WriteFile(path, writer.File()).ok()) return state.SkipWithError("cannot write");
  auto files = GeoFiles::Open({path}, metrics);
  if (files.ok()) {
    Run(state, {.geo = *files}, nullptr);
  } else {
    state.SkipWithError("the database cannot be opened");
  }
  std::filesystem::remove_all(folder);
}
BENCHMARK(BM_Geo)->Unit(benchmark::kMillisecond);

// Masks a value that is inside nested lists. The argument is the depth of the lists, on which the
// time per byte must not depend.
void BM_MaskDeep(benchmark::State& state) {
  const RecordMask mask({{"Lists.Here", "hash"}}, kKey, kTenant);
  std::string record = R"({"Here":"secret"})";
  for (int64_t depth = 0; depth < state.range(0); ++depth) record.insert(0, "[1,").push_back(']');
  // A megabyte next to the masked value makes it expensive to read the innermost list repeatedly.
  record.insert(record.find("{\"Here"), R"({"Bulk":")" + std::string(1 << 20, 'x') + "\"},");
  record = R"({"Lists":)" + record + "}";
  std::string out;
  mask.Apply(record, out);
  if (out.size() <= record.size() || out.find(mask.Hash("secret")) == std::string::npos ||
      out.find("secret") != std::string::npos) {
    return state.SkipWithError("the value is not masked");
  }
  for ([[maybe_unused]] auto _ : state) mask.Apply(record, out);
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(record.size()));
}
BENCHMARK(BM_MaskDeep)->ArgName("depth")->Arg(1)->Arg(16)->Arg(250)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace picket::parser

int main(int argc, char** argv) {
  picket::ConfigureLog(picket::LogLevel::kError, picket::LogFormat::kText);
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
}
