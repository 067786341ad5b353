#include "parser/input/export_reader.h"

#include <algorithm>
#include <filesystem>
#include <optional>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "parser/input/bytes/gzip_source.h"
#include "parser/input/bytes/input_file.h"
#include "parser/input/bytes/utf16_source.h"

namespace picket::parser {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDeepestFolder = 64;

// Returns true if a part of the path is hidden, or names a file or folder that operating systems
// add to folders and archives.
bool IsSystemFile(std::string_view path) {
  while (!path.empty()) {
    const size_t slash = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, slash);
    const bool is_hidden = part.size() > 1 && part.front() == '.' && part != "..";
    if (is_hidden || part == "__MACOSX" || part == "Thumbs.db" || part == "desktop.ini") {
      return true;
    }
    path.remove_prefix(std::min(slash + 1, path.size()));
  }
  return false;
}

// The content of a file without its compression, or an archive.
struct Unpacked {
  std::unique_ptr<ByteSource> text;
  Packing archive = Packing::kNone;
  size_t depth = 0;
};

// Returns true if the file begins like JSON or CSV. The caller then does not read the further bytes
// that only the detection of archives needs, because a pipe may not provide them yet.
bool IsText(std::string_view start) {
  const std::string_view trimmed = TrimBlanks(start);
  return !trimmed.empty() &&
         (trimmed.front() == '{' || trimmed.front() == '[' || trimmed.front() == '"');
}

absl::StatusOr<Unpacked> RemoveCompression(std::unique_ptr<ByteSource> source, size_t depth,
                                           const std::shared_ptr<InputBudget>& budget) {
  while (true) {
    auto peekable = std::make_unique<PeekableSource>(std::move(source));
    std::string_view start = peekable->Peek(16);
    if (!IsText(start)) start = peekable->Peek(kPackingBytes);
    const Packing packing = DetectPacking(start);
    const std::optional<Utf16Order> utf16 = DetectUtf16(start);
    if (packing == Packing::kNone) {
      source = std::move(peekable);
      if (utf16.has_value()) source = std::make_unique<Utf16Source>(std::move(source), *utf16);
      return Unpacked{std::move(source), packing, depth};
    }
    RETURN_IF_ERROR(budget->CheckDepth(++depth, peekable->name()));
    source = std::move(peekable);
    if (packing == Packing::kZip || packing == Packing::kSevenZip || packing == Packing::kTar) {
      return Unpacked{std::move(source), packing, depth};
    }
    if (packing == Packing::kGzip) {
      source = std::make_unique<GzipSource>(std::move(source));
    } else {
      ASSIGN_OR_RETURN(source, OpenCompressed(std::move(source), packing));
    }
    source = std::make_unique<BudgetedSource>(std::move(source), budget);
  }
}

}  // namespace

struct ExportReader::Level {
  std::shared_ptr<Archive> archive;
  std::string name;
  size_t depth;
  bool has_members = false;
};

ExportReader::ExportReader(std::string path, const InputLimits& limits)
    : path_(std::move(path)), limits_(limits) {}
ExportReader::~ExportReader() = default;

absl::Status ExportReader::Start() {
  has_started_ = true;
  std::error_code error;
  is_folder_ = path_ != "-" && fs::is_directory(path_, error);
  if (!is_folder_) {
    files_.push_back(path_);
    return absl::OkStatus();
  }
  absl::Status status;
  fs::recursive_directory_iterator it(path_, error);
  const fs::recursive_directory_iterator end;
  while (!error && it != end) {
    const fs::path& path = it->path();
    std::error_code ignored;
    const fs::file_status about = it->symlink_status(ignored);
    if (IsSystemFile(path.filename().native())) {
      it.disable_recursion_pending();
    } else if (fs::is_regular_file(about)) {
      files_.push_back(path.native());
    }
    if (static_cast<size_t>(it.depth()) >= kDeepestFolder) it.disable_recursion_pending();
    it.increment(error);
  }
  if (error) {
    status = absl::NotFoundError(absl::StrCat("cannot read ", path_, ": ", error.message()));
  } else if (files_.empty()) {
    status = absl::InvalidArgumentError(
        absl::StrCat("cannot read ", path_, ": the folder has no files"));
  }
  std::sort(files_.rbegin(), files_.rend());
  return status;
}

