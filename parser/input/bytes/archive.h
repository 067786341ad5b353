#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "parser/input/bytes/byte_source.h"
#include "parser/input/bytes/input_limits.h"

namespace picket::parser {

// How a file is compressed or archived.
enum class Packing { kNone, kGzip, kXz, kZstd, kBzip2, kZip, kSevenZip, kTar };

// The number of bytes that DetectPacking needs.
inline constexpr size_t kPackingBytes = 512;
Packing DetectPacking(std::string_view start);

// Decompresses xz, zstd or bzip2 with libarchive. Concatenated streams are read as one.
absl::StatusOr<std::unique_ptr<ByteSource>> OpenCompressed(std::unique_ptr<ByteSource> source,
                                                           Packing packing);

// Reads the files in a zip, 7z or tar archive, one after the other, with libarchive. Does not
// extract files to disk, so the paths in the archive appear only in messages. Skips links and
// devices. Does not enable other formats and filters of libarchive.
// Threads: One thread uses an instance. Lifetime: a member can be read until the next call of Next,
// and keeps the archive alive. Failure: Next returns DataLoss if the rest of the archive cannot be
// read, and ResourceExhausted if a limit is exceeded. After an error, it returns no more members.
class Archive {
 public:
  // A zip or 7z archive has its table of contents at its end. A source that cannot seek is
  // therefore copied to a temporary file first.
  static absl::StatusOr<std::shared_ptr<Archive>> Open(std::unique_ptr<ByteSource> source,
                                                       Packing packing,
                                                       std::shared_ptr<InputBudget> budget);
  virtual ~Archive() = default;

  // Returns the next file. Its name is that of the archive, a slash, and the path in the archive as
  // printable text. Returns nullptr at the end. An encrypted file is returned as a source whose
  // Read fails.
  virtual absl::StatusOr<std::unique_ptr<ByteSource>> Next() = 0;
};

}  // namespace picket::parser
