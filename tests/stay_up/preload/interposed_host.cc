// A library for LD_PRELOAD that changes what a service sees of its host, namely the time of day and
// the target of connections to a port. The test changes both while the service runs, through the
// memory of tests/stay_up/host_control.h.
//
// Only the program itself, Abseil and the C++ library see the shifted time. librdkafka keeps the
// true time, because it waits with absolute times of day. When the clock of a real machine is set,
// the kernel adjusts such waits. It would not adjust them for a time that only this library shows.

#include <fcntl.h>
#include <link.h>
#include <netinet/in.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "tests/stay_up/host_control.h"

namespace {

constexpr int64_t kNanosPerSecond = 1'000'000'000;

struct CodeRange {
  uintptr_t begin;
  uintptr_t end;
};

// Initialize writes these once, before the program's main function. Before that, nothing is
// changed.
picket::HostControl* g_control = nullptr;
std::array<CodeRange, 512> g_shifted_code;
size_t g_shifted_count = 0;

int AddCodeOf(dl_phdr_info* object, size_t /*size*/, void* /*data*/) {
  const char* const name = object->dlpi_name;
  const bool is_program = name[0] == '\0';
  if (!is_program && std::strstr(name, "/libabsl") == nullptr &&
      std::strstr(name, "/libstdc++") == nullptr) {
    return 0;
  }
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const ElfW(Phdr)& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_X) == 0) continue;
    if (g_shifted_count == g_shifted_code.size()) std::abort();
    const uintptr_t begin = object->dlpi_addr + segment.p_vaddr;
    g_shifted_code[g_shifted_count++] = {begin, begin + segment.p_memsz};
  }
  return 0;
}

__attribute__((constructor)) void Initialize() {
  const char* const path = std::getenv(picket::kHostControlVariable);
  if (path == nullptr) return;
  const int file = open(path, O_RDWR | O_CLOEXEC);
  if (file < 0) std::abort();
  void* const memory =
      mmap(nullptr, sizeof(picket::HostControl), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  close(file);
  if (memory == MAP_FAILED) std::abort();
  dl_iterate_phdr(AddCodeOf, nullptr);
  g_control = static_cast<picket::HostControl*>(memory);
}

// Returns the shift of the clock for code that calls from `caller`.
int64_t ShiftFor(const void* caller) {
  if (g_control == nullptr) return 0;
  const int64_t shift = g_control->clock_shift_nanos.load(std::memory_order_relaxed);
  if (shift == 0) return 0;
  const auto address = reinterpret_cast<uintptr_t>(caller);
  for (size_t i = 0; i < g_shifted_count; ++i) {
    if (address >= g_shifted_code[i].begin && address < g_shifted_code[i].end) return shift;
  }
  return 0;
}

int64_t TimeOfDay(const void* caller) {
  timespec now{};
  syscall(SYS_clock_gettime, CLOCK_REALTIME, &now);
  return now.tv_sec * kNanosPerSecond + now.tv_nsec + ShiftFor(caller);
}

}  // namespace

extern "C" {

int clock_gettime(clockid_t id, timespec* time) noexcept {
  if (id != CLOCK_REALTIME && id != CLOCK_REALTIME_COARSE) {
    return static_cast<int>(syscall(SYS_clock_gettime, id, time));
  }
  const int64_t now = TimeOfDay(__builtin_return_address(0));
  time->tv_sec = now / kNanosPerSecond;
  time->tv_nsec = now % kNanosPerSecond;
  return 0;
}

int gettimeofday(timeval* time, void* /*zone*/) noexcept {
  const int64_t now = TimeOfDay(__builtin_return_address(0));
  time->tv_sec = now / kNanosPerSecond;
  time->tv_usec = now % kNanosPerSecond / 1000;
  return 0;
}

time_t time(time_t* result) noexcept {
  const time_t now = TimeOfDay(__builtin_return_address(0)) / kNanosPerSecond;
  if (result != nullptr) *result = now;
  return now;
}

int connect(int socket, const sockaddr* address, socklen_t length) {
  sockaddr_in changed{};
  if (g_control != nullptr && address->sa_family == AF_INET && length == sizeof(changed)) {
    std::memcpy(&changed, address, sizeof(changed));
    for (const picket::HostControl::Redirect& redirect : g_control->redirects) {
      if (redirect.from == 0 || redirect.from != ntohs(changed.sin_port)) continue;
      changed.sin_port = htons(redirect.to);
      address = reinterpret_cast<const sockaddr*>(&changed);
      break;
    }
  }
  return static_cast<int>(syscall(SYS_connect, socket, address, length));
}

}  // extern "C"
