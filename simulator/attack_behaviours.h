#pragma once

#include <span>
#include <string_view>

namespace picket::simulator {

// A behaviour that the detection pack promises to find. The list of behaviours deliberately repeats
// facts that the rules contain. The stories use the list to declare their expected alerts, and
// tests compare the expected alerts with the alerts that the rules raise.
struct Behaviour {
  std::string_view name;  // name of the rule's file, without its extension: "mass_download"
  std::string_view rule_id;
  std::string_view level;
  std::string_view technique;
};

std::span<const Behaviour> Behaviours();

// Returns the behaviour with this name. Aborts the program if there is no such behaviour.
const Behaviour& FindBehaviour(std::string_view name);

}  // namespace picket::simulator
