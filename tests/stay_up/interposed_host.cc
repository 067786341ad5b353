#include "tests/stay_up/interposed_host.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "absl/strings/str_cat.h"
#include "common/check.h"

namespace picket {

InterposedHost::InterposedHost(std::string control_path) : control_path_(std::move(control_path)) {
  const int file = open(control_path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  PICKET_CHECK(file >= 0);
  PICKET_CHECK(ftruncate(file, sizeof(HostControl)) == 0);
  void* const memory =
      mmap(nullptr, sizeof(HostControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  PICKET_CHECK(memory != MAP_FAILED);
  close(file);
  control_ = static_cast<HostControl*>(memory);
}

InterposedHost::~InterposedHost() { munmap(control_, sizeof(HostControl)); }

std::vector<std::string> InterposedHost::Environment() const {
  return {absl::StrCat("LD_PRELOAD=", INTERPOSED_HOST_LIBRARY),
          absl::StrCat(kHostControlVariable, "=", control_path_),
          // The sanitizer would refuse to start because another library is loaded before it.
          "ASAN_OPTIONS=verify_asan_link_order=0"};
}

void InterposedHost::ShiftClock(absl::Duration shift) {
  control_->clock_shift_nanos = absl::ToInt64Nanoseconds(shift);
}

void InterposedHost::Redirect(int from, int to) {
  for (HostControl::Redirect& redirect : control_->redirects) {
    if (redirect.from != 0) continue;
    redirect.to = static_cast<uint16_t>(to);
    redirect.from = static_cast<uint16_t>(from);
    return;
  }
  PICKET_CHECK(!"all redirects are used");
}

}  // namespace picket
