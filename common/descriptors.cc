#include "common/descriptors.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <limits>

#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/log.h"

namespace picket {
namespace {

// If the limit is lower, a warning is logged. A service needs about 20 descriptors for each worker,
// and the fetcher needs one for each request under way. With the default configuration on a machine
// with 8 cores, each service needs fewer than kLowLimit.
constexpr int64_t kLowLimit = 4096;

int64_t AsNumber(rlim_t limit) {
  return limit == RLIM_INFINITY || limit > static_cast<rlim_t>(std::numeric_limits<int>::max())
             ? std::numeric_limits<int>::max()
             : static_cast<int64_t>(limit);
}

}  // namespace

void RaiseDescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  if (limit.rlim_cur < limit.rlim_max) {
    rlimit raised = limit;
    raised.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &raised) != 0) {
      LogWarning("descriptor_limit_not_raised", {{"limit", AsNumber(limit.rlim_cur)},
                                                 {"wanted", AsNumber(limit.rlim_max)},
                                                 {"error", ErrnoText(errno)}});
    }
  }
  if (const int64_t now = DescriptorLimit(); now < kLowLimit) {
    LogWarning("descriptor_limit_low", {{"limit", now},
                                        {"recommended", kLowLimit},
                                        {"advice",
                                         "raise the hard limit: ulimit -Hn, or LimitNOFILE= in a "
                                         "systemd unit"}});
  }
}

int64_t DescriptorLimit() {
  rlimit limit = {};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return std::numeric_limits<int>::max();
  return AsNumber(limit.rlim_cur);
}

bool IsAtDescriptorLimit() {
  const int fd = open("/", O_PATH | O_CLOEXEC);
  if (fd >= 0) {
    close(fd);
    return false;
  }
  return errno == EMFILE || errno == ENFILE;
}

std::string DescribeDescriptorLimit() {
  return absl::StrCat("this process may have ", DescriptorLimit(),
                      " open files and sockets; raise the limit with ulimit -n, or LimitNOFILE= "
                      "in a systemd unit");
}

}  // namespace picket
