#include "parser/input/bytes/archive.h"

#include <archive.h>
#include <archive_entry.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/check.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "parser/input/bytes/input_file.h"

namespace picket::parser {
namespace {

constexpr size_t kReadBytes = 128 << 10;
constexpr size_t kLongestMemberName = 512;

// Returns true if the block is a tar header. The header contains the sum of its bytes, for which
// the bytes of the sum itself count as blanks.
bool IsTarHeader(std::string_view block) {
  constexpr size_t kBlock = 512;
  constexpr size_t kChecksum = 148;
  if (block.size() < kBlock) return false;
  long expected = -1;
  for (const char c : block.substr(kChecksum, 8)) {
    if (c >= '0' && c <= '7') {
      expected = (expected < 0 ? 0 : expected) * 8 + (c - '0');
    } else if (expected >= 0 || (c != ' ' && c != 0)) {
      break;
    }
  }
  long sum = 8 * ' ';
  for (size_t i = 0; i < kBlock; ++i) {
    if (i < kChecksum || i >= kChecksum + 8) sum += static_cast<unsigned char>(block[i]);
  }
  return expected == sum && block[0] != 0;
}

// A handle of libarchive that reads from a ByteSource.
class ArchiveHandle {
 public:
  explicit ArchiveHandle(std::unique_ptr<ByteSource> source)
      : handle_(archive_read_new()), source_(std::move(source)), buffer_(kReadBytes) {
    PICKET_CHECK(handle_ != nullptr);
  }
  ~ArchiveHandle() { archive_read_free(handle_); }
  ArchiveHandle(const ArchiveHandle&) = delete;
  ArchiveHandle& operator=(const ArchiveHandle&) = delete;

  archive* get() const { return handle_; }
  const ByteSource& source() const { return *source_; }

  absl::Status Open() {
    archive_read_set_callback_data(handle_, this);
    archive_read_set_read_callback(handle_, &ArchiveHandle::OnRead);
    if (source_->can_seek()) archive_read_set_seek_callback(handle_, &ArchiveHandle::OnSeek);
    if (archive_read_open1(handle_) < ARCHIVE_WARN) return Error();
    return absl::OkStatus();
  }

  // Returns the error of the source or, if there is none, the error of libarchive.
  absl::Status Error() const {
    if (!status_.ok()) return status_;
    const char* const text = archive_error_string(handle_);
    return absl::DataLossError(
        absl::StrCat(source_->name(), " is damaged or cut off: ",
                     text != nullptr ? CleanLine(text, 200) : "it cannot be unpacked",
                     "; the rest cannot be read"));
  }

  absl::StatusOr<size_t> ReadData(char* data, size_t size) {
    while (true) {
      const la_ssize_t n = archive_read_data(handle_, data, size);
      if (n == ARCHIVE_RETRY) continue;
      if (n < 0 && n != ARCHIVE_WARN) return Error();
      // A warning means that the data may be wrong, for example because its checksum differs.
      return n < 0 ? absl::StatusOr<size_t>(Error()) : static_cast<size_t>(n);
    }
  }

 private:
  static la_ssize_t OnRead(archive* handle, void* self, const void** buffer) {
    auto& it = *static_cast<ArchiveHandle*>(self);
    const absl::StatusOr<size_t> n = it.source_->Read(it.buffer_.data(), it.buffer_.size());
    if (!n.ok()) {
      it.status_ = n.status();
      archive_set_error(handle, EIO, "cannot read");
      return ARCHIVE_FATAL;
    }
    *buffer = it.buffer_.data();
    return static_cast<la_ssize_t>(*n);
  }

  static la_int64_t OnSeek(archive* handle, void* self, la_int64_t offset, int whence) {
    auto& it = *static_cast<ArchiveHandle*>(self);
    const absl::StatusOr<uint64_t> position = it.source_->Seek(offset, whence);
    if (!position.ok()) {
      archive_set_error(handle, EIO, "cannot seek");
      return ARCHIVE_FATAL;
    }
    return static_cast<la_int64_t>(*position);
  }

  archive* const handle_;
  const std::unique_ptr<ByteSource> source_;
  std::vector<char> buffer_;
  absl::Status status_;
};

// The content of an xz, zstd or bzip2 stream.
class CompressedSource final : public ByteSource {
 public:
  explicit CompressedSource(std::unique_ptr<ArchiveHandle> handle)
      : ByteSource(handle->source().name()), handle_(std::move(handle)) {}

  absl::StatusOr<size_t> Read(char* data, size_t size) override {
    return handle_->ReadData(data, size);
  }
  uint64_t bytes_read() const override { return handle_->source().bytes_read(); }
  uint64_t size() const override { return handle_->source().size(); }

 private:
  const std::unique_ptr<ArchiveHandle> handle_;
};

class LibArchive final : public Archive, public std::enable_shared_from_this<LibArchive> {
 public:
  LibArchive(std::unique_ptr<ByteSource> source, std::shared_ptr<InputBudget> budget)
      : handle_(std::move(source)), budget_(std::move(budget)) {}

  ArchiveHandle& handle() { return handle_; }
  absl::StatusOr<std::unique_ptr<ByteSource>> Next() override;

 private:
  ArchiveHandle handle_;
  const std::shared_ptr<InputBudget> budget_;
  bool ended_ = false;
  size_t count_ = 0;
};

class MemberSource final : public ByteSource {
 public:
  MemberSource(std::string name, std::shared_ptr<LibArchive> archive, bool is_encrypted)
      : ByteSource(std::move(name)), archive_(std::move(archive)), is_encrypted_(is_encrypted) {}

