#include "parser/duplicates/run_folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

#include "absl/strings/escaping.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "common/error.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::parser {
namespace {

constexpr char kManifest[] = "manifest";
constexpr char kFirstLine[] = "picket seen 1";
constexpr uint64_t kManifestSalt = 0x7069636b6574ull;

std::string RunName(uint64_t number) { return absl::StrCat("run-", number); }
std::string TemporaryName(uint64_t number) { return absl::StrCat(RunName(number), ".tmp"); }

absl::Status DiskError(std::string_view verb, const std::string& path, int error) {
  const std::string text = absl::StrCat("cannot ", ToAbsl(verb), " ", path, ": ", ErrnoText(error));
  if (error == ENOENT) return absl::NotFoundError(text);
  const bool is_full = error == ENOSPC || error == EDQUOT || error == EFBIG;
  return is_full ? absl::ResourceExhaustedError(text) : absl::UnavailableError(text);
}

}  // namespace

std::string FormatRunManifest(const RunManifest& manifest) {
  std::string text =
      absl::StrCat(kFirstLine, "\nseed ", manifest.seed.a, " ", manifest.seed.b, "\nmark ",
                   manifest.mark.offset, " ", manifest.mark.checksum, "\n");
  for (const RunManifest::Run& run : manifest.runs) {
    absl::StrAppend(&text, "run ", run.number, " ", run.blocks, "\n");
  }
  for (const std::string& tenant : manifest.tenants) {
    absl::StrAppend(&text, "tenant ", absl::CHexEscape(tenant), "\n");
  }
  absl::StrAppend(&text, "end ", Checksum(text.data(), text.size(), kManifestSalt), "\n");
  return text;
}

absl::StatusOr<RunManifest> ParseRunManifest(std::string_view text) {
  const absl::Status damaged = absl::DataLossError("the manifest is damaged");
  const size_t end = text.rfind("end ");
  uint64_t checksum;
  if (end == std::string_view::npos || text.back() != '\n' ||
      !absl::SimpleAtoi(ToAbsl(text.substr(end + 4, text.size() - end - 5)), &checksum) ||
      checksum != Checksum(text.data(), end, kManifestSalt)) {
    return damaged;
  }
  RunManifest manifest;
  bool first = true;
  for (const absl::string_view line : absl::StrSplit(ToAbsl(text.substr(0, end)), '\n')) {
    if (std::exchange(first, false)) {
      if (line != kFirstLine) return absl::DataLossError("the manifest is of another version");
      continue;
    }
    if (line.empty()) continue;
    const std::vector<absl::string_view> words =
        absl::StrSplit(line, absl::MaxSplits(' ', absl::StartsWith(line, "tenant ") ? 1 : 3));
    bool good = words.size() == (words[0] == "tenant" ? 2 : 3);
    if (good && words[0] == "seed") {
      good = absl::SimpleAtoi(words[1], &manifest.seed.a) &&
             absl::SimpleAtoi(words[2], &manifest.seed.b);
    } else if (good && words[0] == "mark") {
      good = absl::SimpleAtoi(words[1], &manifest.mark.offset) &&
             absl::SimpleAtoi(words[2], &manifest.mark.checksum);
    } else if (good && words[0] == "run") {
      RunManifest::Run& run = manifest.runs.emplace_back();
      good = absl::SimpleAtoi(words[1], &run.number) && absl::SimpleAtoi(words[2], &run.blocks);
    } else if (good && words[0] == "tenant") {
      good = absl::CUnescape(words[1], &manifest.tenants.emplace_back());
    } else {
      good = false;
    }
    if (!good) return damaged;
  }
  return manifest;
}

RunFolder::RunFolder(std::string base, std::string name, const DiskFault* fault)
    : base_(std::move(base)), name_(std::move(name)), fault_(fault), process_(getpid()) {}

RunFolder::~RunFolder() { Unlock(); }

std::string RunFolder::PathOf(std::string_view file) const {
  return absl::StrCat(base_, "/", name_, "/", ToAbsl(file));
}

absl::Status RunFolder::Lock() {
  if (name_.empty()) return absl::OkStatus();
  const std::string folder = absl::StrCat(base_, "/", name_);
  if (const int fault = FaultOf(fault_, DiskCall::kOpen); fault != 0) {
    return DiskError("make", folder, fault);
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return DiskError("make", folder, error.value());
  const std::string path = PathOf("lock");
  lock_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock_ < 0) return DiskError("open", path, errno);
  if (flock(lock_, LOCK_EX | LOCK_NB) == 0) return absl::OkStatus();
  const int reason = errno;
  close(std::exchange(lock_, -1));
  return reason == EWOULDBLOCK ? absl::UnavailableError(absl::StrCat("another worker has ", path))
                               : DiskError("lock", path, reason);
}

