#include "cli/demo/demo_view.h"

#include <algorithm>
#include <cstdio>

#include "absl/strings/str_format.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr absl::Duration kPlainInterval = absl::Seconds(5);

std::string_view Colour(std::string_view level) {
  if (level == "critical") return "\x1b[1;31m";
  if (level == "high") return "\x1b[31m";
  if (level == "medium") return "\x1b[33m";
  return "\x1b[36m";
}

// Pads or cuts `text` to a number of columns. Never cuts inside a UTF-8 character.
std::string Fit(std::string_view text, size_t width) {
  size_t columns = 0;
  size_t end = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0) == 0x80)
      continue;  // not the first byte of a character
    if (columns == width) break;
    ++columns;
    end = i + 1;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  }
  return std::string(text.substr(0, end)) + std::string(width - columns, ' ');
}

double Rate(uint64_t now, uint64_t before, absl::Duration span) {
  const double seconds = absl::ToDoubleSeconds(span);
  return seconds > 0 && now >= before ? static_cast<double>(now - before) / seconds : 0;
}

}  // namespace

std::string FormatAlert(const AlertLine& alert, bool colours) {
  const std::string time = absl::FormatTime(
      "%Y-%m-%d %H:%M:%S", absl::FromUnixMillis(alert.time_ms), absl::UTCTimeZone());
  std::string level = Fit(alert.level, 8);
  if (colours) level = absl::StrCat(ToAbsl(Colour(alert.level)), level, "\x1b[0m");
  return absl::StrCat(time, "  ", level, "  ", Fit(alert.tenant, 14), "  ", Fit(alert.user, 30),
                      "  ", Fit(alert.technique, 9), "  ", alert.what);
}

DemoView::~DemoView() { std::fflush(stdout); }

void DemoView::Erase() {
  if (block_lines_ > 0) std::printf("\x1b[%dA\x1b[J", block_lines_);
  block_lines_ = 0;
}

void DemoView::Line(std::string_view text) {
  Erase();
  std::printf("%.*s\n", static_cast<int>(text.size()), text.data());
  for (const std::string& line : block_) std::printf("%s\n", line.c_str());
  block_lines_ = terminal_ ? static_cast<int>(block_.size()) : 0;
  std::fflush(stdout);
}

void DemoView::Alert(const AlertLine& alert) { Line(FormatAlert(alert, terminal_)); }

void DemoView::Show(const DemoSnapshot& now) {
  if (!terminal_) {
    if (now.elapsed - last_plain_ < kPlainInterval) return;
    last_plain_ = now.elapsed;
    std::printf(
        "%3.0f s  published %d records, %d requests, %d blobs stored, %d events, %d duplicates, "
        "%d alerts of %d%s\n",
        absl::ToDoubleSeconds(now.elapsed), static_cast<int>(now.records_published),
        static_cast<int>(now.requests_served), static_cast<int>(now.blobs_stored),
        static_cast<int>(now.events), static_cast<int>(now.duplicates),
        static_cast<int>(now.alerts), static_cast<int>(now.alerts_expected),
        (now.alerts_by_level.empty() ? "" : ": " + now.alerts_by_level).c_str());
    std::fflush(stdout);
    return;
  }
  const absl::Duration span = now.elapsed - last_.elapsed;
  block_ = {
      std::string(),
      absl::StrFormat("  tenants   %7d records published   %6d requests served",
                      now.records_published, now.requests_served),
      absl::StrFormat("  fetcher   %7d blobs stored  %9.0f/s  %6d transactions", now.blobs_stored,
                      Rate(now.blobs_stored, last_.blobs_stored, span), now.transactions.fetcher),
      absl::StrFormat(
          "  parser    %7d events        %9.0f/s  %6d transactions   %d duplicates   %d "
          "dead letters",
          now.events, Rate(now.events, last_.events, span), now.transactions.parser, now.duplicates,
          now.dead_letters),
      absl::StrFormat("  detector  %7d events matched%9.0f/s  %6d transactions", now.events_matched,
                      Rate(now.events_matched, last_.events_matched, span),
                      now.transactions.detector),
      absl::StrFormat("  alerts    %7d of %d expected   %.0f s   %s", now.alerts,
                      now.alerts_expected, absl::ToDoubleSeconds(now.elapsed), now.alerts_by_level),
  };
  last_ = now;
  Erase();
  for (const std::string& line : block_) std::printf("%s\n", line.c_str());
  block_lines_ = static_cast<int>(block_.size());
  std::fflush(stdout);
}

}  // namespace picket
