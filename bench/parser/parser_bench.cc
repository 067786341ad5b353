// Measures the normaliser on one core. Compares it with a generic walk over the same bytes
// (generic_walk.h), and with the same mapping over nlohmann/json and RapidJSON (bench/twins). There
// are two corpora: real records (../shared/data) and generated records. If the real records are
// missing, copies of the shipped samples are used instead.

#include <benchmark/benchmark.h>
#include <malloc.h>
#include <simdjson.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <new>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/parser/generic_walk.h"
#include "bench/twins/difference.h"
#include "bench/twins/twin.h"
#include "common/metrics.h"
#include "common/strings.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/input/audit_file.h"
#include "parser/normalizer.h"

namespace {

std::atomic<int64_t> allocations{0};
std::atomic<int64_t> live_bytes{0};
std::atomic<int64_t> most_bytes{0};  // the maximum of live_bytes since the last reset

bool counting = false;  // true only while needed, because counting takes time

void Count(void* memory) {
  if (!counting) return;
  allocations.fetch_add(1, std::memory_order_relaxed);
  const int64_t live = live_bytes += static_cast<int64_t>(malloc_usable_size(memory));
  if (live > most_bytes.load(std::memory_order_relaxed)) most_bytes.store(live);
}
void Forget(void* memory) {
  if (counting) live_bytes -= static_cast<int64_t>(malloc_usable_size(memory));
}

}  // namespace

