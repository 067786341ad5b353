// Usage: kafka_tests [--seeds N] [--first N]
// The options are for the simulation of the worker. --seeds is the number of seeds (20,000 by
// default), and --first is the first seed.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/simulation.h"

namespace picket::kafka {
// simulation_test.cc reads these arguments.
SimulationArguments simulation_arguments;  // NOLINT
}  // namespace picket::kafka

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  picket::kafka::simulation_arguments = picket::kafka::ParseSimulationArguments(argc, argv);
  return RUN_ALL_TESTS();
}
