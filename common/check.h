#pragma once

// Checks an invariant: if it is broken, prints file, line and condition and aborts the process.
// Never use it for bad input.

#include <cstdio>
#include <cstdlib>

#define PICKET_CHECK(condition)                                                          \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
