#pragma once

// Exported audit records on their way through the normaliser: what `normalize` and `replay` share.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "parser/normalizer.h"

namespace CLI {
class App;
}

namespace picket {

struct AuditInputOptions {
  std::vector<std::string> files;
  std::string tenant;
  std::string dead_letters;      // path; empty: dead letters are only counted
  std::string stats;             // path; empty: none
  std::vector<std::string> geo;  // MaxMind databases
  bool keep_duplicates = false;
  int64_t duplicate_budget_bytes = 512 << 20;  // of memory for Ids; less only in tests
  bool ecs = false;                            // also the ECS form of each event
  bool raw_data = false;                       // the record's text in each event
};

// What the help of both commands says at its end.
inline constexpr char kAuditInputFooter[] =
    "Events and alerts go to standard output, all else to standard error. A dead letter is a line "
    "of\n"
    "JSON: file, record (the how-manieth of the file), offset (byte of the decompressed file where "
    "it\n"
    "or the row it stands in begins), reason, error, bytes or bytes_base64, part of a very large "
    "one.\n"
    "Exit status: 0 done, 1 something is wrong in the data, 2 wrong usage or a file cannot be "
    "read.";

// Puts FILE..., --tenant, --dead-letters, --stats, --geo and --keep-duplicates on the command.
void AddAuditInputOptions(CLI::App& command, AuditInputOptions& options);

// What became of the records: records = events + duplicates + dead_letters.
struct AuditTotals {
  uint64_t records = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
  uint64_t dead_letters = 0;
  uint64_t cut_events = 0;  // without `unmapped`, for they were too large; counted among the events
  double seconds = 0;
  bool damaged_file = false;      // a file ends too early
  bool unreadable_file = false;   // a file could not be opened or is none of audit records
  bool window_shortened = false;  // copies may have passed, for want of memory and disk

  // 0 done, 1 something is wrong in the data, 2 a file could not be read at all.
  int ExitStatus() const;
  // "9,608 records: 5,373 events, 4,235 duplicates, 0 dead letters in 0.41 s".
  std::string Summary() const;
};

// Standard output in pieces of a batch; errors (a full disk, a closed pipe) are kept. The process then no longer ends by
// SIGPIPE, so that other files are closed as they should.
// Threads: one.
class StandardOutput {
 public:
  StandardOutput();
  std::string& text() { return text_; }
  // Writes what `text` holds and empties it.
  void Flush();
  const absl::Status& status() const { return status_; }
  // The pipe was closed at its other end, which is no fault.
  bool reader_is_gone() const { return reader_is_gone_; }

 private:
  std::string text_;
  bool reader_is_gone_ = false;
  absl::Status status_;
};

// Where the events of a run go.
class AuditSink {
 public:
  virtual ~AuditSink() = default;
  // False: not an event after all; it becomes a dead letter.
  virtual bool TakeEvent(const parser::NormalizedBatch& batch,
                         const parser::NormalizedBatch::Event& event) = 0;
  // After the last event of a batch.
  virtual void EndBatch() {}
  // What the progress bar adds to its own counts.
  virtual std::string Progress() const { return ""; }
};

// Reads every file to its end, normalises, drops the records whose Id came before in the run and hands the other events
// to `sink`; `out`, where the sink puts its text, is flushed after each batch. Messages about files go to standard error
// as they come; a file that cannot be read does not stop the others.
// Failure: InvalidArgument for a wrong tenant and where standard output or the dead-letter file cannot be written.
absl::StatusOr<AuditTotals> ReadAuditInput(const AuditInputOptions& options, StandardOutput& out,
                                           AuditSink& sink);

// Writes the totals as one JSON object, `alerts` among them unless it is negative.
absl::Status WriteStats(const std::string& path, const AuditTotals& totals, int64_t alerts);

// 1234567 as "1,234,567".
std::string Grouped(uint64_t number);

}  // namespace picket
