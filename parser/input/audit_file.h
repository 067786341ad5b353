#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "model/written_date.h"
#include "parser/input/bytes/byte_source.h"
#include "parser/input/date_order_cutter.h"

namespace picket::parser {

// A piece of an exported file: a batch of records, a single value, or damaged bytes.
struct AuditBlob {
  // If `damage` is empty, `text` is a JSON array of records or a single value, for
  // Normalizer::Normalize. In each record, the brackets and quotes match. Therefore, even if a
  // record is invalid JSON, the normaliser can read the other records of the array. If `damage` is
  // set, `text` contains the bytes of a record that could not be cut out as a whole. These bytes
  // become dead letters.
  std::string text;
  std::string_view damage;  // "not_json", "too_large", "no_audit_data", or empty
  std::string error;        // the position and cause of the damage, in readable form
  int part = 0;             // 1, 2, … for the parts of a record that is too large; otherwise 0
  bool last_part = true;
  DateOrder date_order = DateOrder::kMonthFirst;  // of times such as 3/2/2026, in this file

  // Returns the offset in the decompressed file at which a record begins. `at` is the position in
  // `text` of any byte of the record. For a CSV, returns the offset of the record's row.
  // Complexity: logarithmic.
  uint64_t OffsetOf(size_t at) const;

  struct Begin {
    size_t at;        // position in `text`
    uint64_t offset;  // offset in the decompressed file
  };
  std::vector<Begin> begins;  // the beginning of each record, in order
};

// Reads the exported audit records of one file. Open detects the form from the content
// (parser/input/input_form.h). docs/normalising.md lists the supported forms. The file may be
// compressed, and its text may be UTF-8 or UTF-16. Next returns records as they are in the file,
// and the normaliser unwraps them (parser/input/unwrapper.h). Threads: One thread uses an instance.
// Lifetime: an object reads one file from front to back. It holds at most one record and one batch,
// regardless of the file's size. A file whose times have an unknown order of day and month is
// partly copied to a temporary file.
// Failure: Open rejects a file of any other form. A damaged record is returned as a blob with
// `damage`, and reading continues with the next record.
class AuditFile {
 public:
  static constexpr size_t kBatchBytes = 1 << 20;

  // Opens a file, which is not an archive or folder (see parser/input/export_reader.h). The path
  // "-" means standard input.
  static absl::StatusOr<std::unique_ptr<AuditFile>> Open(const std::string& path);
  // Reads from a source that is not compressed.
  static absl::StatusOr<std::unique_ptr<AuditFile>> Open(std::unique_ptr<ByteSource> text);
  ~AuditFile();

  // Replaces `blob` with the next blob. Returns false at the end of the file. Returns DataLoss
  // after everything readable has been returned, if the file ends too early (because of damaged
  // compressed data or an unclosed array), or if it has bytes but neither a record nor the form of
  // an export without records.
  absl::StatusOr<bool> Next(AuditBlob* blob);

  const std::string& name() const;  // the file's name in messages
  // bytes_read() and size() refer to the file on disk, before decompression. size() is 0 if the
  // size is unknown.
  uint64_t bytes_read() const;
  uint64_t size() const;
  // Returns what the times of the file say about their order, as far as the file was read.
  const DateOrderFindings& dates() const;

 private:
  struct Impl;
  explicit AuditFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
