#pragma once

#include <prometheus/metric_family.h>

#include <vector>

namespace picket {

// Reads the metrics of this process from the kernel: CPU time, memory, file descriptors, threads
// and start time. The names are those of the Prometheus client libraries. A value that cannot be
// read is left out.
// Threads: any thread may call it.
std::vector<prometheus::MetricFamily> ReadProcessMetrics();

}  // namespace picket
