#pragma once

// A typical recursive walk over simdjson's On-Demand values. The normaliser is compared with this
// walk.
//
// The walk is built in two forms from one source, because its speed depends on where it is defined.
// - Walk can be called from other files. Therefore, it receives a value in memory, as the calling
//   convention of the platform requires.
// - The form in parser_bench.cc is local to that file. gcc 12 specialises it, so that it receives a
//   value in registers. It is one and a half times as fast.
// With clang 14, both forms are equally fast, and slower than with gcc.

#include <simdjson.h>

#include <string>

namespace picket::bench {

// Appends the content of `value` to `out`. Throws simdjson's exception if the text is not JSON.
void Walk(simdjson::ondemand::value value, std::string& out);

}  // namespace picket::bench
