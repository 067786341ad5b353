#pragma once

// Compiles the conditions of rules into the graph that compiled_rules.h describes.

#include <string>
#include <utility>
#include <vector>

#include "common/strings.h"
#include "detector/matching/atoms.h"
#include "detector/matching/compiled_rules.h"
#include "detector/matching/field_compiler.h"

namespace picket::detector {

// Compiles rules one after another. Equal parts of rules become one node. Parts are equal if they
// have the same canonical string.
// Threads: Use each instance from one thread. Lifetime: `out` and `resolve` must outlive the
// compiler.
class RuleCompiler {
 public:
  RuleCompiler(RuleSet::Compiled& out, const FieldResolver& resolve)
      : out_(out), fields_(out, resolve) {}

  // Adds a detection rule. Its expression must not contain placeholders.
  void AddRule(const sigma::SigmaDocument& document);

  // Returns the id of the field that a rule or correlation names.
  FieldId Intern(const std::string& name) { return fields_.Intern(name); }
  // Returns one field for each place to which a name refers.
  std::vector<FieldId> InternEachPlace(const std::string& name) {
    return fields_.InternEachPlace(name);
  }

  // Compiles element rules and builds the key tables, the conjuncts and the index. Call this
  // function once, after all rules have been added.
  void Finish();

 private:
  uint32_t AddNode(const sigma::Expression& expression);
  uint32_t AddElements(const sigma::Expression& expression);
  uint32_t AddPredicate(FieldId field, const std::vector<sigma::Test>& tests);
  void CompilePredicate(FieldId field, const std::vector<sigma::Test>& tests);
  void StoreStrings(PredicateDraft& draft);
  void AddGlob(const sigma::Test& test, PredicateDraft& draft);
  static void AddAddress(PredicateDraft& draft);
  static void StoreGlobs(PredicateDetails& details);
  void AddOther(const sigma::Test& test, PredicateDraft& draft);
  void AddAtoms(const PredicateDraft& draft, PredicateWitness& witness);
  uint32_t InternAtom(Atom atom);
  void AddName(FieldId field, const std::string& name);

  void FinishElementTests();
  void AddConnectives();
  void BuildIndex();

  RuleSet::Compiled& out_;
  FieldCompiler fields_;
  std::vector<std::pair<FieldId, std::string>>* names_ = nullptr;  // in the current rule
  std::vector<std::vector<sigma::ExpressionPtr>> element_rules_;   // indexed by element set
  StringMap<uint32_t> element_rule_of_key_;
  StringMap<uint32_t> predicate_of_key_;
  StringMap<uint32_t> atom_of_key_;
  StringMap<uint32_t> node_of_key_;
  StringMap<uint32_t> root_of_key_;
};

}  // namespace picket::detector
