// Tests that the memory of `picket normalize` does not grow with the size of a single JSON array.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/strings.h"
#include "tests/support/temp_folder.h"

namespace picket {
namespace {

struct Normalizing {
  int64_t events = 0;
  int64_t file_bytes = 0;
  int64_t records = 0;
  int64_t resident_bytes = 0;  // maximum size of the resident set
};

// Normalises an array of about `bytes` bytes.
Normalizing NormalizeArray(const std::string& folder, int64_t bytes) {
  Normalizing run;
  const std::string input = folder + "array.json";
  const std::string output = folder + "events.ndjson";
  {
    const std::string samples = ReadFile("tests/data/records/samples.ndjson").value();
    std::ofstream file(input);
    char separator = '[';
    while (run.file_bytes < bytes) {
      for (const auto& record : absl::StrSplit(ToAbsl(samples), '\n', absl::SkipEmpty())) {
        file << separator << record;
        separator = ',';
        run.file_bytes += static_cast<int64_t>(record.size()) + 1;
        ++run.records;
      }
    }
    file << "]\n";
  }
  const pid_t child = fork();
  if (child == 0) {
    dup2(open(output.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600), STDOUT_FILENO);
    dup2(open("/dev/null", O_WRONLY), STDERR_FILENO);
    execl(PICKET_BINARY, "picket", "normalize", input.c_str(), "--keep-duplicates", nullptr);
    _exit(127);
  }
  int status = 0;
  rusage usage = {};
  EXPECT_EQ(wait4(child, &status, 0, &usage), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  run.resident_bytes = int64_t{usage.ru_maxrss} << 10;
  std::ifstream events(output);
  for (std::string line; std::getline(events, line);) ++run.events;
  std::filesystem::remove(input);
  std::filesystem::remove(output);
  return run;
}

TEST(OneArrayTest, MemoryDoesNotGrowWithTheArray) {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  GTEST_SKIP() << "under a sanitizer, memory also grows with what was freed";
#endif
  const TempFolder folder;
  const Normalizing small = NormalizeArray(folder.Path(), 1 << 20);
  for (const int64_t mib : {64, 256}) {
    const Normalizing large = NormalizeArray(folder.Path(), mib << 20);
    EXPECT_EQ(large.events, large.records);
    EXPECT_GE(large.file_bytes, mib << 20);
    // The command's buffers are not full with the small array, but they are with a larger array.
    // Therefore, up to 16 MiB more memory is allowed. The arrays differ by at least 63 MiB.
    EXPECT_LE(large.resident_bytes, small.resident_bytes + (16 << 20)) << mib << " MiB";
    std::printf("%lld MiB: %lld MiB resident at most (1 MiB: %lld MiB)\n",
                static_cast<long long>(mib), static_cast<long long>(large.resident_bytes >> 20),
                static_cast<long long>(small.resident_bytes >> 20));
  }
}

}  // namespace
}  // namespace picket