// These operators count allocations while `counting` is true. If gcc inlined them, it would warn
// about a mismatched new and delete.
[[gnu::noinline]] void* operator new(size_t size) {
  if (void* const memory = std::malloc(size)) {
    Count(memory);
    return memory;
  }
  std::abort();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept {
  Forget(memory);
  std::free(memory);
}
[[gnu::noinline]] void operator delete(void* memory, size_t) noexcept { operator delete(memory); }

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

// Adds the records to the corpus `rounds` times, in JSON arrays of about `blob_bytes` bytes.
void Fill(const std::vector<std::string>& records, size_t rounds, size_t blob_bytes, Corpus& out) {
  std::string blob;
  const auto close = [&] {
    if (blob.empty()) return;
    out.blobs.push_back(blob + "]");
    out.bytes += static_cast<int64_t>(out.blobs.back().size());
    blob.clear();
  };
  for (size_t round = 0; round < rounds; ++round) {
    for (const std::string& record : records) {
      blob += blob.empty() ? "[" : ",";
      blob += record;
      ++out.records;
      if (blob.size() > blob_bytes) close();
    }
  }
  close();
}

const Corpus& RealCorpus() {
  static const Corpus* const corpus = [] {
    auto* const built = new Corpus();
    const char* const folder = std::getenv("PICKET_SHARED_DATA");
    std::string path = std::string(folder != nullptr ? folder : "../shared/data") +
                       "/o365/real-audit-records.ndjson.gz";
    size_t rounds = 1;
    built->name = "real audit records";
    if (!std::filesystem::exists(path)) {
      path = "tests/data/records/samples.ndjson";
      rounds = 200;
      built->name = "shipped samples (the shared records are missing)";
    }
    const std::vector<std::string> records = RecordsOf(path);
    Fill(records, rounds, 1 << 20, *built);
    return built;
  }();
  return *corpus;
}

// Returns the content type under which the Management Activity API serves a record.
std::string_view ContentTypeOf(const std::string& record) {
  simdjson::dom::parser parser;
  std::string_view workload;
  if (parser.parse(record)["Workload"].get(workload) != simdjson::SUCCESS) return "Audit.General";
  if (workload == "Exchange") return "Audit.Exchange";
  if (workload == "SharePoint" || workload == "OneDrive") return "Audit.SharePoint";
  return workload == "AzureActiveDirectory" ? "Audit.AzureActiveDirectory" : "Audit.General";
}

// Returns generated records, with the same shares of workloads as in production: 45 % SharePoint
// files, 25 % Exchange items and 20 % sign-ins. The remaining 10 % are shipped samples. As in the
// API, all records of a blob have the same content type. Each run generates the same corpus.
const Corpus& GeneratedCorpus() {
  static const Corpus* const corpus = [] {
    auto* const built = new Corpus();
    built->name = "generated, production weights";
    const std::vector<std::string> samples = RecordsOf("tests/data/records/samples.ndjson");
    std::mt19937 random(20260304);
    const auto number = [&](uint32_t below) { return static_cast<uint32_t>(random()) % below; };
    const auto guid = [&] {
      return absl::StrFormat("%08x-%04x-4%03x-8%03x-%04x%08x", random(), number(0x10000),
                             number(0x1000), number(0x1000), number(0x10000), random());
    };
    const auto begin = [&](std::string_view operation, int type, std::string_view workload) {
      const uint32_t person = number(500);
      return absl::StrFormat(
          R"({"CreationTime":"2026-03-%02dT%02d:%02d:%02d","Id":"%s","Operation":"%s",)"
          R"("OrganizationId":"11111111-1111-4111-8111-111111111111","RecordType":%d,)"
          R"("UserKey":"i:0h.f|membership|%016x@live.com","UserType":0,"Version":1,)"
          R"("Workload":"%s","ClientIP":"203.0.113.%d","UserId":"person%d@fabrikam.example")",
          1 + number(28), number(24), number(60), number(60), guid(), ToAbsl(operation), type,
          person, ToAbsl(workload), number(254) + 1, person);
    };
    static constexpr std::string_view kFileOperations[] = {
        "FileAccessed", "FilePreviewed",        "FileModified",           "FileDownloaded",
        "FileUploaded", "FileModifiedExtended", "FileSyncDownloadedFull", "FileAccessedExtended"};
    static constexpr std::string_view kExtensions[] = {"docx", "xlsx", "pptx", "pdf"};
    static constexpr std::string_view kItemOperations[] = {"MailItemsAccessed", "Create", "Update",
                                                           "SoftDelete", "MoveToDeletedItems"};
    std::vector<std::string> records;
    for (int i = 0; i < 10'000; ++i) {
      const uint32_t kind = number(100);
      if (kind < 45) {
        const std::string_view extension = kExtensions[number(4)];
        const std::string site =
            absl::StrFormat("https://fabrikam.sharepoint.example/sites/team%d/", number(60));
        const std::string folder = absl::StrFormat("Shared Documents/Project %d", number(90));
        const std::string file = absl::StrFormat("Report %d for quarter %d.%s", number(4000),
                                                 number(4) + 1, ToAbsl(extension));
        records.push_back(absl::StrCat(
            begin(kFileOperations[number(8)], 6, number(3) == 0 ? "OneDrive" : "SharePoint"),
            R"(,"ObjectId":")", site, folder, "/", file, R"(","AuthenticationType":"OAuth",)",
            R"("BrowserName":"Edge","BrowserVersion":"122.0.0.0","CorrelationId":")", guid(),
            R"(","EventSource":"SharePoint","IsManagedDevice":false,"ItemType":"File","ListId":")",
            guid(), R"(","ListItemUniqueId":")", guid(), R"(","Platform":"WinDesktop","Site":")",
            guid(), R"(","UserAgent":"Mozilla/5.0 (Windows NT 10.0; Win64; x64) Edg/122.0.0.0",)",
            R"("WebId":")", guid(),
            R"(","DeviceDisplayName":"203.0.113.9","SourceFileExtension":")", ToAbsl(extension),
            R"(","SiteUrl":")", site, R"(","SourceRelativeUrl":")", folder,
            R"(","SourceFileName":")", file, R"(","ApplicationDisplayName":"Office",)",
            R"("FileSizeBytes":)", number(9'000'000), "}"));
      } else if (kind < 70) {
        std::string items;
        for (uint32_t n = number(4) + 1; n > 0; --n) {
          absl::StrAppend(&items, items.empty() ? "" : ",", R"({"Id":"RgAAAAB)", guid(), "AAA",
                          R"(","InternetMessageId":"<)", guid(),
                          R"(@mail.fabrikam.example>","SizeInBytes":)", number(90'000), "}");
        }
        records.push_back(absl::StrCat(
            begin(kItemOperations[number(5)], number(2) == 0 ? 50 : 2, "Exchange"),
            R"(,"ResultStatus":"Succeeded","AppId":")", guid(),
            R"(","ClientInfoString":"Client=OWA;Mozilla/5.0","ExternalAccess":false,)",
            R"("InternalLogonType":0,"LogonType":0,"LogonUserSid":"S-1-5-21-1004-2005-3006-)",
            number(9000), R"(","MailboxGuid":")", guid(),
            R"(","MailboxOwnerUPN":"person@fabrikam.example","OrganizationName":"fabrikam.example",)",
            R"("OriginatingServer":"AM0PR01 (15.20.7339.24)\r\n","SessionId":")", guid(),
            R"(","Folders":[{"FolderItems":[)", items,
            R"(],"Id":"LgAAAAB","Path":"\\Inbox"}],"OperationCount":1})"));
      } else if (kind < 90) {
        records.push_back(absl::StrCat(
            begin(number(8) == 0 ? "UserLoginFailed" : "UserLoggedIn", 15, "AzureActiveDirectory"),
            R"(,"ResultStatus":"Success","ObjectId":")", guid(),
            R"(","AzureActiveDirectoryEventType":1,"ExtendedProperties":[{"Name":"ResultStatusDetail",)",
            R"("Value":"Redirect"},{"Name":"UserAgent","Value":"Mozilla/5.0 (Macintosh) Safari"},)",
            R"({"Name":"RequestType","Value":"OAuth2:Authorize"}],"ModifiedProperties":[],)",
            R"("Actor":[{"ID":")", guid(),
            R"(","Type":0},{"ID":"person@fabrikam.example","Type":5}],)", R"("ActorContextId":")",
            guid(), R"(","ActorIpAddress":"203.0.113.7","InterSystemsId":")", guid(),
            R"(","IntraSystemId":")", guid(),
            R"(","SupportTicketId":"","Target":[{"ID":"00000002-0000-0000-c000-000000000000","Type":0}],)",
            R"("TargetContextId":")", guid(), R"(","ApplicationId":")", guid(),
            R"(","DeviceProperties":[{"Name":"OS","Value":"MacOs"},{"Name":"BrowserType","Value":"Safari"},)",
            R"({"Name":"IsCompliantAndManaged","Value":"False"},{"Name":"SessionId","Value":")",
            guid(), R"("}],"ErrorNumber":"0"})"));
      } else {
        records.push_back(samples[number(static_cast<uint32_t>(samples.size()))]);
      }
    }
    std::map<std::string_view, std::vector<std::string>> served;
    for (std::string& record : records) served[ContentTypeOf(record)].push_back(std::move(record));
    for (const auto& [content_type, some] : served) Fill(some, 1, 1 << 20, *built);
    return built;
  }();
  return *corpus;
}

