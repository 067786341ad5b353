#include "cli/investigations/progress_bar.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "cli/plural.h"

namespace picket {

ProgressBar::ProgressBar(const std::vector<std::string>& files)
    : on_terminal_(isatty(STDERR_FILENO) != 0), start_(std::chrono::steady_clock::now()) {
  for (const std::string& file : files) {
    struct stat about;
    if (file == "-" || stat(file.c_str(), &about) != 0 || !S_ISREG(about.st_mode)) {
      size_known_ = false;
      continue;
    }
    size_ += about.st_size;
  }
}

ProgressBar::~ProgressBar() { Clear(); }

double ProgressBar::Seconds() const {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
}

bool ProgressBar::due() const { return on_terminal_ && Seconds() >= next_; }

void ProgressBar::Draw(uint64_t bytes, uint64_t records, const std::string& more) {
  constexpr int kWidth = 30;
  std::string line = "\r\033[K";
  if (size_known_ && size_ > 0) {
    const double share = std::min(1.0, static_cast<double>(bytes) / static_cast<double>(size_));
    const int filled = static_cast<int>(share * kWidth);
    absl::StrAppendFormat(&line, "[%s%s] %3.0f %%  ", std::string(filled, '#'),
                          std::string(kWidth - filled, '.'), share * 100);
    if (share > 0) {
      const long left = std::lround(Seconds() * (1 - share) / share);
      absl::StrAppendFormat(&line, "%d:%02d left  ", left / 60, left % 60);
    }
  }
  absl::StrAppendFormat(&line, "%d MB  %s records  %.0f records/s", bytes / 1'000'000,
                        Grouped(records), static_cast<double>(records) / Seconds());
  if (!more.empty()) absl::StrAppend(&line, "  ", more);
  std::fputs(line.c_str(), stderr);
  drawn_ = true;
  next_ = Seconds() + 0.1;
}

void ProgressBar::Clear() {
  if (drawn_) std::fputs("\r\033[K", stderr);
  drawn_ = false;
}

}  // namespace picket
