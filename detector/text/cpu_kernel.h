#pragma once

// The vector instruction sets that the loops over text are written for. The best one is chosen
// once, at run time; tests run each of them.

#include <cstdint>

namespace picket::detector {

enum class Kernel : uint8_t {
  kPortable,
  kAvx2,
  kAvx512,  // F, BW, VL, VBMI and VBMI2
};

// Whether this CPU supports the kernel.
bool HasKernel(Kernel kernel);
// The fastest kernel that this CPU supports.
Kernel BestKernel();

}  // namespace picket::detector