bool RunFolder::IsOurs() const { return getpid() == process_; }

void RunFolder::Unlock() {
  if (lock_ >= 0) close(std::exchange(lock_, -1));
}

absl::StatusOr<RunManifest> RunFolder::ReadManifest() {
  ASSIGN_OR_RETURN(const std::string text, ReadFile(PathOf(kManifest)));
  ASSIGN_OR_RETURN(RunManifest manifest, ParseRunManifest(text));
  manifest_text_ = text;
  return manifest;
}

bool RunFolder::IsUnchanged() const {
  const absl::StatusOr<std::string> text = ReadFile(PathOf(kManifest));
  return text.ok() ? *text == manifest_text_ : manifest_text_.empty();
}

absl::Status RunFolder::WriteManifest(const RunManifest& manifest) {
  const std::string text = FormatRunManifest(manifest);
  const std::string path = PathOf(kManifest);
  const std::string temporary = PathOf("manifest.tmp");
  if (const int fault = FaultOf(fault_, DiskCall::kOpen); fault != 0) {
    return DiskError("write", temporary, fault);
  }
  DiskFile file(open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), fault_);
  if (!file.is_open()) return DiskError("write", temporary, errno);
  int error = file.Write(text.data(), text.size(), 0);
  if (error == 0) error = file.Sync();
  if (error == 0) error = FaultOf(fault_, DiskCall::kRename);
  if (error == 0 && rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) return DiskError("write", temporary, error);
  manifest_text_ = text;
  const DiskFile folder(open(PathOf(".").c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), nullptr);
  if (folder.is_open()) (void)fsync(folder.fd());
  RemoveAllBut(manifest);
  return absl::OkStatus();
}

void RunFolder::RemoveAllBut(const RunManifest& manifest) {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(PathOf("."), error)) {
    const std::string name = entry.path().filename().string();
    bool is_named = name.rfind("run-", 0) != 0 && name != "manifest.tmp";
    for (const RunManifest::Run& run : manifest.runs) {
      is_named = is_named || name == RunName(run.number);
    }
    for (const uint64_t number : unpublished_) {
      is_named = is_named || name == TemporaryName(number);
    }
    if (!is_named) std::filesystem::remove(entry.path(), error);
  }
}

absl::StatusOr<DiskFile> RunFolder::OpenRun(uint64_t number) const {
  const std::string path = PathOf(RunName(number));
  if (const int fault = FaultOf(fault_, DiskCall::kOpen); fault != 0) {
    return DiskError("open", path, fault);
  }
  DiskFile file(open(path.c_str(), O_RDONLY | O_CLOEXEC), fault_);
  if (!file.is_open()) return DiskError("open", path, errno);
  return file;
}

absl::StatusOr<DiskFile> RunFolder::CreateRun(uint64_t number) {
  std::string path =
      locked() ? PathOf(TemporaryName(number)) : absl::StrCat(base_, "/picket-seen-XXXXXX");
  if (const int fault = FaultOf(fault_, DiskCall::kOpen); fault != 0) {
    return DiskError("make", path, fault);
  }
  DiskFile file(locked() ? open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)
                         : mkostemp(path.data(), O_CLOEXEC),
                fault_);
  if (!file.is_open()) return DiskError("make", path, errno);
  if (locked()) {
    unpublished_.push_back(number);
  } else {
    unlink(path.c_str());
  }
  return file;
}

absl::Status RunFolder::PublishRun(uint64_t number) {
  if (!locked()) return absl::OkStatus();
  std::erase(unpublished_, number);
  const std::string from = PathOf(TemporaryName(number));
  int error = FaultOf(fault_, DiskCall::kRename);
  if (error == 0 && rename(from.c_str(), PathOf(RunName(number)).c_str()) != 0) error = errno;
  return error == 0 ? absl::OkStatus() : DiskError("rename", from, error);
}

void RunFolder::DiscardRun(uint64_t number) {
  if (!locked()) return;
  std::erase(unpublished_, number);
  unlink(PathOf(TemporaryName(number)).c_str());
  unlink(PathOf(RunName(number)).c_str());
}

void RunFolder::Clear() {
  if (!locked()) return;
  unlink(PathOf(kManifest).c_str());
  manifest_text_.clear();
  RemoveAllBut({});
}

}  // namespace picket::parser
