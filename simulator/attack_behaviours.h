#pragma once

#include <span>
#include <string_view>

namespace picket::simulator {

// What the detection pack promises to find, deliberately written down a second time: the stories
// declare their expected alerts with these behaviours, and tests compare them with the alerts that
// the rules raise.
struct Behaviour {
  std::string_view name;  // "mass_download", like the file of the rule
  std::string_view rule_id;
  std::string_view level;
  std::string_view technique;
};

std::span<const Behaviour> Behaviours();

// Failure: aborts the program if there is no behaviour of this name.
const Behaviour& FindBehaviour(std::string_view name);

}  // namespace picket::simulator
