#pragma once

// CLI11, the parser of the command line. It takes many seconds to compile, so only the files that
// define or describe commands include it, and they do so through this header.

#include <CLI/CLI.hpp>  // IWYU pragma: export
