#pragma once

// Reads and normalises exported audit records for `normalize` and `replay`.

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
  std::string dead_letters;      // path; if empty, dead letters are only counted
  std::string stats;             // path of the statistics; if empty, no file is written
  std::vector<std::string> geo;  // paths of MaxMind databases
  bool keep_duplicates = false;
  // Memory for the Ids of earlier records, by which duplicates are recognised. Tests set less.
  int64_t duplicate_budget_bytes = 512 << 20;
  bool ecs = false;       // whether to create the ECS event as well
  bool raw_data = false;  // whether each event contains the text of its record
};

// The last part of the help of `picket normalize` and `picket replay`.
inline constexpr char kAuditInputFooter[] =
    "Events and alerts go to standard output, everything else to standard error. A dead letter is "
    "a line of JSON: file, record (its number in the file, from 1), offset (the byte of the "
    "decompressed file at which the record or its row begins), reason, error, bytes or "
    "bytes_base64, and part if it is too large for one line.\n"
    "Exit status: 0 success, 1 something is wrong in the data, 2 wrong usage, or a file cannot be "
    "read.";

// Adds FILE..., --tenant, --dead-letters, --stats, --geo and --keep-duplicates to the command.
void AddAuditInputOptions(CLI::App& command, AuditInputOptions& options);

// The counts over all input files of a command. `records` equals `events` + `duplicates` +
// `dead_letters`.
struct AuditTotals {
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
  uint64_t dead_letters = 0;
  uint64_t cut_events = 0;      // events that were too large and therefore lack `unmapped`
  uint64_t without_time = 0;    // events whose record has no readable time
  uint64_t doubtful_times = 0;  // times whose order of day and month is unknown
  uint64_t lost_nesting = 0;    // events whose record lost lists or objects in PowerShell
  double seconds = 0;
  bool damaged_file = false;     // whether a file is damaged or truncated
  bool unreadable_file = false;  // whether a file could not be opened or has no audit records
  // Whether Ids were forgotten for lack of memory and disk space. In this case, some duplicates may
  // have been counted as events.
  bool window_shortened = false;

  // Returns the exit status for these totals (cli/exit_status.h).
  int ExitStatus() const;
  // Returns true if no records could be read, in which case there is nothing to summarise.
  bool IsEmptyFailure() const { return unreadable_file && records == 0; }
  // Returns a summary: "9,608 records: 5,373 events, 4,235 duplicates, 0 dead letters in 0.41 s".
  std::string Summary() const;
};

// Receives the events of a run.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // Receives an event. Returns false if the sink cannot parse the JSON of the event. In this case,
  // the caller counts the event and writes it as a dead letter.
  virtual bool AddEvent(const parser::NormalizedBatch& batch,
                        const parser::NormalizedBatch::Event& event) = 0;
  // Called after the last event of each batch.
  virtual void EndBatch() {}
  // Returns text that the progress bar shows after the number of records.
  virtual std::string Progress() const { return ""; }
};

// Reads every file to its end, also those in folders and archives, normalises the records and
// passes the events to `sink`. Unless duplicates are kept, drops each record whose tenant and Id
// have already occurred in the run. The sink appends its output to `out`, which this function
// flushes after each batch. Prints errors in files to standard error immediately, and continues
// with the other files.
// Failure: returns InvalidArgument if the tenant is not a GUID, or if standard output or the
// dead-letter file cannot be written. Returns an error if a MaxMind database cannot be opened.
absl::StatusOr<AuditTotals> ReadAuditInput(const AuditInputOptions& options, StandardOutput& out,
                                           AuditSink& sink);

// Writes the totals to the file `path` as one JSON object. `alerts` is the number of alerts. A
// negative number is left out of the object.
absl::Status WriteStats(const std::string& path, const AuditTotals& totals, int64_t alerts);

}  // namespace picket
