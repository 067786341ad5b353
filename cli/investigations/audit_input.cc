#include "cli/investigations/audit_input.h"

#include <simdjson.h>
#include <sys/stat.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <optional>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "absl/time/time.h"
#include "common/error.h"
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

// One line on the terminal that is drawn over while the work lasts; nothing when standard error is no terminal.
// Threads: one.
class ProgressBar {
 public:
  explicit ProgressBar(const std::vector<std::string>& files)
      : on_terminal_(isatty(STDERR_FILENO) != 0), start_(SteadyClock::now()), next_(1.0) {
    for (const std::string& file : files) {
      struct stat about;
      if (file == "-" || stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
        size_known_ = false;
        continue;
      }
      size_ += about.st_size;
    }
  }
  ~ProgressBar() { Clear(); }

  // True when the line should be drawn again: after the first second, then ten times a second.
  bool due() const { return on_terminal_ && SecondsSince(start_) >= next_; }

  void Draw(uint64_t bytes, uint64_t records, const std::string& more) {
    constexpr int kWidth = 30;
    std::string line = "\r\033[K";
    if (size_known_ && size_ > 0) {
      const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(size_));
      const int filled = static_cast<int>(share * kWidth);
      absl::StrAppendFormat(&line, "[%s%s] %3.0f %%  ", std::string(filled, '#'),
                            std::string(kWidth - filled, '.'), share * 100);
      if (share > 0) {
        const long left = std::lround(SecondsSince(start_) * (1 - share) / share);
        absl::StrAppendFormat(&line, "%d:%02d left  ", left / 60, left % 60);
      }
    }
    absl::StrAppendFormat(&line, "%d MB  %s records  %.0f records/s", bytes / 1'000'000,
                          Grouped(records), static_cast<double>(records) / SecondsSince(start_));
    if (!more.empty()) absl::StrAppend(&line, "  ", more);
    std::fputs(line.c_str(), stderr);
    drawn_ = true;
    next_ = SecondsSince(start_) + 0.1;
  }

  // Makes room for other text on the terminal.
  void Clear() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
  }

 private:
  const bool on_terminal_;
  const SteadyClock::time_point start_;
  double next_;
  uint64_t size_ = 0;
  bool size_known_ = true;
  bool drawn_ = false;
};

// The dead letters as JSON lines.
// Threads: one. Failure: the first write error is kept and ends the run.
class DeadLetterFile {
 public:
  DeadLetterFile() = default;
  ~DeadLetterFile() {
    if (file_ != nullptr) std::fclose(file_);
  }

  absl::Status Open(const std::string& path) {
    path_ = path;
    file_ = std::fopen(path.c_str(), "wb");
    return file_ == nullptr ? WriteError() : absl::OkStatus();
  }

  absl::Status Write(const std::string& input, uint64_t record, uint64_t offset,
                     std::string_view reason, std::string_view error, std::string_view bytes,
                     int part) {
    if (file_ == nullptr) return absl::OkStatus();
    line_.clear();
    JsonWriter json(&line_);
    json.BeginObject().Key("file").Value(input).Key("record").Value(record);
    json.Key("offset").Value(offset).Key("reason").Value(reason).Key("error");
    if (simdjson::validate_utf8(error.data(), error.size())) {
      json.Value(error);
    } else {
      json.Value(absl::CHexEscape(ToAbsl(error)));
    }
    if (part > 0) json.Key("part").Value(part);
    if (simdjson::validate_utf8(bytes.data(), bytes.size())) {
      json.Key("bytes").Value(bytes);
    } else {
      json.Key("bytes_base64").Value(absl::Base64Escape(ToAbsl(bytes)));
    }
    json.EndObject();
    line_.push_back('\n');
    if (std::fwrite(line_.data(), 1, line_.size(), file_) != line_.size()) return WriteError();
    return absl::OkStatus();
  }

  absl::Status Close() {
    if (file_ == nullptr) return absl::OkStatus();
    std::FILE* const file = std::exchange(file_, nullptr);
    return std::fclose(file) == 0 ? absl::OkStatus() : WriteError();
  }

 private:
  absl::Status WriteError() const {
    return absl::InvalidArgumentError(absl::StrCat("cannot write ", path_, ": ", ErrnoText(errno)));
  }

  std::string path_;
  std::FILE* file_ = nullptr;
  std::string line_;
};

