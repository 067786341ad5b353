#pragma once

#include <span>
#include <string_view>

namespace picket::simulator {

// A behaviour that the detection pack promises to find. This list deliberately repeats what the
// rules contain: the stories declare their expected alerts with these behaviours, and tests compare
// the expected alerts with those that the rules raise.
struct Behaviour {
  std::string_view name;  // name of the rule's file, without its extension: "mass_download"
  std::string_view rule_id;
  std::string_view level;
  std::string_view technique;
};

std::span<const Behaviour> Behaviours();

// Returns the behaviour with this name. Aborts the program if there is none.
const Behaviour& FindBehaviour(std::string_view name);

}  // namespace picket::simulator
