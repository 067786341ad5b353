#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace picket {

// The counters that the demo shows, at one point in time.
struct DemoSnapshot {
  absl::Duration elapsed;
  uint64_t records_published = 0;
  uint64_t requests_served = 0;
  uint64_t blobs_stored = 0;
  uint64_t events = 0;
  uint64_t duplicates = 0;
  uint64_t dead_letters = 0;
  uint64_t events_matched = 0;  // events that the detector has processed, with or without an alert
  uint64_t alerts = 0;
  uint64_t alerts_expected = 0;
  std::string alerts_by_level;  // "4 critical, 78 high"; empty before the first alert
  struct Transactions {
    uint64_t fetcher = 0, parser = 0, detector = 0;
  } transactions;
};

// The parts of an alert that the demo prints.
struct AlertLine {
  int64_t time_ms = 0;
  std::string level;
  std::string tenant;
  std::string user;
  std::string what;       // title of the alert's rule
  std::string technique;  // ATT&CK technique
};

// Formats the alert as one line of aligned columns. If `colours` is true, colours the level.
std::string FormatAlert(const AlertLine& alert, bool colours);

// Prints alerts as lines that scroll, and redraws a block of counters below them. If standard
// output is not a terminal, prints plain lines, and prints the counters every few seconds.
// Threads: One thread uses an instance.
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
