#pragma once

namespace picket {

// Parses the command line, runs the chosen command and returns the exit status of the process.
// Lists the commands if none is named, and suggests the nearest names for a misspelt command or
// option; every kind of wrong usage returns kExitWrongUsage.
int RunCommandLine(int argc, char** argv);

}  // namespace picket
