#pragma once

// The compiled form of a rule set, and how an event is matched against it.
//
//        EventReader       EventValues         CandidateFinder           Matcher
//   event ────────► values ────────────► literals ───────────► candidates ─────► verdict
//    JSON           of the fields        in the witness        rules with a      all conjuncts
//                   that rules name      of some rule          found literal     of a root hold
//
// Rules become the roots of one graph whose leaves are predicates. Equal parts exist only once, so
// a predicate that a hundred rules share is evaluated once per event, and copies of a rule need no
// additional work.
//
//   Predicate   A condition on the values of one field: "Operation is FileDeleted or FileMoved".
//   Node        A predicate, or an "and", "or" or "not" of other nodes.
//   Root        The node of a whole condition, with a log source. Equivalent rules share a root.
//   Atom        A literal at a certain place in a field, or the presence of a field.
//   Witness     A set of atoms. If the root holds, the event has at least one atom of its witness.
//   Term        A reference to a predicate or a node, possibly negated.
//   Connective  The evaluated form of an "and" or "or" node: a sequence of terms, cheapest first.
//   Conjunct    A term that must hold for a root to hold. A root holds if all its conjuncts hold.
//
// The witness planner chooses the rarest possible witness of each root. The index maps every
// literal of a witness to the roots that have this witness. Most events contain few of these
// literals, so the conjuncts of most roots are not evaluated.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "detector/matching/packed_strings.h"
#include "detector/matching/path_node.h"
#include "detector/matching/predicate.h"
#include "detector/matching/rule_set.h"

namespace picket::detector {

// Rules that are matched against the elements of arrays. The arrays are the values of one field.
struct ElementSet {
  FieldId field = kNoField;  // a field whose values are whole arrays
  std::shared_ptr<const RuleSet> rules;
};

struct Node {
  sigma::Expression::Kind kind;
  uint32_t predicate = 0;          // index in Compiled::predicates, if kind is kField
  std::vector<uint32_t> children;  // child nodes, cheapest first
  int cost = 0;
};

// See the comment at the top of this file.
struct Term {
  uint32_t index : 30;  // index of a predicate if is_predicate is 1, otherwise of a node
  uint32_t is_predicate : 1;
  uint32_t is_negated : 1;
};

struct Connective {
  uint32_t first = 0;  // index in Compiled::terms
  uint32_t count : 31 = 0;
  uint32_t is_and : 1 = 0;
};

class RuleIndex;

struct RuleSet::Compiled {
  Compiled();
  ~Compiled();

  std::vector<DetectionRule> rules;
  std::vector<CorrelationRule> correlations;

  std::vector<Atom> atoms;
  std::vector<Predicate> predicates;
  PackedStrings strings;
  std::vector<PredicateDetails> details;
  std::vector<PredicateWitness> witnesses;  // indexed by predicate
  std::vector<ElementSet> element_sets;
  bool has_keywords = false;  // true if a predicate tests kAnyField
  std::vector<Node> nodes;
  std::vector<Connective> connectives;  // indexed by node; only "and" and "or" nodes have terms
  std::vector<Term> terms;              // the terms of all connectives
  struct Root {
    uint32_t node;
    sigma::LogSource logsource;   // folded
    std::vector<uint32_t> rules;  // rules with this condition and log source
  };
  std::vector<Term> conjuncts;  // the conjuncts of all roots, in the order of evaluation
  // The index of the first conjunct of each root. The last entry is the end of all conjuncts.
  std::vector<uint32_t> first_conjunct;
  std::vector<Root> roots;
  std::vector<uint32_t> root_of_rule;

  size_t field_count = 1;        // includes kAnyField
  std::vector<bool> is_address;  // whether the values of a field are addresses; indexed by FieldId
  std::vector<PathNode> paths;   // paths[0] is the root of the event
  // The fields that each rule uses, with their names as written in the rule; indexed by rule.
  std::vector<std::vector<std::pair<FieldId, std::string>>> names_of_rule;

  std::unique_ptr<const RuleIndex> index;  // an index of all roots

  // Returns the term for a node. Negations in front of the node become part of the term.
  Term TermOf(uint32_t node) const {
    bool is_negated = false;
    for (; nodes[node].kind == sigma::Expression::Kind::kNot; node = nodes[node].children[0]) {
      is_negated = !is_negated;
    }
    const bool is_predicate = nodes[node].kind == sigma::Expression::Kind::kField;
    return {is_predicate ? nodes[node].predicate : node, is_predicate, is_negated};
  }
};

}  // namespace picket::detector
