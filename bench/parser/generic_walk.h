#pragma once

// A recursive walk over simdjson's On-Demand values, as any program might contain it: the yardstick
// of the normaliser.
//
// Its speed depends on where it is defined. As a function that other files can call, it gets a
// value in memory, as the platform's calling convention requires. Local to one file, gcc
// specialises it to get the parts of a value in registers, which makes it one and a half times as
// fast (gcc 12; with clang 14 both forms are equally fast, and slower than either). It is therefore
// built in both ways from one source.

#include <simdjson.h>

#include <string>

namespace picket::bench {

// Appends the content of `value` to `out`. Throws simdjson's error if the text is not JSON.
void Walk(simdjson::ondemand::value value, std::string& out);

}  // namespace picket::bench
