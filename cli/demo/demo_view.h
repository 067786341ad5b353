#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace picket {

// What the demo shows of itself at one moment.
struct DemoSnapshot {
  absl::Duration elapsed;
  uint64_t records_published = 0;
  uint64_t requests_served = 0;
  uint64_t blobs_stored = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
  uint64_t dead_letters = 0;
  uint64_t events_matched = 0;  // events that the detector has taken in
  uint64_t alerts = 0;
  uint64_t alerts_expected = 0;
  std::string alerts_by_level;  // "4 critical, 78 high"; empty before the first
  struct Transactions {
    uint64_t fetcher = 0, parser = 0, detector = 0;
  } transactions;
};

// An alert as people read it: time, level, tenant, user, what happened, ATT&CK technique.
struct AlertLine {
  int64_t time_ms = 0;
  std::string level;
  std::string tenant;
  std::string user;
  std::string what;
  std::string technique;
};

// One line, columns aligned; colours by level when `colours`.
std::string FormatAlert(const AlertLine& alert, bool colours);

// Alerts scroll by; below them a block with the counters is drawn anew. Without a terminal: plain lines only, the counters
// every few seconds.
// Threads: one. Lifetime: the destructor leaves the cursor below the block.
class DemoView {
 public:
  explicit DemoView(bool terminal) : terminal_(terminal) {}
  ~DemoView();

  void Line(std::string_view text);
  void Alert(const AlertLine& alert);
  void Show(const DemoSnapshot& snapshot);

 private:
  void Erase();

  const bool terminal_;
  int block_lines_ = 0;
  std::vector<std::string> block_;
  DemoSnapshot last_;
  absl::Duration last_plain_ = -absl::InfiniteDuration();
};

}  // namespace picket
