#pragma once

// CHECK for broken invariants: prints file, line and condition, then aborts. Bad input is never an invariant.

#include <cstdio>
#include <cstdlib>

#define PICKET_CHECK(condition)                                                          \
  do {                                                                                   \
    if (!(condition)) [[unlikely]] {                                                     \
      std::fprintf(stderr, "%s:%d: check failed: %s\n", __FILE__, __LINE__, #condition); \
      std::abort();                                                                      \
    }                                                                                    \
  } while (false)