  absl::StatusOr<size_t> Read(char* data, size_t size) override {
    if (is_encrypted_) {
      return absl::InvalidArgumentError(
          absl::StrCat(name(), " is encrypted; unpack it with its password first"));
    }
    return archive_->handle().ReadData(data, size);
  }
  uint64_t bytes_read() const override { return archive_->handle().source().bytes_read(); }
  uint64_t size() const override { return archive_->handle().source().size(); }

 private:
  const std::shared_ptr<LibArchive> archive_;
  const bool is_encrypted_;
};

absl::StatusOr<std::unique_ptr<ByteSource>> LibArchive::Next() {
  while (!ended_) {
    archive_entry* entry = nullptr;
    const int result = archive_read_next_header(handle_.get(), &entry);
    if (result == ARCHIVE_EOF) break;
    if (result == ARCHIVE_RETRY) continue;
    if (result < ARCHIVE_WARN) {
      ended_ = true;
      return handle_.Error();
    }
    const ByteSource& source = handle_.source();
    const la_int64_t declared =
        archive_entry_size_is_set(entry) != 0 ? archive_entry_size(entry) : 0;
    absl::Status status =
        budget_->AddMember(static_cast<uint64_t>(std::max<la_int64_t>(declared, 0)),
                           std::max(source.size(), source.bytes_read()));
    if (!status.ok()) {
      ended_ = true;
      return status;
    }
    ++count_;
    const bool is_link =
        archive_entry_hardlink(entry) != nullptr || archive_entry_symlink(entry) != nullptr;
    if (is_link || archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* path = archive_entry_pathname_utf8(entry);
    if (path == nullptr) path = archive_entry_pathname(entry);
    const std::string member =
        path != nullptr ? CleanLine(path, kLongestMemberName) : absl::StrCat("member ", count_);
    return std::make_unique<MemberSource>(absl::StrCat(handle_.source().name(), "/", member),
                                          shared_from_this(),
                                          archive_entry_is_data_encrypted(entry) != 0);
  }
  ended_ = true;
  return nullptr;
}

}  // namespace

Packing DetectPacking(std::string_view start) {
  if (start.starts_with("\x1f\x8b")) return Packing::kGzip;
  if (start.starts_with(std::string_view("\xfd"
                                         "7zXZ\0",
                                         6))) {
    return Packing::kXz;
  }
  // Zstandard allows skippable frames, 0x184D2A50 to 0x184D2A5F, in front of its data.
  const bool is_skippable =
      start.size() >= 4 && (start[0] & 0xf0) == 0x50 && start.substr(1, 3) == "\x2a\x4d\x18";
  if (start.starts_with("\x28\xb5\x2f\xfd") || is_skippable) return Packing::kZstd;
  const bool is_bzip2 = start.size() >= 10 && start.starts_with("BZh") && start[3] >= '1' &&
                        start[3] <= '9' &&
                        (start.substr(4, 6) == "1AY&SY" || start.substr(4, 6) == "\x17rE8P\x90");
  if (is_bzip2) return Packing::kBzip2;
  if (start.starts_with("PK\x03\x04") || start.starts_with("PK\x05\x06") ||
      start.starts_with("PK\x07\x08")) {
    return Packing::kZip;
  }
  if (start.starts_with("7z\xbc\xaf\x27\x1c")) return Packing::kSevenZip;
  return IsTarHeader(start) ? Packing::kTar : Packing::kNone;
}

absl::StatusOr<std::unique_ptr<ByteSource>> OpenCompressed(std::unique_ptr<ByteSource> source,
                                                           Packing packing) {
  const std::string name = source->name();
  auto handle = std::make_unique<ArchiveHandle>(std::move(source));
  int supported = ARCHIVE_FATAL;
  if (packing == Packing::kXz) supported = archive_read_support_filter_xz(handle->get());
  if (packing == Packing::kZstd) supported = archive_read_support_filter_zstd(handle->get());
  if (packing == Packing::kBzip2) supported = archive_read_support_filter_bzip2(handle->get());
  // A warning would mean that libarchive runs an external program.
  if (supported != ARCHIVE_OK) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " cannot be decompressed: this libarchive lacks the format"));
  }
  archive_read_support_format_raw(handle->get());
  RETURN_IF_ERROR(handle->Open());
  archive_entry* entry = nullptr;
  const int result = archive_read_next_header(handle->get(), &entry);
  if (result != ARCHIVE_EOF && result < ARCHIVE_WARN) return handle->Error();
  return std::make_unique<CompressedSource>(std::move(handle));
}

absl::StatusOr<std::shared_ptr<Archive>> Archive::Open(std::unique_ptr<ByteSource> source,
                                                       Packing packing,
                                                       std::shared_ptr<InputBudget> budget) {
  if (packing != Packing::kTar && !source->can_seek()) {
    ASSIGN_OR_RETURN(source, InputFile::Copy(*source, budget->limits().copied_bytes));
  }
  auto opened = std::make_shared<LibArchive>(std::move(source), std::move(budget));
  archive* const handle = opened->handle().get();
  if (packing == Packing::kZip) {
    archive_read_support_format_zip(handle);
  } else if (packing == Packing::kSevenZip) {
    archive_read_support_format_7zip(handle);
  } else {
    archive_read_support_format_tar(handle);
  }
  RETURN_IF_ERROR(opened->handle().Open());
  return opened;
}

}  // namespace picket::parser
