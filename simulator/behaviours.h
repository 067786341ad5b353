#pragma once

#include <span>
#include <string_view>

namespace picket::simulator {

// What the detection pack promises to find, written down a second time on purpose: an alert of a story is declared in
// these words and compared with what the rules raise.
struct Behaviour {
  std::string_view name;  // "mass_download", as the rule's file
  std::string_view rule_id;
  std::string_view level;
  std::string_view technique;
};

std::span<const Behaviour> Behaviours();

// Failure: a name that is none ends the program.
const Behaviour& FindBehaviour(std::string_view name);

}  // namespace picket::simulator
