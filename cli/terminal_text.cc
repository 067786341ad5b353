#include "cli/terminal_text.h"

#include <unistd.h>

#include <cstdlib>

namespace picket {

std::string Printable(std::string_view text) {
  std::string printable(text);
  for (size_t i = 0; i < printable.size(); ++i) {
    const auto c = static_cast<unsigned char>(printable[i]);
    // Terminals also interpret the control characters of Latin-1, U+0080 to U+009F.
    const bool is_latin1_control = c == 0xc2 && i + 1 < printable.size() &&
                                   static_cast<unsigned char>(printable[i + 1]) < 0xa0;
    if (is_latin1_control) {
      printable.replace(i, 2, "?");
    } else if (c < 0x20 || c == 0x7f) {
      printable[i] = '?';
    }
  }
  return printable;
}

bool WantsColours(int fd) {
  const char* const no_color = std::getenv("NO_COLOR");
  if (no_color != nullptr && *no_color != '\0') return false;
  const char* const term = std::getenv("TERM");
  return isatty(fd) != 0 && term != nullptr && std::string_view(term) != "dumb";
}

}  // namespace picket
