#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace picket {

// A line on standard error that shows the progress of a command. The command calls Draw whenever
// due() returns true, which never happens unless standard error is a terminal.
// Threads: One thread uses an instance. Lifetime: the destructor removes the line.
class ProgressBar {
 public:
  // `files` are the files to read. Their sizes determine the percentage and the remaining time.
  explicit ProgressBar(const std::vector<std::string>& files);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Returns true if the line should be redrawn. The line is first drawn after one second, and then
  // redrawn at most ten times a second.
  bool due() const;

  // Draws the line. `bytes` and `records` are the amounts read so far. `more` is further text for
  // the end of the line, such as "7 alerts".
  void Draw(uint64_t bytes, uint64_t records, const std::string& more);

  // Removes the line, so that other text can be printed.
  void Clear();

 private:
  double Seconds() const;  // returns the seconds since the start

  const bool on_terminal_;
  const std::chrono::steady_clock::time_point start_;
  double next_ = 1.0;  // time of the next redraw, in seconds since the start
  uint64_t size_ = 0;
  bool size_known_ = true;
  bool drawn_ = false;
};

}  // namespace picket
