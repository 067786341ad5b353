#pragma once

namespace picket {

// Parses the command line, runs the chosen command and returns the exit status of the process. If
// no command is named, lists the commands. For a misspelt command or option, suggests the nearest
// names. Returns kExitWrongUsage for every kind of wrong usage.
int RunCommandLine(int argc, char** argv);

}  // namespace picket