const Corpus& CorpusOf(int64_t number) { return number == 0 ? RealCorpus() : GeneratedCorpus(); }

void Report(benchmark::State& state, const Corpus& corpus) {
  state.SetBytesProcessed(state.iterations() * corpus.bytes);
  state.SetItemsProcessed(state.iterations() * corpus.records);
  state.SetLabel(corpus.name);
}

// Each argument is 1 or 0: use the generated corpus, also write ECS events, and read record by
// record.
void BM_Normalize(benchmark::State& state) {
  const Corpus& corpus = CorpusOf(state.range(0));
  Metrics metrics;
  Normalizer normalizer({.record_by_record = state.range(2) != 0}, metrics);
  const BlobSource source{.ecs = state.range(1) != 0};
  NormalizedBatch batch;
  // Before the measurement, check that every record becomes an event and that each event is JSON.
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
        state.SkipWithError("an event is not JSON");
        return;
      }
    }
  }
  if (events != corpus.records) {
    state.SkipWithError("not every record became an event");
    return;
  }
  counting = true;
  const int64_t before = allocations.load();
  for (auto _ : state) {
    for (const std::string& blob : corpus.blobs) {
      normalizer.Normalize(source, blob, batch);
      benchmark::DoNotOptimize(batch.text.data());
    }
  }
  counting = false;
  state.counters["allocations_per_record"] =
      static_cast<double>(allocations.load() - before) /
      (static_cast<double>(state.iterations()) * static_cast<double>(corpus.records));
  state.counters["bytes_out_per_byte_in"] =
      static_cast<double>(bytes_out) / static_cast<double>(corpus.bytes);
  Report(state, corpus);
}
BENCHMARK(BM_Normalize)
    ->ArgNames({"generated", "ecs", "record_by_record"})
    ->Args({0, 0, 0})
    ->Args({0, 1, 0})
    ->Args({0, 0, 1})
    ->Args({1, 0, 0})
    ->Args({1, 1, 0})
    ->MinTime(2);

