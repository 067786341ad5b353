#include "tests/parser/input/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <cstdint>
#include <filesystem>

#include "common/file.h"

namespace picket::parser {
namespace {

// Calls `write` with an open archive, and returns the bytes that it has written. 7zip needs a file
// in which it can seek.
template <typename Write>
std::string WriteToFile(archive* handle, Write write) {
  std::string path = (std::filesystem::path(testing::TempDir()) / "archive_writer.XXXXXX").string();
  const int fd = ::mkstemp(path.data());
  EXPECT_GE(fd, 0);
  EXPECT_EQ(archive_write_open_fd(handle, fd), ARCHIVE_OK) << archive_error_string(handle);
  write();
  EXPECT_EQ(archive_write_close(handle), ARCHIVE_OK) << archive_error_string(handle);
  archive_write_free(handle);
  ::close(fd);
  std::string bytes = ReadFile(path).value_or("");
  std::filesystem::remove(path);
  return bytes;
}

void WriteEntry(archive* handle, const ArchiveEntry& entry) {
  archive_entry* const header = archive_entry_new();
  archive_entry_set_pathname(header, entry.path.c_str());
  archive_entry_set_filetype(header, entry.symlink.empty() ? AE_IFREG : AE_IFLNK);
  archive_entry_set_perm(header, 0644);
  archive_entry_set_size(header, static_cast<la_int64_t>(entry.content.size()));
  if (!entry.symlink.empty()) archive_entry_set_symlink(header, entry.symlink.c_str());
  if (!entry.hardlink.empty()) archive_entry_set_hardlink(header, entry.hardlink.c_str());
  EXPECT_EQ(archive_write_header(handle, header), ARCHIVE_OK) << archive_error_string(handle);
  if (!entry.content.empty()) {
    EXPECT_EQ(archive_write_data(handle, entry.content.data(), entry.content.size()),
              static_cast<la_ssize_t>(entry.content.size()));
  }
  archive_entry_free(header);
}

}  // namespace

std::string MakeArchive(const std::string& format, const std::vector<ArchiveEntry>& entries) {
  archive* const handle = archive_write_new();
  EXPECT_EQ(archive_write_set_format_by_name(handle, format.c_str()), ARCHIVE_OK) << format;
  return WriteToFile(handle, [&] {
    for (const ArchiveEntry& entry : entries) WriteEntry(handle, entry);
  });
}

std::string Compress(const std::string& filter, std::string_view content) {
  archive* const handle = archive_write_new();
  EXPECT_EQ(archive_write_set_format_raw(handle), ARCHIVE_OK);
  EXPECT_EQ(archive_write_add_filter_by_name(handle, filter.c_str()), ARCHIVE_OK) << filter;
  return WriteToFile(handle, [&] { WriteEntry(handle, {"data", std::string(content)}); });
}

std::string Utf16(std::string_view utf8, bool big_endian) {
  std::string out;
  const auto put = [&](uint32_t unit) {
    const char high = static_cast<char>(unit >> 8);
    const char low = static_cast<char>(unit & 255);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (size_t i = 0; i < utf8.size();) {
    const auto byte = static_cast<uint8_t>(utf8[i]);
    const size_t length = byte < 0x80 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
    uint32_t c = length == 1 ? byte : byte & (0xffu >> (length + 1));
    for (size_t k = 1; k < length; ++k) c = c << 6 | (static_cast<uint8_t>(utf8[i + k]) & 0x3f);
    i += length;
    if (c >= 0x10000) {
      put(0xd800 + ((c - 0x10000) >> 10));
      put(0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      put(c);
    }
  }
  return out;
}

}  // namespace picket::parser
