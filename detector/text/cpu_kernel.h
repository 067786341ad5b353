#pragma once

// Selects the instruction set for the loops that process text. Each loop exists in several
// versions, called kernels. The fastest kernel that the CPU supports is chosen once, at run time.
// Tests run every supported kernel.

#include <cstdint>

namespace picket::detector {

enum class Kernel : uint8_t {
  kPortable,
  kAvx2,
  kAvx512,  // the subsets F, BW, VL, VBMI and VBMI2
};

// Returns true if this CPU supports the kernel.
bool HasKernel(Kernel kernel);
// Returns the fastest kernel that this CPU supports.
Kernel BestKernel();

}  // namespace picket::detector
