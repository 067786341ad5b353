// Tests that `picket replay` can read a large input from a pipe within a limited address space.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <simdjson.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <vector>

#include "absl/time/time.h"
#include "common/file.h"
#include "common/strings.h"

namespace picket {
namespace {

#ifdef __OPTIMIZE__
constexpr int64_t kBytes = 2'000'000'000;
#else
constexpr int64_t kBytes = 200'000'000;  // fewer bytes, because an unoptimised build is slow
#endif
constexpr int64_t kMemory = 256 << 20;
// The memory in bytes that the duplicate window may use for each Id.
constexpr int64_t kBytesAnId = 24;

// Produces audit records in rounds of about a megabyte. All rounds have the same records, but with
// different Ids and times.
class AuditStream {
 public:
  AuditStream() {
    const std::string samples = ReadFile("tests/data/records/samples.ndjson").value();
    while (text_.size() < (1 << 20)) text_ += samples;
    constexpr std::string_view kId = "\"Id\":\"";
    constexpr std::string_view kTime = "\"CreationTime\":\"";
    for (size_t at = 0; (at = text_.find(kId, at)) != std::string::npos;) {
      // A record may also contain objects with an Id, which must stay unchanged. Only the Ids of
      // the records have the digits "-5a11-4c0d-8e00".
      at += kId.size();
      if (text_.compare(at + 8, 15, "-5a11-4c0d-8e00") == 0) ids_.push_back(at + 24);
    }
    for (size_t at = 0; (at = text_.find(kTime, at)) != std::string::npos; ++at) {
      times_.push_back(at + kTime.size());
    }
  }

  // Returns the records of the next round. Every Id is new, and every CreationTime is half a minute
  // later than in the previous round.
  std::string_view Next() {
    const std::string time = absl::FormatTime("%Y-%m-%dT%H:%M:%S", time_, absl::UTCTimeZone());
    time_ += absl::Seconds(30);
    for (const size_t at : times_) std::memcpy(&text_[at], time.data(), time.size());
    for (const size_t at : ids_) {
      char digits[13];
      std::snprintf(digits, sizeof(digits), "%012llx", static_cast<unsigned long long>(++records_));
      std::memcpy(&text_[at], digits, 12);
    }
    return text_;
  }

  int64_t records() const { return records_; }

 private:
  std::string text_;
  std::vector<size_t> ids_;
  std::vector<size_t> times_;
  absl::Time time_ = absl::FromUnixSeconds(1'772'438'400);
  int64_t records_ = 0;
};

int64_t Count(const std::string& json, std::string_view key) {
  simdjson::dom::parser parser;
  int64_t value = -1;
  EXPECT_EQ(parser.parse(json)[key].get(value), simdjson::SUCCESS) << key << " in " << json;
  return value;
}

TEST(BigInputTest, ReplayOfTwoGigabytesStaysWithinItsMemory) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "a sanitizer's own address space is larger than any limit";
#endif
  AuditStream stream;
  const int64_t bytes_a_round = stream.Next().size();
  const int64_t expected_records = kBytes / bytes_a_round * stream.records();
  const int64_t limit = kMemory + expected_records * kBytesAnId;
  const std::string stats =
      (std::filesystem::path(testing::TempDir()) / absl::StrCat("big_input.", getpid())).string();

  signal(SIGPIPE, SIG_IGN);
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  if (child == 0) {
    dup2(ends[0], STDIN_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
    close(ends[0]);
    close(ends[1]);
    const rlimit memory = {static_cast<rlim_t>(limit), static_cast<rlim_t>(limit)};
    setrlimit(RLIMIT_AS, &memory);
    execl(PICKET_BINARY, "picket", "replay", "-", "--stats", stats.c_str(), nullptr);
    _exit(127);
  }
  close(ends[0]);
  int64_t written = 0;
  int64_t records = 0;
  bool open_end = true;
  for (std::string_view chunk = stream.Next(); open_end && written + bytes_a_round <= kBytes;
       chunk = stream.Next()) {
    while (!chunk.empty()) {
      const ssize_t n = write(ends[1], chunk.data(), chunk.size());
      if (n < 0) {
        open_end = false;  // the command ended early; its exit status shows why
        break;
      }
      chunk.remove_prefix(n);
      written += n;
    }
    records += expected_records / (kBytes / bytes_a_round);
  }
  close(ends[1]);
  int status = 0;
  rusage usage = {};
  ASSERT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status)) << "ended by signal " << WTERMSIG(status) << " after " << written
                                 << " bytes, resident set " << (usage.ru_maxrss >> 10) << " MiB";
  EXPECT_EQ(WEXITSTATUS(status), 0);
  const std::string counts = ReadFile(stats).value_or("{}");
  std::filesystem::remove(stats);
  EXPECT_EQ(Count(counts, "records"), records);
  EXPECT_EQ(Count(counts, "events"), records);
  std::printf("%.2f GB under a limit of %lld MiB: %s  largest resident set %ld MiB\n",
              written / 1e9, static_cast<long long>(limit >> 20), counts.c_str(),
              usage.ru_maxrss >> 10);
}

}  // namespace
}  // namespace picket
