#include "cli/investigations/audit_input.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/investigations/dead_letter_file.h"
#include "cli/investigations/progress_bar.h"
#include "cli/plural.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/metrics.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/geo/geo.h"
#include "parser/input/audit_file.h"

namespace picket {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::string TemporaryFolder() {
  const char* const named = std::getenv("TMPDIR");
  return named != nullptr && *named != '\0' ? named : P_tmpdir;
}

double SecondsSince(SteadyClock::time_point start) {
  return std::chrono::duration<double>(SteadyClock::now() - start).count();
}

// Implements ReadAuditInput. One object reads the input files of one command.
// Threads: one.
class AuditRun {
 public:
  AuditRun(const AuditInputOptions& options, StandardOutput& out, AuditSink& sink)
      : options_(options),
        out_(out),
        sink_(sink),
        // The duplicate window forgets an Id 24 hours after its arrival. Here, AddBatch passes the
        // same time of arrival for all Ids. Therefore, no Id is forgotten, and every copy of a
        // record is found. Ids that exceed the memory budget are stored in temporary files.
        seen_({.window = absl::Hours(24),
               .budget_bytes = static_cast<size_t>(options.duplicate_budget_bytes),
               .dir = TemporaryFolder(),
               .disk_budget_bytes = std::numeric_limits<int64_t>::max() / 2},
              metrics_),
        progress_(options.files) {}

  absl::StatusOr<AuditTotals> Execute() {
    const SteadyClock::time_point start = SteadyClock::now();
    if (!options_.tenant.empty()) {
      const std::optional<std::string> tenant = CanonicalTenant(options_.tenant);
      if (!tenant.has_value()) {
        return absl::InvalidArgumentError(
            absl::StrCat("--tenant: '", options_.tenant, "' is not a GUID (8-4-4-4-12 digits)"));
      }
      tenant_ = *tenant;
    }
    parser::NormalizerOptions normalizer;
    normalizer.raw_data = options_.raw_data;
    if (!options_.geo.empty()) {
      ASSIGN_OR_RETURN(normalizer.geo, parser::GeoFiles::Open(options_.geo, metrics_));
    }
    normalizer_ = std::make_unique<parser::Normalizer>(std::move(normalizer), metrics_);
    if (!options_.dead_letters.empty()) RETURN_IF_ERROR(dead_letters_.Open(options_.dead_letters));
    for (const std::string& path : options_.files) RETURN_IF_ERROR(ReadFile(path));
    RETURN_IF_ERROR(dead_letters_.Close());
    totals_.window_shortened = seen_.is_shortened();
    totals_.seconds = SecondsSince(start);
    return totals_;
  }

 private:
  absl::Status ReadFile(const std::string& path) {
    absl::StatusOr<std::unique_ptr<parser::AuditFile>> opened = parser::AuditFile::Open(path);
    if (!opened.ok()) {
      totals_.unreadable_file = true;
      PrintError(opened.status());
      return absl::OkStatus();
    }
    parser::AuditFile& file = **opened;
    uint64_t record = 0;  // number of records read from the file so far
    std::string last_time;
    parser::AuditBlob blob;
    while (true) {
      const absl::StatusOr<bool> more = file.Next(&blob);
      if (!more.ok()) {
        totals_.damaged_file = true;
        PrintError(more.status());
        break;
      }
      if (!*more) break;
      if (!blob.damage.empty()) {
        if (blob.part <= 1) {
          ++record;
          ++totals_.records;
          ++totals_.dead_letters;
        }
        RETURN_IF_ERROR(dead_letters_.Write(file.name(), record, blob.OffsetOf(0), blob.damage,
                                            blob.error, blob.text, blob.part));
      } else {
        parser::BlobSource source;
        source.content_created = last_time;
        source.fallback_tenant = tenant_;
        source.ecs = options_.ecs;
        normalizer_->Normalize(source, blob.text, batch_);
        RETURN_IF_ERROR(AddBatch(file.name(), blob, record));
        record += batch_.records();
        if (!batch_.events.empty()) {
          last_time = absl::FormatTime(absl::RFC3339_full,
                                       absl::FromUnixMillis(batch_.events.back().time_ms),
                                       absl::UTCTimeZone());
        }
      }
      if (!out_.text().empty()) {
        progress_.Clear();
        out_.Flush();
      }
      RETURN_IF_ERROR(out_.status());
      if (progress_.due()) {
        progress_.Draw(bytes_before_ + file.bytes_read(), totals_.records, sink_.Progress());
      }
    }
    bytes_before_ += file.bytes_read();
    progress_.Clear();
    return absl::OkStatus();
  }

