#pragma once

// CLI11, the parser of the command line. Only the files that define commands include CLI11, and
// they include it through this header. It takes many seconds to compile, so the build can
// precompile this header.

#include <CLI/CLI.hpp>  // IWYU pragma: export
