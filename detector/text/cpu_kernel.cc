#include "detector/text/cpu_kernel.h"

namespace picket::detector {

bool HasKernel(Kernel kernel) {
#if defined(__x86_64__)
  switch (kernel) {
    case Kernel::kPortable:
      return true;
    case Kernel::kAvx2:
      return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
    case Kernel::kAvx512:
      return __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("avx512bw") &&
             __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi") &&
             __builtin_cpu_supports("avx512vbmi2");
  }
#endif
  return kernel == Kernel::kPortable;
}

Kernel BestKernel() {
  static const Kernel best = HasKernel(Kernel::kAvx512) ? Kernel::kAvx512
                             : HasKernel(Kernel::kAvx2) ? Kernel::kAvx2
                                                        : Kernel::kPortable;
  return best;
}

}  // namespace picket::detector
