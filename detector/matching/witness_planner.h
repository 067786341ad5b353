#pragma once

// Which part of a rule to look for: the one that is found least often.

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/compiled_rules.h"

namespace picket::detector {

// How often things are found is guessed, from their length, place and the number of rules that ask for them.
// Threads: one. Lifetime: `compiled` must outlive it. Complexity: each node is looked at once in each polarity.
class WitnessPlanner {
 public:
  // For some of the roots of `compiled`.
  WitnessPlanner(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots);

  // Whether the node cannot hold without one of some atoms.
  bool HasWitness(uint32_t node) { return FrequencyOf(node, false) < kNever; }
  // The atoms of the witness: one of them must be there.
  void AddAtoms(uint32_t node, std::vector<uint32_t>& atoms) { AddAtoms(node, false, atoms); }

  // The parts of a root that must all hold, in the order to ask them: what is cheap and seldom holds goes first. The
  // witness goes last, for it is there when a rule is asked.
  void AddConjuncts(uint32_t node, std::vector<Term>& conjuncts);

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity(), kUnknown = -1;

  void Count(uint32_t node, uint32_t root);
  // How often the witness of a node, or of its negation, is found in an event; kNever when there is none.
  double FrequencyOf(uint32_t node, bool is_negated);
  double FrequencyOf(const PredicateWitness& predicate, bool is_negated);
  void AddAtoms(uint32_t node, bool is_negated, std::vector<uint32_t>& atoms);
  // A node that must hold, or must not.
  struct Part {
    uint32_t node;
    bool is_negated;
  };
  void Flatten(uint32_t node, bool is_negated, std::vector<Part>& parts) const;
  // How likely it is that the node holds, in [0, 1].
  double ChanceOf(uint32_t node);

  const RuleSet::Compiled& compiled_;
  std::vector<uint32_t> rules_of_atom_;
  std::vector<double> atom_frequencies_;  // by atom; 0 until asked for
  std::vector<uint32_t> last_;            // by predicate: the root that was counted last
  std::vector<double> frequencies_;       // by node, twice: as it is, negated
};

}  // namespace picket::detector
