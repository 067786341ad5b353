#include "cli/application.h"

int main(int argc, char** argv) { return picket::RunCommandLine(argc, argv); }
