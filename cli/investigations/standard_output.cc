#include "cli/investigations/standard_output.h"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>

#include "absl/strings/str_cat.h"
#include "cli/terminal_text.h"
#include "common/error.h"

namespace picket {

StandardOutput::StandardOutput() : is_terminal_(isatty(STDOUT_FILENO) != 0) {
  std::signal(SIGPIPE, SIG_IGN);
}

void StandardOutput::Flush() {
  if (is_terminal_) text_ = PrintableJson(text_);
  if (status_.ok() && (std::fwrite(text_.data(), 1, text_.size(), stdout) != text_.size() ||
                       std::fflush(stdout) != 0)) {
    reader_is_gone_ = errno == EPIPE;
    status_ = absl::InvalidArgumentError(
        absl::StrCat("cannot write to standard output: ", ErrnoText(errno)));
  }
  text_.clear();
}

}  // namespace picket
