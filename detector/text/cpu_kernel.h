#pragma once

// Which instructions the text loops use. Chosen once, by what this CPU has; tests ask for each of them.

#include <cstdint>

namespace picket::detector {

enum class Kernel : uint8_t {
  kPortable,
  kAvx2,
  kAvx512,  // with BW, VL, VBMI and VBMI2
};

// Whether this CPU has the instructions.
bool HasKernel(Kernel kernel);
// The fastest that it has.
Kernel BestKernel();

}  // namespace picket::detector
