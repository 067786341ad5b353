#pragma once

// Finds the files with audit records in what somebody has exported: files, archives and folders.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "parser/input/audit_file.h"
#include "parser/input/bytes/archive.h"
#include "parser/input/bytes/input_limits.h"

namespace picket::parser {

// Opens every file that a path names, one after the other: the file itself, the files of a folder
// and of its folders, and the files of zip, tar and 7z archives, which may contain archives. Each
// may be compressed with gzip, xz, zstd or bzip2, and its text may be UTF-16.
// Leaves out hidden files (.DS_Store), __MACOSX, Thumbs.db and desktop.ini in folders and archives.
// Follows a symbolic link only if the path itself is one.
// Threads: One thread uses an instance. Lifetime: the caller must read a returned file before the
// next call. Memory: the reader extracts no files. It copies an archive to a temporary file only if
// it cannot read the archive in any order, as with a nested zip or 7z.
// Failure: an error of Next concerns one file or archive. Reading continues with the next call.
class ExportReader {
 public:
  explicit ExportReader(std::string path, const InputLimits& limits = {});
  ~ExportReader();

  // Returns the next file, or nullptr at the end.
  absl::StatusOr<std::unique_ptr<AuditFile>> Next();
  // Returns the number of files on disk that were opened. An archive counts as one.
  size_t opened_files() const { return opened_files_; }

 private:
  struct Level;  // an archive whose members are being read

  absl::Status Start();
  absl::StatusOr<std::unique_ptr<AuditFile>> OpenNextFile();
  // Removes compression. Returns nullptr after it has opened an archive.
  absl::StatusOr<std::unique_ptr<AuditFile>> Unpack(std::unique_ptr<ByteSource> source,
                                                    size_t depth);

  const std::string path_;
  const InputLimits limits_;
  bool has_started_ = false;
  bool is_folder_ = false;
  size_t opened_files_ = 0;
  std::vector<std::string> files_;  // paths, in reverse order
  std::shared_ptr<InputBudget> budget_;
  std::vector<Level> archives_;  // the outermost archive first
};

// Opens a file that is not an archive (AuditFile::Open).
absl::StatusOr<std::unique_ptr<AuditFile>> OpenSingleFile(const std::string& path);

}  // namespace picket::parser
