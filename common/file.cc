#include "common/file.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <memory>

#include "common/error.h"
#include "common/strings.h"

namespace picket {
namespace {

struct FileCloser {
  void operator()(std::FILE* file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, FileCloser>;

absl::Status FileError(std::string_view verb, const std::string& path) {
  const int error_number = errno;
  const std::string text =
      absl::StrCat("cannot ", ToAbsl(verb), " ", path, ": ", ErrnoText(error_number));
  return error_number == ENOENT ? absl::NotFoundError(text) : absl::InvalidArgumentError(text);
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::string& path) {
  const File file(std::fopen(path.c_str(), "rb"));
  if (file == nullptr) return FileError("read", path);
  std::string text;
  char buffer[65536];
  while (const size_t n = std::fread(buffer, 1, sizeof(buffer), file.get())) text.append(buffer, n);
  if (std::ferror(file.get())) return FileError("read", path);
  return text;
}

absl::Status WriteFile(const std::string& path, std::string_view text) {
  const std::string temporary = absl::StrCat(path, ".", getpid(), ".tmp");
  {
    const File file(std::fopen(temporary.c_str(), "wb"));
    if (file == nullptr) return FileError("write", temporary);
    if (std::fwrite(text.data(), 1, text.size(), file.get()) != text.size() ||
        std::fflush(file.get()) != 0) {
      return FileError("write", temporary);
    }
  }
  if (std::rename(temporary.c_str(), path.c_str()) != 0) return FileError("write", path);
  return absl::OkStatus();
}

}  // namespace picket
