#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace picket::parser {

// Writes archives and compressed streams for tests, with libarchive.

struct ArchiveEntry {
  std::string path;
  std::string content;
  std::string symlink = {};   // if not empty, the entry is a symbolic link to this path
  std::string hardlink = {};  // if not empty, the entry is a hard link to this path
};

// `format` is "zip", "7zip" or "ustar".
std::string MakeArchive(const std::string& format, const std::vector<ArchiveEntry>& entries);

// `filter` is "gzip", "xz", "zstd" or "bzip2".
std::string Compress(const std::string& filter, std::string_view content);

// Returns a text in UTF-16, without a byte order mark.
std::string Utf16(std::string_view utf8, bool big_endian);

}  // namespace picket::parser
