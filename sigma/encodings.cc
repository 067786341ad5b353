#include "sigma/encodings.h"

#include <algorithm>
#include <cstdint>

#include "absl/strings/escaping.h"
#include "common/strings.h"

namespace picket::sigma {
namespace {

// The maximum number of patterns for one value. The limit allows five switches with five spellings
// each.
constexpr size_t kMaxVariants = 3125;
constexpr size_t kMaxVariantBytes = 4 << 20;

bool IsWordCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         static_cast<unsigned char>(c) >= 0x80;
}

// The characters with which Windows programs let a switch begin.
constexpr std::string_view kDashes[] = {"-", "/", "\u2013", "\u2014", "\u2015"};

// Returns the size of the dash at a position, or 0 if there is no dash.
size_t DashSize(std::string_view text, size_t at) {
  for (const std::string_view dash : kDashes) {
    if (text.substr(at).starts_with(dash)) return dash.size();
  }
  return 0;
}

// Returns whether a character of a word begins at a position.
bool HasWord(std::string_view text, size_t at) {
  return at < text.size() && IsWordCharacter(text[at]) && DashSize(text, at) == 0;
}

}  // namespace

std::string Utf16(std::string_view text, bool big_endian) {
  std::string out;
  const auto put = [&](uint32_t unit) {
    const char high = static_cast<char>(unit >> 8), low = static_cast<char>(unit & 0xFF);
    out.push_back(big_endian ? high : low);
    out.push_back(big_endian ? low : high);
  };
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80       ? 1
                          : lead >> 5 == 6  ? 2
                          : lead >> 4 == 14 ? 3
                          : lead >> 3 == 30 ? 4
                                            : 0;
    uint32_t c = length <= 1 ? lead : lead & (0x7Fu >> length);
    bool ok = length != 0 && i + length <= text.size();
    for (size_t k = 1; ok && k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      ok = next >> 6 == 2;
      c = c << 6 | (next & 0x3Fu);
    }
    if (!ok) {
      put(0xFFFD);
      ++i;
      continue;
    }
    i += length;
    if (c >= 0x10000) {
      put(0xD800 + ((c - 0x10000) >> 10));
      put(0xDC00 + ((c - 0x10000) & 0x3FF));
    } else {
      put(c);
    }
  }
  return out;
}

std::string Base64(std::string_view bytes) { return absl::Base64Escape(ToAbsl(bytes)); }

std::array<std::string, 3> Base64Offsets(std::string_view bytes) {
  constexpr size_t kSkip[] = {0, 2, 3};
  constexpr size_t kDrop[] = {0, 3, 2};
  std::array<std::string, 3> variants;
  for (size_t offset = 0; offset < 3; ++offset) {
    std::string encoded = Base64(std::string(offset, ' ').append(bytes));
    const size_t end = encoded.size() - kDrop[(bytes.size() + offset) % 3];
    variants[offset] =
        kSkip[offset] < end ? encoded.substr(kSkip[offset], end - kSkip[offset]) : std::string();
  }
  return variants;
}

bool WindashVariants(const Glob& glob, std::vector<Glob>& variants) {
  variants.assign(1, Glob());
  for (const GlobPart& part : glob) {
    if (part.kind != GlobPart::Kind::kText) {
      for (Glob& variant : variants) variant.push_back(part);
      continue;
    }
    for (Glob& variant : variants) variant.push_back({GlobPart::Kind::kText, ""});
    bool is_after_word = false;
    for (size_t i = 0, size = 0; i < part.text.size(); i += size) {
      const size_t dash_size = DashSize(part.text, i);
      const bool begins_word = dash_size > 0 && !is_after_word && HasWord(part.text, i + dash_size);
      size = std::max<size_t>(dash_size, 1);
      is_after_word = HasWord(part.text, i);
      if (!begins_word) {
        for (Glob& variant : variants) variant.back().text.append(part.text, i, size);
        continue;
      }
      std::vector<Glob> more;
      const size_t count = variants.size() * std::size(kDashes);
      if (count > kMaxVariants || count * part.text.size() > kMaxVariantBytes) return false;
      for (const Glob& variant : variants) {
        for (const std::string_view dash : kDashes) {
          more.push_back(variant);
          more.back().back().text += dash;
        }
      }
      variants = std::move(more);
    }
  }
  return true;
}

}  // namespace picket::sigma
