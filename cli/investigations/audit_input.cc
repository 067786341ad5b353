#include "cli/investigations/audit_input.h"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "cli/command_line.h"
#include "cli/exit_status.h"
#include "cli/investigations/dead_letter_file.h"
#include "cli/investigations/progress_bar.h"
#include "cli/plural.h"
#include "cli/terminal_text.h"
#include "common/file.h"
#include "common/json_writer.h"
#include "common/metrics.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/tenant.h"
#include "parser/duplicates/duplicate_window.h"
#include "parser/geo/geo.h"
#include "parser/input/audit_file.h"
#include "parser/input/export_reader.h"
#include "parser/mapping/remarks.h"

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
// Threads: One thread uses an instance.
class AuditRun {
 public:
  AuditRun(const AuditInputOptions& options, StandardOutput& out, AuditSink& sink)
      : options_(options),
        out_(out),
        sink_(sink),
        // The duplicate window forgets an Id 24 hours after its arrival. Here, AddBatch passes the
        // same time of arrival for all Ids. Therefore, the window finds every copy of a record. It
        // stores Ids that exceed the memory budget in temporary files.
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
    for (const std::string& path : options_.files) RETURN_IF_ERROR(ReadPath(path));
    RETURN_IF_ERROR(dead_letters_.Close());
    totals_.window_shortened = seen_.is_shortened();
    totals_.seconds = SecondsSince(start);
    return totals_;
  }

 private:
  // Reads everything that a path names: a file, a folder or an archive.
  absl::Status ReadPath(const std::string& path) {
    parser::ExportReader reader(path);
    size_t opened_files = 0;
    uint64_t bytes = 0;  // read from the current file on disk
    while (true) {
      const absl::StatusOr<std::unique_ptr<parser::AuditFile>> file = reader.Next();
      if (reader.opened_files() > opened_files) {
        opened_files = reader.opened_files();
        bytes_before_ += std::exchange(bytes, 0);
      }
      if (!file.ok()) {
        const bool is_damaged = absl::IsDataLoss(file.status());
        (is_damaged ? totals_.damaged_file : totals_.unreadable_file) = true;
        PrintError(file.status());
        continue;
      }
      if (*file == nullptr) break;
      RETURN_IF_ERROR(ReadFile(**file));
      bytes = (*file)->bytes_read();
    }
    bytes_before_ += bytes;
    return absl::OkStatus();
  }

  absl::Status ReadFile(parser::AuditFile& file) {
    uint64_t record = 0;  // number of records read from the file so far
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
        source.date_order = blob.date_order;
        source.fallback_tenant = tenant_;
        source.ecs = options_.ecs;
        normalizer_->Normalize(source, blob.text, batch_);
        RETURN_IF_ERROR(AddBatch(file.name(), blob, record));
        record += batch_.records();
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
    if (file.dates().is_doubtful()) totals_.doubtful_times += file.dates().undecided;
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
      if ((event.remarks & parser::kTimeMissing) != 0) ++totals_.without_time;
      if ((event.remarks & parser::kLostNesting) != 0) ++totals_.lost_nesting;
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
      const uint64_t offset = blob.OffsetOf(rejected.position);
      RETURN_IF_ERROR(dead_letters_.Write(name, record, offset, rejected.reason, rejected.error,
                                          rejected.bytes, /*part=*/0));
    }
    sink_.EndBatch();
    seen_.Commit();
    return absl::OkStatus();
  }

  void PrintError(const absl::Status& status) {
    progress_.Clear();
    // The message may contain a file name from an archive, with any characters.
    std::fprintf(stderr, "%s\n", Printable(ToStd(status.message())).c_str());
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
          "Exported audit records: JSON lines, a JSON array, a content blob or a CSV, also inside "
          "the wrappers of other tools; plain, compressed or in a zip, tar or 7z archive; a folder "
          "of such files; - for standard input")
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
  if (without_time > 0) {
    absl::StrAppend(&summary, "; ", Counted(without_time, "event has", "events have"),
                    " no readable time and the time 1970-01-01 instead");
  }
  if (doubtful_times > 0) {
    absl::StrAppend(&summary, "; ", Counted(doubtful_times, "time", "times"),
                    " such as 3/2/2026 could have the day or the month first, and were read with ",
                    "the month first");
  }
  if (lost_nesting > 0) {
    absl::StrAppend(&summary, "; ", Counted(lost_nesting, "record", "records"),
                    " lost lists or objects in PowerShell (export with ConvertTo-Json -Depth 20)");
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
  if (totals.without_time > 0) json.Key("without_time").Value(totals.without_time);
  if (totals.doubtful_times > 0) json.Key("doubtful_times").Value(totals.doubtful_times);
  if (totals.lost_nesting > 0) json.Key("lost_nesting").Value(totals.lost_nesting);
  if (alerts >= 0) json.Key("alerts").Value(alerts);
  json.Key("seconds").Value(totals.seconds).EndObject();
  text.push_back('\n');
  return WriteFile(path, text);
}

}  // namespace picket
