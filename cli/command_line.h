#pragma once

// CLI11, the parser of the command line. Only the files that define commands include it, and only
// through this header: it takes many seconds to compile, so the build can precompile it here.

#include <CLI/CLI.hpp>  // IWYU pragma: export
