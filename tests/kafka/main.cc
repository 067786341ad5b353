// kafka_tests [--seeds N] [--first N]: how many seeds the simulation of the worker runs, 20,000 by
// default.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/kafka/worker/simulation.h"

namespace picket::kafka {
// For simulation_test.cc.
SimulationArguments simulation_arguments;  // NOLINT
}  // namespace picket::kafka

int main(int argc, char** argv) {
  testing::InitGoogleMock(&argc, argv);
  picket::kafka::simulation_arguments = picket::kafka::ParseSimulationArguments(argc, argv);
  return RUN_ALL_TESTS();
}
