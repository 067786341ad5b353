#include "fetcher/content/spill_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/status_macros.h"

namespace picket::fetcher {
namespace {

constexpr size_t kBudgetStep = 4 << 20;
constexpr size_t kBufferBytes = 64 << 10;

absl::Status DiskError(std::string_view verb, const std::string& folder = "") {
  const int error_number = errno;
  return absl::UnavailableError(absl::StrCat("cannot ", std::string(verb), " a spill file",
                                             folder.empty() ? "" : " in ", folder, ": ",
                                             ErrnoText(error_number), "; see fetcher.spill_dir"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<SpillFile>> SpillFile::Create(const std::string& dir,
                                                             std::shared_ptr<ByteBudget> disk) {
  std::string folder = dir;
  if (folder.empty()) {
    const char* const temporary = std::getenv("TMPDIR");
    folder = temporary != nullptr && *temporary != '\0' ? temporary : P_tmpdir;
  }
  std::string path = folder + "/picket-content-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return DiskError("create", folder);
  unlink(path.c_str());
  return std::unique_ptr<SpillFile>(new SpillFile(fd, std::move(disk)));
}

SpillFile::~SpillFile() {
  Unmap();
  close(fd_);
  disk_->Release(static_cast<int64_t>(reserved_));
}

absl::Status SpillFile::Append(std::string_view bytes) {
  Unmap();
  while (size_ + bytes.size() > reserved_) {
    if (!disk_->TryAcquire(kBudgetStep)) {
      return absl::ResourceExhaustedError(
          "the disk budget for large content is used up; see fetcher.spill_budget_mib");
    }
    reserved_ += kBudgetStep;
  }
  size_ += bytes.size();
  buffer_.append(bytes);
  return buffer_.size() >= kBufferBytes ? Flush() : absl::OkStatus();
}

absl::Status SpillFile::Flush() {
  std::string_view rest = buffer_;
  while (!rest.empty()) {
    const ssize_t written = write(fd_, rest.data(), rest.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return DiskError("write");
    rest.remove_prefix(static_cast<size_t>(written));
  }
  buffer_.clear();
  return absl::OkStatus();
}

absl::StatusOr<std::string_view> SpillFile::View() {
  RETURN_IF_ERROR(Flush());
  if (size_ == 0) return std::string_view();
  if (map_ == nullptr) {
    void* const map = mmap(nullptr, size_, PROT_READ, MAP_SHARED, fd_, 0);
    if (map == MAP_FAILED) return DiskError("map");
    map_ = map;
    mapped_ = size_;
  }
  return std::string_view(static_cast<const char*>(map_), mapped_);
}

void SpillFile::Unmap() {
  if (map_ != nullptr) munmap(map_, mapped_);
  map_ = nullptr;
}

}  // namespace picket::fetcher
