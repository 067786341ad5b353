#pragma once

// A typical recursive walk over simdjson's On-Demand values. The normaliser is compared with this
// walk.
//
// The speed of the walk depends on where it is defined. If other files can call the function, it
// receives a value in memory, as the calling convention of the platform requires. If the function
// is local to one file, gcc specialises it so that it receives the parts of a value in registers.
// This makes the walk one and a half times as fast. (This is true of gcc 12. With clang 14 both
// forms are equally fast, and slower than either form with gcc.) The walk is therefore built in
// both forms from one source.

#include <simdjson.h>

#include <string>

namespace picket::bench {

// Appends the content of `value` to `out`. Throws simdjson's error if the text is not JSON.
void Walk(simdjson::ondemand::value value, std::string& out);

}  // namespace picket::bench
