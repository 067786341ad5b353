#include "detector/matching/witness_planner.h"

#include <algorithm>

#include "detector/matching/atoms.h"

namespace picket::detector {
namespace {

// Strings that occur in many events. A literal that is part of one of these strings is a poor
// witness.
constexpr std::string_view kCommonTexts[] = {
    R"(c:\windows\system32\cmd.exe /c )",
    R"(c:\windows\syswow64\)",
    R"(\windows\temp\)",
    R"(c:\program files (x86)\microsoft\)",
    R"(c:\programdata\)",
    R"(c:\users\public\)",
    R"(\appdata\local\temp\)",
    R"(\appdata\roaming\)",
    R"(\software\microsoft\windows\currentversion\)",
    R"(nt authority\system)",
    "powershell.exe",
    "svchost.exe -k netsvcs",
    "https://www.",
    ".com/",
    "http://",
    "/usr/bin/",
    "/etc/",
    "microsoft.",
    "command",
    "process",
    "service",
};

bool IsCommon(std::string_view literal) {
  return std::any_of(std::begin(kCommonTexts), std::end(kCommonTexts), [&](std::string_view text) {
    return text.find(literal) != std::string_view::npos;
  });
}

// Programs that run all day on every Windows machine, and other values that are very common in
// their fields.
constexpr std::string_view kCommonValues[] = {
    "chrome.exe",
    "cmd.exe",
    "conhost.exe",
    "csrss.exe",
    "dllhost.exe",
    "excel.exe",
    "explorer.exe",
    "firefox.exe",
    "lsass.exe",
    "msedge.exe",
    "msiexec.exe",
    "outlook.exe",
    "powershell.exe",
    "rundll32.exe",
    "runtimebroker.exe",
    "searchindexer.exe",
    "services.exe",
    "sihost.exe",
    "smss.exe",
    "spoolsv.exe",
    "svchost.exe",
    "taskhostw.exe",
    "teams.exe",
    "userinit.exe",
    "wininit.exe",
    "winlogon.exe",
    "winword.exe",
    "wmiprvse.exe",
    "false",
    "high",
    "low",
    "medium",
    "success",
    "system",
    "true",
};

bool IsCommonValue(std::string_view literal) {
  literal.remove_prefix(literal.rfind('\\') + 1);
  return std::find(std::begin(kCommonValues), std::end(kCommonValues), literal) !=
         std::end(kCommonValues);
}

// The frequency that is assumed for the presence of a field. The frequency is high because the
// presence of a field is less selective than any string in the field.
constexpr double kPresent = 1000;

// Estimates how often an atom occurs in an event. The estimate depends on the length and the place
// of the atom's literal, and on the number of rules that use the literal. Literals that many rules
// use, such as the EventID 4688 or \powershell.exe, are common in events.
double FrequencyOf(const Atom& atom, uint32_t rules) {
  const bool is_rare = HasRareCharacter(atom.literal);
  const size_t length = atom.literal.size() + (is_rare ? 3 : 0);
  double frequency = 1;
  switch (atom.kind) {
    case Atom::Kind::kWhole:
      frequency = length >= 12 ? 0.001 : length >= 5 ? 0.003 : 0.02;
      if (IsCommonValue(atom.literal)) frequency = 0.1;
      break;
    case Atom::Kind::kBegin:
    case Atom::Kind::kEnd:
      frequency = length >= 6 ? 0.004 : length >= 4 ? 0.05 : 0.3;
      if (IsCommonValue(atom.literal)) frequency = 0.1;
      if (IsCommon(atom.literal)) frequency = 0.5;
      break;
    case Atom::Kind::kInside:
      frequency = length >= 8   ? 0.002
                  : length >= 5 ? 0.01
                  : length == 4 ? 0.05
                  : length == 3 ? 0.2
                                : 0.8;
      if (IsCommon(atom.literal)) frequency = 0.5;
      break;
    case Atom::Kind::kPresent:
      return kPresent;
  }
  if (atom.field == kAnyField) frequency *= 4;
  return frequency * (1 + rules / 4.0);
}

// Returns the rank of a conjunct. Conjuncts with a low rank are cheap and often fail, so they are
// evaluated first.
double RankOf(double cost, double probability) { return cost / (1.01 - probability); }

}  // namespace

WitnessPlanner::WitnessPlanner(const RuleSet::Compiled& compiled, absl::Span<const uint32_t> roots)
    : compiled_(compiled),
      rules_of_atom_(compiled.atoms.size()),
      atom_frequencies_(compiled.atoms.size()),
      last_(compiled.predicates.size(), UINT32_MAX),
      frequencies_(compiled.nodes.size() * 2, kUnknown) {
  for (const uint32_t root : roots) Count(compiled.roots[root].node, root);
}

void WitnessPlanner::Count(uint32_t index, uint32_t root) {
  const Node& node = compiled_.nodes[index];
  for (const uint32_t child : node.children) Count(child, root);
  if (node.kind != sigma::Expression::Kind::kField || last_[node.predicate] == root) return;
  last_[node.predicate] = root;
  for (const uint32_t atom : compiled_.witnesses[node.predicate].atoms) ++rules_of_atom_[atom];
}

double WitnessPlanner::FrequencyOf(const PredicateWitness& predicate, bool is_negated) {
  if (is_negated) {
    return predicate.absence_excluded_by.has_value() ? kPresent : kNever;
  }
  if (!predicate.has_atoms) return kNever;
  double sum = 0;
  for (const uint32_t atom : predicate.atoms) {
    double& frequency = atom_frequencies_[atom];
    if (frequency == 0) {
      frequency = detector::FrequencyOf(compiled_.atoms[atom], rules_of_atom_[atom]);
    }
    sum += frequency;
  }
  return sum;
}

double WitnessPlanner::FrequencyOf(uint32_t index, bool is_negated) {
  double& known = frequencies_[index * 2 + (is_negated ? 1 : 0)];
  if (known != kUnknown) return known;
  const Node& node = compiled_.nodes[index];
  double frequency = 0;
  if (node.kind == sigma::Expression::Kind::kField) {
    frequency = FrequencyOf(compiled_.witnesses[node.predicate], is_negated);
  } else if (node.kind == sigma::Expression::Kind::kNot) {
    frequency = FrequencyOf(node.children[0], !is_negated);
  } else if ((node.kind == sigma::Expression::Kind::kAnd) != is_negated) {
    frequency = kNever;
    for (const uint32_t child : node.children) {
      frequency = std::min(frequency, FrequencyOf(child, is_negated));
    }
  } else {
    for (const uint32_t child : node.children) frequency += FrequencyOf(child, is_negated);
  }
  return known = frequency;
}

void WitnessPlanner::AddAtoms(uint32_t index, bool is_negated, std::vector<uint32_t>& atoms) {
  const Node& node = compiled_.nodes[index];
  if (node.kind == sigma::Expression::Kind::kField) {
    const PredicateWitness& predicate = compiled_.witnesses[node.predicate];
    if (is_negated) {
      atoms.push_back(*predicate.absence_excluded_by);
    } else {
      atoms.insert(atoms.end(), predicate.atoms.begin(), predicate.atoms.end());
    }
  } else if (node.kind == sigma::Expression::Kind::kNot) {
    AddAtoms(node.children[0], !is_negated, atoms);
  } else if ((node.kind == sigma::Expression::Kind::kAnd) != is_negated) {
    for (const uint32_t child : node.children) {
      if (FrequencyOf(child, is_negated) == FrequencyOf(index, is_negated)) {
        return AddAtoms(child, is_negated, atoms);
      }
    }
  } else {
    for (const uint32_t child : node.children) AddAtoms(child, is_negated, atoms);
  }
}

void WitnessPlanner::Flatten(uint32_t index, bool is_negated, std::vector<Part>& parts) const {
  const Node& node = compiled_.nodes[index];
  if (node.kind == sigma::Expression::Kind::kField) {
    parts.push_back({index, is_negated});
  } else if (node.kind == sigma::Expression::Kind::kNot) {
    Flatten(node.children[0], !is_negated, parts);
  } else if ((node.kind == sigma::Expression::Kind::kAnd) != is_negated) {
    for (const uint32_t child : node.children) Flatten(child, is_negated, parts);
  } else {
    parts.push_back({index, is_negated});
  }
}

double WitnessPlanner::ProbabilityOf(uint32_t index) {
  const Node& node = compiled_.nodes[index];
  double probability = 0;
  switch (node.kind) {
    case sigma::Expression::Kind::kField: {
      const PredicateWitness& predicate = compiled_.witnesses[node.predicate];
      // There is no estimate for a predicate without atoms, so assume an even chance.
      if (!predicate.has_atoms) return 0.5;
      return std::min(0.9, FrequencyOf(predicate, false));
    }
    case sigma::Expression::Kind::kNot:
      return 1 - ProbabilityOf(node.children[0]);
    case sigma::Expression::Kind::kAnd:
      probability = 1;
      for (const uint32_t child : node.children) probability *= ProbabilityOf(child);
      return probability;
    default:
      for (const uint32_t child : node.children) probability += ProbabilityOf(child);
      return std::min(0.9, probability);
  }
}

void WitnessPlanner::AddConjuncts(uint32_t root, std::vector<Term>& conjuncts) {
  std::vector<Part> parts;
  Flatten(root, false, parts);
  struct Ranked {
    Part part;
    double rank;
    double frequency;
  };
  std::vector<Ranked> ranked;
  double least = kNever;
  for (const Part& part : parts) {
    const double holds = ProbabilityOf(part.node);
    const double probability = part.is_negated ? 1 - holds : holds;
    const double frequency = FrequencyOf(part.node, part.is_negated);
    least = std::min(least, frequency);
    ranked.push_back({part, RankOf(compiled_.nodes[part.node].cost, probability), frequency});
  }
  std::stable_sort(ranked.begin(), ranked.end(), [&](const Ranked& a, const Ranked& b) {
    const bool a_is_witness = a.frequency == least, b_is_witness = b.frequency == least;
    if (a_is_witness != b_is_witness) return b_is_witness;
    return a.rank < b.rank;
  });
  for (const auto& [part, rank, frequency] : ranked) {
    const Node& node = compiled_.nodes[part.node];
    const bool is_predicate = node.kind == sigma::Expression::Kind::kField;
    conjuncts.push_back({is_predicate ? node.predicate : part.node, is_predicate, part.is_negated});
  }
}

}  // namespace picket::detector