// One run over all files.
// Threads: one.
class Run {
 public:
  Run(const AuditInputOptions& options, StandardOutput& out, AuditSink& sink)
      : options_(options),
        out_(out),
        sink_(sink),
        // Every copy in the run is dropped: all Ids arrive at one time, so none grows too old. Those that memory has no
        // room for go to files without a name.
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
            absl::StrCat("--tenant: '", options_.tenant, "' is no GUID (8-4-4-4-12 digits)"));
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
      Say(opened.status());
      return absl::OkStatus();
    }
    parser::AuditFile& file = **opened;
    uint64_t record = 0;  // of the file, from 1
    std::string last_time;
    parser::AuditBlob blob;
    while (true) {
      const absl::StatusOr<bool> more = file.Next(&blob);
      if (!more.ok()) {
        totals_.damaged_file = true;
        Say(more.status());
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
        RETURN_IF_ERROR(TakeBatch(file.name(), blob, record));
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

  // `before` records of the file came before this batch.
  absl::Status TakeBatch(const std::string& name, const parser::AuditBlob& blob, uint64_t before) {
    totals_.records += batch_.records();
    dropped_.clear();
    for (const parser::NormalizedBatch::Event& event : batch_.events) {
      if (!options_.keep_duplicates && !seen_.Insert(/*partition=*/0, batch_.Tenant(event),
                                                     event.id, event.hour, absl::UnixEpoch())) {
        ++totals_.duplicates;
        dropped_.push_back(event.index);
        continue;
      }
      if (!sink_.TakeEvent(batch_, event)) {
        ++totals_.dead_letters;
        // Where its batch begins: an event has no place in the file.
        RETURN_IF_ERROR(dead_letters_.Write(
            name, before + 1 + event.index, blob.OffsetOf(0), "not_an_event",
            "the normalised event cannot be read back", batch_.Json(event), /*part=*/0));
        continue;
      }
      ++totals_.events;
    }
    for (const parser::NormalizedBatch::Rejected& rejected : batch_.rejected) {
      // One with an event counts as that, or as a duplicate, of which nothing goes out.
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

  void Say(const absl::Status& status) {
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
  std::vector<int> dropped_;  // records of the batch that are duplicates
  std::string tenant_;
  uint64_t bytes_before_ = 0;
  AuditTotals totals_;
};

}  // namespace

void AddAuditInputOptions(CLI::App& command, AuditInputOptions& options) {
  command
      .add_option("FILE", options.files,
                  "Exported audit records: JSON lines, a JSON array, a content blob, the CSV of an "
                  "audit log "
                  "search, also as Graph, Wazuh and Sentinel wrap them; plain or gzip; - for "
                  "standard input")
      ->required();
  command.add_option("--tenant", options.tenant, "Tenant (GUID) of records without OrganizationId");
  command.add_option("--dead-letters", options.dead_letters,
                     "Write what is no record to this file, as JSON lines with reason and bytes");
  command.add_option("--stats", options.stats, "Write the counts to this file, as JSON");
  command
      .add_option("--geo", options.geo,
                  "MaxMind database (.mmdb) that says where source addresses are and whose; may be "
                  "given again")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command.add_flag("--keep-duplicates", options.keep_duplicates,
                   "Keep records whose Id came before (otherwise up to 512 MiB of memory are held "
                   "for Ids, and 18 bytes for each of the others in files below TMPDIR)");
  command.add_option("--duplicate-budget-bytes", options.duplicate_budget_bytes)->group("");
}

int AuditTotals::ExitStatus() const {
  if (unreadable_file) return 2;
  return dead_letters > 0 || cut_events > 0 || damaged_file ? 1 : 0;
}

std::string AuditTotals::Summary() const {
  std::string summary = absl::StrFormat(
      "%s records: %s events, %s duplicates, %s dead letters in %.2f s", Grouped(records),
      Grouped(events), Grouped(duplicates), Grouped(dead_letters), seconds);
  if (cut_events > 0) {
    absl::StrAppend(&summary, "; ", Grouped(cut_events),
                    " events were larger than 6 MiB and are without `unmapped`: their records are "
                    "with the dead letters");
  }
  if (window_shortened) {
    absl::StrAppend(&summary,
                    "; memory was not enough for all Ids and TMPDIR could not take the others, so "
                    "copies may be among the events");
  }
  return summary;
}

StandardOutput::StandardOutput() { std::signal(SIGPIPE, SIG_IGN); }

void StandardOutput::Flush() {
  if (status_.ok() && (std::fwrite(text_.data(), 1, text_.size(), stdout) != text_.size() ||
                       std::fflush(stdout) != 0)) {
    reader_is_gone_ = errno == EPIPE;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("cannot write to standard output: ", ErrnoText(errno)));
  }
  text_.clear();
}

absl::StatusOr<AuditTotals> ReadAuditInput(const AuditInputOptions& options, StandardOutput& out,
                                           AuditSink& sink) {
  return Run(options, out, sink).Execute();
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

std::string Grouped(uint64_t number) {
  std::string digits = std::to_string(number);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3) digits.insert(at, 1, ',');
  return digits;
}

}  // namespace picket
