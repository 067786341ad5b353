#include "sigma/glob.h"

#include <algorithm>
#include <utility>

namespace picket::sigma {

Glob ParseGlob(std::string_view text) {
  Glob glob;
  const auto put = [&glob](char c) {
    if (glob.empty() || glob.back().kind != GlobPart::Kind::kText) {
      glob.push_back({GlobPart::Kind::kText, ""});
    }
    glob.back().text.push_back(c);
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\' && i + 1 < text.size() &&
        (text[i + 1] == '*' || text[i + 1] == '?' || text[i + 1] == '\\')) {
      put(text[++i]);
    } else if (c == '*') {
      if (glob.empty() || glob.back().kind != GlobPart::Kind::kAnyRun)
        glob.push_back({GlobPart::Kind::kAnyRun, ""});
    } else if (c == '?') {
      glob.push_back({GlobPart::Kind::kAnyOne, ""});
    } else {
      put(c);
    }
  }
  return glob;
}

bool HasWildcard(const Glob& glob) {
  return std::any_of(glob.begin(), glob.end(),
                     [](const GlobPart& part) { return part.kind != GlobPart::Kind::kText; });
}

std::string PlainText(const Glob& glob) {
  std::string text;
  for (const GlobPart& part : glob) text += part.text;
  return text;
}

Glob PlainGlob(std::string text) {
  if (text.empty()) return {};
  return {{GlobPart::Kind::kText, std::move(text)}};
}

void Append(const GlobPart& part, Glob& glob) {
  if (glob.empty() || part.kind != glob.back().kind || part.kind == GlobPart::Kind::kAnyOne) {
    glob.push_back(part);
  } else {
    glob.back().text += part.text;
  }
}

std::string PatternText(const Glob& glob) {
  std::string text;
  for (const GlobPart& part : glob) {
    if (part.kind == GlobPart::Kind::kText) {
      text += part.text;
    } else {
      text += part.kind == GlobPart::Kind::kAnyRun ? '*' : '?';
    }
  }
  return text;
}

}  // namespace picket::sigma
