#pragma once

namespace CLI {
class App;
}

namespace picket {

// Adds `picket simulate verify`, which compares what a simulator published with the topics.
void AddSimulateVerify(CLI::App& simulate, int& exit_status);

}  // namespace picket
