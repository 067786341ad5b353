#pragma once

// Reads exported audit records and normalises them, for `normalize` and `replay`.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "cli/investigations/standard_output.h"
#include "parser/normalizer.h"

namespace CLI {
class App;
}

namespace picket {

struct AuditInputOptions {
  std::vector<std::string> files;
  std::string tenant;
  std::string dead_letters;      // path; empty: dead letters are counted, but not written
  std::string stats;             // path; empty: none
  std::vector<std::string> geo;  // MaxMind databases
  bool keep_duplicates = false;
  int64_t duplicate_budget_bytes = 512 << 20;  // memory for record Ids; smaller only in tests
  bool ecs = false;                            // make the ECS event as well
  bool raw_data = false;                       // put the record's text into each event
};

// The end of the help of both commands.
inline constexpr char kAuditInputFooter[] =
    "Events and alerts go to standard output, everything else to standard error. A dead letter is "
    "a line of JSON: file, record (its number in the file, from 1), offset (the byte of the "
    "decompressed file at which the record or its row begins), reason, error, bytes or "
    "bytes_base64, and part if it is too large for one line.\n"
    "Exit status: 0 success, 1 something is wrong in the data, 2 wrong usage, or a file cannot be "
    "read.";

// Adds FILE..., --tenant, --dead-letters, --stats, --geo and --keep-duplicates to the command.
void AddAuditInputOptions(CLI::App& command, AuditInputOptions& options);

// The counts of a run: records = events + duplicates + dead_letters.
struct AuditTotals {
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
  uint64_t dead_letters = 0;
  uint64_t cut_events = 0;  // those of the events that were too large and lack `unmapped`
  double seconds = 0;
  bool damaged_file = false;      // a file ends too early
  bool unreadable_file = false;   // a file could not be opened or contains no audit records
  bool window_shortened = false;  // memory and disk did not suffice to find all duplicates

  // See cli/exit_status.h.
  int ExitStatus() const;
  // No file could be read, so there is nothing to summarise.
  bool IsEmptyFailure() const { return unreadable_file && records == 0; }
  // "9,608 records: 5,373 events, 4,235 duplicates, 0 dead letters in 0.41 s".
  std::string Summary() const;
};

// Receives the events of a run.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // Returns false if the event cannot be read back; the record then becomes a dead letter.
  virtual bool AddEvent(const parser::NormalizedBatch& batch,
                        const parser::NormalizedBatch::Event& event) = 0;
  // Called after the last event of a batch.
  virtual void EndBatch() {}
  // Text that the progress bar prints after its own counts.
  virtual std::string Progress() const { return ""; }
};

// Reads every file to its end, normalises the records, drops those whose Id has come before in the
// run and passes the events of the others to `sink`. The sink puts its output into `out`, which is
// flushed after each batch. Errors of files are printed to standard error at once; a file that
// cannot be read does not stop the others.
// Failure: InvalidArgument for a wrong tenant, or if standard output or the dead-letter file cannot
// be written.
absl::StatusOr<AuditTotals> ReadAuditInput(const AuditInputOptions& options, StandardOutput& out,
                                           AuditSink& sink);

// Writes the totals as one JSON object, with `alerts` unless it is negative.
absl::Status WriteStats(const std::string& path, const AuditTotals& totals, int64_t alerts);

}  // namespace picket
