#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace picket::parser {

// The next piece of an exported file: a batch of records, a single value, or damaged bytes.
struct AuditBlob {
  // Without damage: a JSON array of records, or one value, for Normalizer::Normalize. The brackets
  // and quotes of each record match, so that a record that is still not JSON does not hide its
  // neighbours. With damage: the bytes of a record that could not be cut out whole, for the dead
  // letters.
  std::string text;
  std::string_view damage;  // a constant: "not_json", "too_large", "no_audit_data"; empty: none
  std::string error;        // for people: the place and the cause
  int part = 0;  // 1, 2, …: these bytes are a part of a record that is too large to hold
  bool last_part = true;

  // The offset in the decompressed file of the record that contains byte `at` of `text`; for a CSV,
  // of its row. Complexity: logarithmic.
  uint64_t OffsetOf(size_t at) const;

  struct Begin {
    size_t at;  // in `text`
    uint64_t offset;
  };
  std::vector<Begin> begins;  // of each record, in order
};

// Reads the exported audit records of one file: newline-delimited JSON; JSON arrays (content blobs);
// JSON values one after the other; pages of a Graph response ({"value": […]}); the CSV of a unified
// audit log search with its column AuditData, or of Sentinel's OfficeActivity; plain or gzip (one
// member or more). The form is detected from the content (parser/input/input_form.h). Records are
// returned as they are in the file; the normaliser unwraps them (parser/input/unwrapper.h).
// Threads: one. Lifetime: one per file, read from front to back; holds at most a record and a batch,
// whatever the file's size.
// Failure: Open rejects any other file. Damage costs the record that contains it: its bytes are
// returned as a blob with `damage`, and reading continues with the next record.
class AuditFile {
 public:
  static constexpr size_t kBatchBytes = 1 << 20;

  // "-" is standard input.
  static absl::StatusOr<std::unique_ptr<AuditFile>> Open(const std::string& path);
  ~AuditFile();

  // Replaces `blob` by the next one; false at the end. DataLoss if the file ends too early (a
  // damaged gzip, an array without its end), after everything readable has been returned.
  absl::StatusOr<bool> Next(AuditBlob* blob);

  const std::string& name() const;  // as in messages
  // Of the file on disk, compressed or not. `size` is 0 if it is unknown.
  uint64_t bytes_read() const;
  uint64_t size() const;

 private:
  struct Impl;
  explicit AuditFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
