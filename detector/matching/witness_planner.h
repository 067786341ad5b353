#pragma once

// Chooses the witness of each root. The witness is the set of atoms that is expected to occur least
// often in events. See compiled_rules.h for the terms.

#include <cstdint>
#include <limits>
#include <vector>

#include "absl/types/span.h"
#include "detector/matching/compiled_rules.h"

namespace picket::detector {

// Plans the evaluation of roots. Frequencies are estimated from the length and place of each
// literal and from the number of rules that use the literal.
// Threads: Use each instance from one thread. Lifetime: `compiled` must outlive the planner.
// Complexity: The planner estimates each node at most twice: once for the node and once for its
// negation.
class WitnessPlanner {
 public:
  // Creates a planner for the given roots of `compiled`.
  WitnessPlanner(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots);

  // Returns whether the node has a witness, which compiled_rules.h defines.
  bool HasWitness(uint32_t node) { return FrequencyOf(node, false) < kNever; }
  // Adds the atoms of the node's witness. The node must have a witness.
  void AddAtoms(uint32_t node, std::vector<uint32_t>& atoms) { AddAtoms(node, false, atoms); }

  // Adds the conjuncts of a root in the order of evaluation. Cheap conjuncts that rarely hold come
  // first. The conjunct with the witness comes last: a root is evaluated only after an atom of its
  // witness was found in the event, and by then this conjunct usually holds.
  void AddConjuncts(uint32_t node, std::vector<Term>& conjuncts);

 private:
  static constexpr double kNever = std::numeric_limits<double>::infinity(), kUnknown = -1;

  void Count(uint32_t node, uint32_t root);
  // Estimates how often the witness of a node, or of its negation, occurs in an event. Returns
  // kNever if there is no witness.
  double FrequencyOf(uint32_t node, bool is_negated);
  double FrequencyOf(const PredicateWitness& predicate, bool is_negated);
  void AddAtoms(uint32_t node, bool is_negated, std::vector<uint32_t>& atoms);
  // A node that must hold or, if `is_negated` is true, must not hold.
  struct Part {
    uint32_t node;
    bool is_negated;
  };
  void Flatten(uint32_t node, bool is_negated, std::vector<Part>& parts) const;
  // Estimates the probability that the node holds.
  double ProbabilityOf(uint32_t node);

  const RuleSet::Compiled& compiled_;
  std::vector<uint32_t> rules_of_atom_;
  std::vector<double> atom_frequencies_;  // indexed by atom; 0 until computed
  std::vector<uint32_t> last_;       // for each predicate, the last root for which it was counted
  std::vector<double> frequencies_;  // two per node: for the node and for its negation
};

}  // namespace picket::detector
