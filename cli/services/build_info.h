#pragma once

#include "common/metrics.h"

namespace picket {

// Exports picket_build_info, whose labels contain the versions of the program and its libraries.
void ExportBuildInfo(Metrics& metrics);

}  // namespace picket
