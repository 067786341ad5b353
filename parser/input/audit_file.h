#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace picket::parser {

// What an exported file holds next.
struct AuditBlob {
  // Without damage: a JSON array of records or one value, for Normalizer::Normalize; each record's brackets and quotes
  // match, so that a record which is no JSON all the same does not hide its neighbours.
  // With damage: the bytes of one record that could not be cut out whole, for the dead letters.
  std::string text;
  std::string_view damage;  // a constant: "not_json", "too_large", "no_audit_data"; empty: none
  std::string error;        // for people: where and what
  int part = 0;  // 1, 2, …: these bytes are a part of one record that is too large to be held
  bool last_part = true;

  // Where in the decompressed file the record begins that holds the byte `at` of `text`; of a CSV its row.
  // Complexity: logarithmic.
  uint64_t OffsetOf(size_t at) const;

  struct Begin {
    size_t at;  // in `text`
    uint64_t offset;
  };
  std::vector<Begin> begins;  // of each record, in order
};

// Exported audit records of one file: newline-delimited JSON, JSON arrays (content blobs), JSON values one after the
// other, the pages of a Graph response ({"value": […]}), the CSV of a unified audit log search with its AuditData column
// or of Sentinel's OfficeActivity; plain or gzip (one member or more). The format is told from the content. Records come
// as they are in the file; what is wrapped is unwrapped by the normaliser (parser/input/unwrapper.h).
// Threads: one. Lifetime: one file, from front to back; holds at most a record and a batch, whatever the file's size.
// Failure: Open refuses what is no such file. Damage costs the record it lies in: its bytes come as a blob with
// `damage`, and the next record is found again at the next line.
class AuditFile {
 public:
  static constexpr size_t kBatchBytes = 1 << 20;
  static constexpr size_t kMaxRecordBytes = 4 << 20;  // beyond it a record comes in parts

  // "-" is standard input. `name` is what messages say.
  static absl::StatusOr<std::unique_ptr<AuditFile>> Open(const std::string& path);
  ~AuditFile();

  // Replaces `blob` by the next one; false at the end. DataLoss when the file ends too early (a damaged gzip, an array
  // without its end): all that could be read has come out before.
  absl::StatusOr<bool> Next(AuditBlob* blob);

  const std::string& name() const;
  // Of the file as it lies on the disk, compressed or not. `size` is 0 when it cannot be known.
  uint64_t bytes_read() const;
  uint64_t size() const;

 private:
  struct Impl;
  explicit AuditFile(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::parser