  // Adds a batch of records. `before` is the number of records that precede the batch in the file.
  absl::Status AddBatch(const std::string& name, const parser::AuditBlob& blob, uint64_t before) {
    totals_.records += batch_.records();
    dropped_.clear();
    for (const parser::NormalizedBatch::Event& event : batch_.events) {
      if (!options_.keep_duplicates && !seen_.Insert(/*partition=*/0, batch_.Tenant(event),
                                                     event.id, event.hour, absl::UnixEpoch())) {
        ++totals_.duplicates;
        dropped_.push_back(event.index);
        continue;
      }
      if (!sink_.AddEvent(batch_, event)) {
        ++totals_.dead_letters;
        // An event does not contain the offset of its record in the file, so the offset of the
        // whole batch is written instead.
        RETURN_IF_ERROR(dead_letters_.Write(
            name, before + 1 + event.index, blob.OffsetOf(0), "not_an_event",
            "the normalised event cannot be read back", batch_.Json(event), /*part=*/0));
        continue;
      }
      ++totals_.events;
    }
    for (const parser::NormalizedBatch::Rejected& rejected : batch_.rejected) {
      // `has_event` means that the record's event was too large, so the normaliser created the
      // event without `unmapped`. The loop above has already counted such a record. Only a dead
      // letter with the whole record is still missing, unless the record is a duplicate.
      if (rejected.has_event) {
        if (std::find(dropped_.begin(), dropped_.end(), rejected.index) != dropped_.end()) continue;
        ++totals_.cut_events;
      } else {
        ++totals_.dead_letters;
      }
      const uint64_t record = before + 1 + std::max(rejected.index, 0);
      const uint64_t offset = blob.OffsetOf(rejected.bytes.data() - blob.text.data());
      RETURN_IF_ERROR(dead_letters_.Write(name, record, offset, rejected.reason, rejected.error,
                                          rejected.bytes, /*part=*/0));
    }
    sink_.EndBatch();
    seen_.Commit();
    return absl::OkStatus();
  }

  void PrintError(const absl::Status& status) {
    progress_.Clear();
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  }

  const AuditInputOptions& options_;
  StandardOutput& out_;
  AuditSink& sink_;
  Metrics metrics_;
  std::unique_ptr<parser::Normalizer> normalizer_;
  parser::DuplicateWindow seen_;
  ProgressBar progress_;
  DeadLetterFile dead_letters_;
  parser::NormalizedBatch batch_;
  std::vector<int> dropped_;  // indexes of the duplicates in `batch_`
  std::string tenant_;
  uint64_t bytes_before_ = 0;
  AuditTotals totals_;
};

}  // namespace

void AddAuditInputOptions(CLI::App& command, AuditInputOptions& options) {
  command
      .add_option(
          "FILE", options.files,
          "Exported audit records: JSON lines, a JSON array, a content blob or the CSV of "
          "an audit log search, also inside the wrappers of Graph, Wazuh and Sentinel; plain "
          "or gzip; - for standard input")
      ->type_name("FILE")
      ->required();
  command.add_option("--tenant", options.tenant, "Tenant (GUID) of records without OrganizationId");
  command
      .add_option("--dead-letters", options.dead_letters,
                  "Write input that is not an audit record to this file, as JSON lines with reason "
                  "and bytes")
      ->type_name("FILE");
  command.add_option("--stats", options.stats, "Write the counts to this file, as JSON")
      ->type_name("FILE");
  command
      .add_option(
          "--geo", options.geo,
          "MaxMind database (.mmdb) with the places or networks of source addresses; may be "
          "repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_flag("--keep-duplicates", options.keep_duplicates,
                   "Keep records whose Id has come before. Without this option, Ids take up to "
                   "512 MiB of memory, and each further Id takes 18 bytes in files below TMPDIR");
  command.add_option("--duplicate-budget-bytes", options.duplicate_budget_bytes)->group("");
}

int AuditTotals::ExitStatus() const {
  if (unreadable_file) return kExitWrongUsage;
  return dead_letters > 0 || cut_events > 0 || damaged_file ? kExitFaultInData : kExitOk;
}

std::string AuditTotals::Summary() const {
  std::string summary = absl::StrFormat("%s: %s, %s, %s in %.2f s", Counted(records, "record"),
                                        Counted(events, "event"), Counted(duplicates, "duplicate"),
                                        Counted(dead_letters, "dead letter"), seconds);
  if (cut_events > 0) {
    absl::StrAppend(&summary, "; ", Counted(cut_events, "event was", "events were"),
                    " larger than 6 MiB and printed without `unmapped`; the complete records are "
                    "among the dead letters");
  }
  if (window_shortened) {
    absl::StrAppend(&summary,
                    "; memory was not enough for all Ids and TMPDIR could not hold the others, so "
                    "there may be duplicates among the events");
  }
  return summary;
}

absl::StatusOr<AuditTotals> ReadAuditInput(const AuditInputOptions& options, StandardOutput& out,
                                           AuditSink& sink) {
  return AuditRun(options, out, sink).Execute();
}

absl::Status WriteStats(const std::string& path, const AuditTotals& totals, int64_t alerts) {
  std::string text;
  JsonWriter json(&text);
  json.BeginObject().Key("records").Value(totals.records).Key("events").Value(totals.events);
  json.Key("duplicates").Value(totals.duplicates).Key("dead_letters").Value(totals.dead_letters);
  if (totals.cut_events > 0) json.Key("cut_events").Value(totals.cut_events);
  if (alerts >= 0) json.Key("alerts").Value(alerts);
  json.Key("seconds").Value(totals.seconds).EndObject();
  text.push_back('\n');
  return WriteFile(path, text);
}

}  // namespace picket
