#pragma once

// Checks an invariant. If the condition is false, prints the file, the line and the condition, and
// aborts the process. Never use this macro to check input.

#include <cstdio>
#include <cstdlib>

#define PICKET_CHECK(condition)                                                          \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
