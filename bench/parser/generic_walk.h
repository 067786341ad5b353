#pragma once

// A recursive walk over simdjson's On-Demand values, which any program might write: the yardstick of the normaliser.
//
// It has two speeds, by nothing but where it stands. As a function that other files may call it takes a value as the
// platform's calling convention has it, in memory; local to one file gcc specialises it to take the parts of a value in
// registers, which makes it half as fast again (gcc 12; clang 14 makes both alike, and slower than either). So it is
// built both ways from one source.

#include <simdjson.h>

#include <string>

namespace picket::bench {

// Appends what `value` holds to `out`. Throws simdjson's error at what is no JSON.
void Walk(simdjson::ondemand::value value, std::string& out);

}  // namespace picket::bench
