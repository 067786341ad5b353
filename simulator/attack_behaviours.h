#pragma once

#include <span>
#include <string_view>

namespace picket::simulator {

// A behaviour that the detection pack (the rules in rules/) must find. The stories declare
// their expected alerts by behaviour, and tests compare these alerts with the alerts that the rules
// raise. The list of behaviours deliberately repeats facts of the rules. If it were read from the
// rules, the tests would not notice a wrong change of a rule.
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