// The form of the walk that is local to this file. generic_walk.h explains both forms.
namespace local {
#include "bench/parser/generic_walk_body.inc"
}  // namespace local

enum class WalkAs { kFunction, kSpecialised };

class GenericWalk {
 public:
  GenericWalk(const Corpus& corpus, WalkAs form) : form_(form) {
    for (const std::string& blob : corpus.blobs) blobs_.emplace_back(blob);
  }
  void Pass() {
    for (const simdjson::padded_string& blob : blobs_) {
      out_.clear();
      simdjson::ondemand::document document = parser_.iterate(blob);
      if (form_ == WalkAs::kFunction) {
        for (auto record : document.get_array()) bench::Walk(record.value(), out_);
      } else {
        for (auto record : document.get_array()) local::Walk(record.value(), out_);
      }
      benchmark::DoNotOptimize(out_.data());
    }
  }

 private:
  simdjson::ondemand::parser parser_;
  const WalkAs form_;
  std::vector<simdjson::padded_string> blobs_;
  std::string out_;
};

void BM_GenericWalk(benchmark::State& state) {
  const Corpus& corpus = CorpusOf(state.range(0));
  GenericWalk walk(corpus, state.range(1) == 0 ? WalkAs::kFunction : WalkAs::kSpecialised);
  for (auto _ : state) walk.Pass();
  Report(state, corpus);
}
BENCHMARK(BM_GenericWalk)
    ->ArgNames({"generated", "specialised"})
    ->ArgsProduct({{0, 1}, {0, 1}})
    ->MinTime(2);

// Compares the events of a twin (bench/twins/twin.h) with those of the normaliser. If they differ,
// fails the benchmark and returns false. If `keeps_duplicates` is false, the twin's library loses
// members with the same name. A difference in `decoded` is then accepted and counted in `lost`.
bool SameEvents(twins::Twin& twin, const Corpus& corpus, bool keeps_duplicates,
                benchmark::State& state, int64_t& lost) {
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch ours;
  twins::TwinBatch theirs;
  for (const std::string& blob : corpus.blobs) {
    normalizer.Normalize({}, blob, ours);
    if (!twin.Normalize({}, blob, theirs) || theirs.events.size() != ours.events.size()) {
      state.SkipWithError("the events of a twin differ");
      return false;
    }
    for (size_t i = 0; i < ours.events.size(); ++i) {
      const std::string difference =
          twins::Difference(ours.Json(ours.events[i]), theirs.Json(theirs.events[i]));
      if (difference.empty()) continue;
      if (keeps_duplicates || difference.substr(0, 18) != "/unmapped/decoded:") {
        state.SkipWithError(difference.c_str());
        return false;
      }
      ++lost;
    }
  }
  return true;
}

