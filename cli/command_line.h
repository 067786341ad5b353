#pragma once

// CLI11, the parser of the command line. Only the files that define commands include CLI11, and
// they do so through this header. Because CLI11 takes many seconds to compile, the build can
// precompile this header.

#include <CLI/CLI.hpp>  // IWYU pragma: export
