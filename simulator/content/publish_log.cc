#include "simulator/content/publish_log.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "absl/strings/str_cat.h"
#include "common/error.h"

namespace picket::simulator {
namespace {

constexpr size_t kReadBytes = 256 << 10;

// Reads the first `size` bytes of a file.
class FileSource final : public BodySource {
 public:
  // The source closes `descriptor`.
  FileSource(int descriptor, uint64_t size) : descriptor_(descriptor), left_(size) {}
  ~FileSource() override {
    if (descriptor_ >= 0) close(descriptor_);
  }

  std::string_view Next() override {
    if (descriptor_ < 0 || left_ == 0) return {};
    buffer_.resize(std::min<uint64_t>(kReadBytes, left_));
    const ssize_t bytes =
        pread(descriptor_, buffer_.data(), buffer_.size(), static_cast<off_t>(position_));
    if (bytes <= 0) return {};
    position_ += static_cast<uint64_t>(bytes);
    left_ -= static_cast<uint64_t>(bytes);
    return std::string_view(buffer_.data(), static_cast<size_t>(bytes));
  }

 private:
  int descriptor_;
  uint64_t left_;
  uint64_t position_ = 0;
  std::string buffer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PublishLog>> PublishLog::Open(const std::string& path) {
  int descriptor = -1;
  std::string name = path;
  if (path.empty()) {
    name = (std::filesystem::temp_directory_path() / "picket-publish-log-XXXXXX").string();
    descriptor = mkostemp(name.data(), O_CLOEXEC | O_APPEND);
    if (descriptor >= 0) unlink(name.c_str());
  } else {
    descriptor = open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  }
  if (descriptor < 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot open the publish log ", name, ": ", ErrnoText(errno)));
  }
  auto log = std::unique_ptr<PublishLog>(new PublishLog(descriptor));
  const off_t end = lseek(descriptor, 0, SEEK_END);
  MutexLock lock(log->mu_);
  log->size_ = end < 0 ? 0 : static_cast<uint64_t>(end);
  return log;
}

PublishLog::~PublishLog() { close(descriptor_); }

void PublishLog::Append(std::string_view row) {
  MutexLock lock(mu_);
  if (!status_.ok()) return;
  while (!row.empty()) {
    const ssize_t bytes = write(descriptor_, row.data(), row.size());
    if (bytes < 0 && errno == EINTR) continue;
    if (bytes <= 0) {
      status_ =
          absl::DataLossError(absl::StrCat("the publish log is incomplete: ", ErrnoText(errno)));
      return;
    }
    row.remove_prefix(static_cast<size_t>(bytes));
    size_ += static_cast<uint64_t>(bytes);
  }
}

absl::Status PublishLog::status() const {
  MutexLock lock(mu_);
  return status_;
}

std::unique_ptr<BodySource> PublishLog::Read() const {
  MutexLock lock(mu_);
  return std::make_unique<FileSource>(fcntl(descriptor_, F_DUPFD_CLOEXEC, 0), size_);
}

}  // namespace picket::simulator