absl::StatusOr<std::unique_ptr<AuditFile>> ExportReader::Next() {
  if (!has_started_) RETURN_IF_ERROR(Start());
  while (true) {
    if (archives_.empty()) {
      if (files_.empty()) return nullptr;
      ASSIGN_OR_RETURN(std::unique_ptr<AuditFile> file, OpenNextFile());
      if (file != nullptr) return file;
      continue;
    }
    const size_t depth = archives_.back().depth;
    absl::StatusOr<std::unique_ptr<ByteSource>> member = archives_.back().archive->Next();
    if (!member.ok()) {
      archives_.pop_back();
      if (absl::IsResourceExhausted(member.status())) archives_.clear();
      return member.status();
    }
    if (*member == nullptr) {
      const Level level = std::move(archives_.back());
      archives_.pop_back();
      if (level.has_members) continue;
      return absl::InvalidArgumentError(absl::StrCat(level.name, " contains no file"));
    }
    Level& level = archives_.back();
    level.has_members = true;
    const std::string_view path = std::string_view((*member)->name()).substr(level.name.size() + 1);
    if (path == "[Content_Types].xml") {
      const std::string name = level.name;
      archives_.pop_back();
      return absl::InvalidArgumentError(absl::StrCat(
          name,
          " is an Office document, not an export of the unified audit log; save its table as "
          "CSV"));
    }
    if (IsSystemFile(path)) continue;
    auto budgeted = std::make_unique<BudgetedSource>(*std::move(member), budget_);
    absl::StatusOr<std::unique_ptr<AuditFile>> file = Unpack(std::move(budgeted), depth);
    // After a limit is exceeded, the reader reads nothing more from the file on disk.
    if (absl::IsResourceExhausted(file.status())) archives_.clear();
    if (!file.ok() || *file != nullptr) return file;
  }
}

absl::StatusOr<std::unique_ptr<AuditFile>> ExportReader::OpenNextFile() {
  const std::string path = std::move(files_.back());
  files_.pop_back();
  ++opened_files_;
  budget_ = std::make_shared<InputBudget>(path, limits_);
  ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source,
                   InputFile::Open(path, /*follow_links=*/!is_folder_));
  return Unpack(std::move(source), 0);
}

absl::StatusOr<std::unique_ptr<AuditFile>> ExportReader::Unpack(std::unique_ptr<ByteSource> source,
                                                                size_t depth) {
  ASSIGN_OR_RETURN(Unpacked unpacked, RemoveCompression(std::move(source), depth, budget_));
  if (unpacked.archive == Packing::kNone) return AuditFile::Open(std::move(unpacked.text));
  std::string name = unpacked.text->name();
  ASSIGN_OR_RETURN(std::shared_ptr<Archive> archive,
                   Archive::Open(std::move(unpacked.text), unpacked.archive, budget_));
  archives_.push_back({std::move(archive), std::move(name), unpacked.depth});
  return nullptr;
}

absl::StatusOr<std::unique_ptr<AuditFile>> OpenSingleFile(const std::string& path) {
  const auto budget = std::make_shared<InputBudget>(path, InputLimits());
  ASSIGN_OR_RETURN(std::unique_ptr<ByteSource> source, InputFile::Open(path));
  ASSIGN_OR_RETURN(Unpacked unpacked, RemoveCompression(std::move(source), 0, budget));
  if (unpacked.archive != Packing::kNone) {
    return absl::InvalidArgumentError(absl::StrCat(path, " is an archive, not a file of records"));
  }
  return AuditFile::Open(std::move(unpacked.text));
}

}  // namespace picket::parser