// Measures the normaliser, both twins and both forms of the generic walk in one process. They take
// turns, so that changes in the speed of the machine affect all of them. Each turn begins with a
// pass that is not measured: it fills the CPU's caches, as in a service that runs for a long time.
void BM_BesideDomLibraries(benchmark::State& state) {
  const Corpus& corpus = CorpusOf(state.range(0));
  Metrics metrics;
  Normalizer normalizer({}, metrics);
  NormalizedBatch batch;
  const std::unique_ptr<twins::Twin> nlohmann = twins::MakeNlohmannTwin();
  const std::unique_ptr<twins::Twin> rapidjson = twins::MakeRapidJsonTwin();
  twins::TwinBatch twin_batch;
  int64_t lost = 0;
  if (!SameEvents(*rapidjson, corpus, true, state, lost) ||
      !SameEvents(*nlohmann, corpus, false, state, lost)) {
    return;
  }
  GenericWalk walk(corpus, WalkAs::kFunction);
  GenericWalk specialised(corpus, WalkAs::kSpecialised);
  // Like the other benchmarks, measures the CPU time of this thread, so that other processes on the
  // machine do not matter.
  const auto processor_secs = [] {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + 1e-9 * static_cast<double>(time.tv_nsec);
  };
  const auto seconds = [&](auto&& pass) {
    pass();
    const double start = processor_secs();
    pass();
    return processor_secs() - start;
  };
  const auto twin_pass = [&](twins::Twin& twin) {
    return seconds([&] {
      for (const std::string& blob : corpus.blobs) twin.Normalize({}, blob, twin_batch);
    });
  };
  double ours = 0;
  double nlohmann_secs = 0;
  double rapidjson_secs = 0;
  double walk_secs = 0;
  double specialised_secs = 0;
  for (auto _ : state) {
    const double pass = seconds([&] {
      for (const std::string& blob : corpus.blobs) {
        normalizer.Normalize({}, blob, batch);
        benchmark::DoNotOptimize(batch.text.data());
      }
    });
    ours += pass;
    state.SetIterationTime(pass);
    nlohmann_secs += twin_pass(*nlohmann);
    rapidjson_secs += twin_pass(*rapidjson);
    walk_secs += seconds([&] { walk.Pass(); });
    specialised_secs += seconds([&] { specialised.Pass(); });
  }
  const double bytes = static_cast<double>(state.iterations()) * static_cast<double>(corpus.bytes);
  state.counters["times_nlohmann"] = nlohmann_secs / ours;
  state.counters["times_rapidjson"] = rapidjson_secs / ours;
  state.counters["times_walk"] = walk_secs / ours;
  state.counters["times_specialised_walk"] = specialised_secs / ours;
  state.counters["nlohmann_bytes_per_second"] = bytes / nlohmann_secs;
  state.counters["rapidjson_bytes_per_second"] = bytes / rapidjson_secs;
  state.counters["walk_bytes_per_second"] = bytes / walk_secs;
  state.counters["specialised_walk_bytes_per_second"] = bytes / specialised_secs;
  state.counters["events_nlohmann_lost_members_of"] = static_cast<double>(lost);
  Report(state, corpus);
}
BENCHMARK(BM_BesideDomLibraries)
    ->ArgName("generated")
    ->Arg(0)
    ->Arg(1)
    ->UseManualTime()
    ->Iterations(12);

// Measures the maximum memory that the normaliser uses for one blob. The argument is the size of
// the blob in MiB. The memory of the blob itself and of its events is not counted.
void BM_MemoryOfOneBlob(benchmark::State& state) {
  const Corpus& corpus = GeneratedCorpus();
  std::string blob;
  const size_t size = static_cast<size_t>(state.range(0)) << 20;
  blob.reserve(size + (2 << 20));
  for (size_t i = 0; blob.size() < size; i = (i + 1) % corpus.blobs.size()) {
    blob += blob.empty() ? '[' : ',';
    blob.append(corpus.blobs[i], 1, corpus.blobs[i].size() - 2);
  }
  blob += ']';
  NormalizedBatch batch;
  Metrics metrics;
  {  // allocates the buffers for the events, so that they are not counted below
    Normalizer first({}, metrics);
    first.Normalize({}, blob, batch);
  }
  int64_t most = 0;
  for (auto _ : state) {
    counting = true;
    const int64_t before = live_bytes.load();
    most_bytes.store(before);
    Normalizer normalizer({}, metrics);
    normalizer.Normalize({}, blob, batch);
    counting = false;
    most = most_bytes.load() - before;
  }
  state.counters["most_bytes_held"] = static_cast<double>(most);
  state.counters["bytes_of_events"] = static_cast<double>(batch.text.size());
  state.SetBytesProcessed(state.iterations() * static_cast<int64_t>(blob.size()));
}
BENCHMARK(BM_MemoryOfOneBlob)->ArgName("mib")->Arg(1)->Arg(3)->Arg(64)->Arg(256)->Iterations(1);

void BM_DuplicateWindow(benchmark::State& state) {
  Metrics metrics;
  DuplicateWindow seen({}, metrics);
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
BENCHMARK(BM_DuplicateWindow)->MinTime(1);

}  // namespace
}  // namespace picket::parser

BENCHMARK_MAIN();
