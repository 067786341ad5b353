#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace picket {

// One line on standard error that is drawn again and again while the work lasts. Does nothing
// unless standard error is a terminal.
// Threads: one. Lifetime: the destructor removes the line.
class ProgressBar {
 public:
  // `files` are those to be read; their sizes give the percentage and the time that is left.
  explicit ProgressBar(const std::vector<std::string>& files);
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // True if the line should be drawn again: after the first second, then ten times a second.
  bool due() const;

  // `bytes` and `records` have been read so far. `more` follows them, such as "7 alerts".
  void Draw(uint64_t bytes, uint64_t records, const std::string& more);

  // Removes the line, so that other text can be printed.
  void Clear();

 private:
  double Seconds() const;  // since the start

  const bool on_terminal_;
  const std::chrono::steady_clock::time_point start_;
  double next_ = 1.0;  // when the line is due, in seconds since the start
  uint64_t size_ = 0;
  bool size_known_ = true;
  bool drawn_ = false;
};

}  // namespace picket
