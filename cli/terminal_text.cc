#include "cli/terminal_text.h"

#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include "absl/strings/str_format.h"
#include "common/strings.h"

namespace picket {
namespace {

// Returns the code point of a control character of ASCII, Latin-1 or General Punctuation.
uint32_t CodeOf(std::string_view character) {
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<uint8_t>(character[i]));
  };
  if (character.size() == 1) return byte(0);
  if (character.size() == 2) return (byte(0) & 0x1F) << 6 | (byte(1) & 0x3F);
  return (byte(0) & 0x0F) << 12 | (byte(1) & 0x3F) << 6 | (byte(2) & 0x3F);
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string printable;
  while (!text.empty()) {
    const size_t control = ControlLength(text), length = Utf8Length(text);
    const size_t size = std::max<size_t>({control, length, 1});
    if (control > 0) {
      const uint32_t code = CodeOf(text.substr(0, control));
      printable +=
          code < 0x80 ? absl::StrFormat("\\x%02x", code) : absl::StrFormat("\\u%04x", code);
    } else if (length == 0) {
      printable += absl::StrFormat("\\x%02x", static_cast<uint8_t>(text[0]));
    } else {
      printable += text.substr(0, size);
    }
    text.remove_prefix(size);
  }
  return printable;
}

std::string PrintableLines(std::string_view text) {
  std::string printable;
  for (;;) {
    const size_t end = text.find('\n');
    printable += Printable(text.substr(0, end));
    if (end == std::string_view::npos) return printable;
    printable += '\n';
    text.remove_prefix(end + 1);
  }
}

std::string PrintableJson(std::string_view lines) {
  std::string printable;
  bool begins_line = true, is_json = false;
  while (!lines.empty()) {
    if (begins_line) is_json = lines[0] == '{';
    begins_line = lines[0] == '\n';
    const size_t control = begins_line || !is_json ? 0 : ControlLength(lines);
    const size_t size = std::max<size_t>(control, 1);
    if (control > 0) {
      printable += absl::StrFormat("\\u%04x", CodeOf(lines.substr(0, control)));
    } else {
      printable += lines[0];
    }
    lines.remove_prefix(size);
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
