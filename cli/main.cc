#include "cli/application.h"
#include "cli/stop_signals.h"

int main(int argc, char** argv) {
  picket::BlockHangupOfServices(argc, argv);
  return picket::RunCommandLine(argc, argv);
}
