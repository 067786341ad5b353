#include "cli/rules/rule_coverage.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "cli/exit_status.h"
#include "cli/plural.h"
#include "cli/rules/field_check.h"
#include "cli/rules/rule_files.h"
#include "cli/terminal_text.h"
#include "common/json_writer.h"
#include "common/strings.h"
#include "model/field_names.h"
#include "model/mapping.h"
#include "sigma/attack.h"
#include "sigma/sigma_document.h"

namespace picket {
namespace {

bool IsOperation(std::string_view name) {
  for (const EventPath& path : ResolveFieldName(name)) {
    if (path.segments == std::vector<std::string>{"metadata", "event_code"}) return true;
  }
  return false;
}

// States whether an expression can be true for some record, and whether it can be false for some
// record.
struct Verdicts {
  bool can_hold = true;
  bool can_fail = true;
};

// The unknown fields and the operations that a rule refers to. A field is unknown if no record can
// have it.
struct Reading {
  std::set<std::string> unknown_fields;
  std::set<std::string> operations;
};

// Returns what the author of a rule may have meant by its unknown fields.
std::string SuggestionsFor(const std::set<std::string>& unknown_fields) {
  std::string text;
  for (const std::string& field : unknown_fields) {
    const std::string similar = SimilarField(field);
    if (!similar.empty()) absl::StrAppend(&text, text.empty() ? "; did you mean " : ", ", similar);
  }
  return text.empty() ? text : text + "?";
}

Verdicts Read(const sigma::Expression& expression, bool negated, Reading& reading) {
  switch (expression.kind) {
    case sigma::Expression::Kind::kField: {
      if (expression.field.empty()) return {};
      if (IsOperation(expression.field) && !negated) {
        for (const sigma::Test& test : expression.tests) {
          if (test.kind == sigma::Test::Kind::kGlob)
            reading.operations.insert(sigma::PatternText(test.glob));
        }
      }
      if (IsKnownField(expression.field)) return {};
      reading.unknown_fields.insert(expression.field);
      const bool holds_without = std::any_of(expression.tests.begin(), expression.tests.end(),
                                             [](const sigma::Test& test) {
                                               return test.kind == sigma::Test::Kind::kNull ||
                                                      test.kind == sigma::Test::Kind::kNotExists;
                                             });
      return {holds_without, !holds_without};
    }
    case sigma::Expression::Kind::kElements: {
      if (IsKnownField(expression.field)) return {};
      reading.unknown_fields.insert(expression.field);
      // The index is outside every list, because no record has the field. Whether the condition
      // holds for a missing element is not analysed.
      if (expression.quantifier == sigma::Quantifier::kIndex) return {};
      const bool holds_without = expression.quantifier == sigma::Quantifier::kNone ||
                                 expression.quantifier == sigma::Quantifier::kAllOrEmpty;
      return {holds_without, !holds_without};
    }
    case sigma::Expression::Kind::kPlaceholder:
      return {};
    case sigma::Expression::Kind::kNot: {
      const Verdicts of = Read(*expression.children[0], !negated, reading);
      return {of.can_fail, of.can_hold};
    }
    case sigma::Expression::Kind::kAnd: {
      Verdicts all{true, false};
      for (const auto& child : expression.children) {
        const Verdicts each = Read(*child, negated, reading);
        all.can_hold &= each.can_hold;
        all.can_fail |= each.can_fail;
      }
      return all;
    }
    case sigma::Expression::Kind::kOr: {
      Verdicts any{false, true};
      for (const auto& child : expression.children) {
        const Verdicts each = Read(*child, negated, reading);
        any.can_hold |= each.can_hold;
        any.can_fail &= each.can_fail;
      }
      return any;
    }
  }
  return {};
}

void AddAttack(const sigma::RuleInfo& info, RuleCoverage& coverage) {
  const sigma::AttackTags tags = sigma::ReadAttackTags(info.tags);
  for (const sigma::AttackTactic* const tactic : tags.tactics) {
    coverage.tactics[std::string(tactic->uid)].rules.push_back(info.title);
  }
  for (const std::string& uid : tags.techniques) {
    RuleCoverage::Rules& technique = coverage.techniques[uid];
    technique.name = sigma::TechniqueName(uid);
    technique.rules.push_back(info.title);
  }
}

// A correlation leaves out the events that lack one of its fields. If no record has a field, the
// correlation never raises an alert.
void AddDeadCorrelation(const sigma::RuleFile& file, const sigma::SigmaDocument& document,
                        RuleCoverage& coverage) {
  for (const std::string& field : FieldsOfCorrelation(document.correlation)) {
    const std::string why = WhyNoRecordHas(field);
    if (why.empty()) continue;
    coverage.never.push_back({file.path, document.position.line, document.position.column,
                              absl::StrCat("'", document.info.title, "' can never match: ", why)});
    return;
  }
}

}  // namespace

RuleCoverage CoverageOf(const std::vector<sigma::RuleFile>& files,
                        std::vector<sigma::RuleFault>& faults) {
  RuleCoverage coverage;
  for (const sigma::AttackTactic& tactic : sigma::AttackTactics()) {
    coverage.tactics[std::string(tactic.uid)].name = tactic.name;
  }
  for (const sigma::RuleFile& file : files) {
    for (const sigma::SigmaDocument& document : sigma::ReadSigma(file, faults)) {
      if (document.kind == sigma::SigmaDocument::Kind::kFilter) continue;
      ++coverage.rules;
      AddAttack(document.info, coverage);
      if (document.kind == sigma::SigmaDocument::Kind::kCorrelation) {
        AddDeadCorrelation(file, document, coverage);
        continue;
      }
      Reading reading;
      const Verdicts verdicts = Read(*document.expression, false, reading);
      for (const std::string& operation : reading.operations) {
        RuleCoverage::Operation& covered = coverage.operations[operation];
        covered.has_row = MapOperation({}, operation, -1, false).by == MappedBy::kRow;
        covered.rules.push_back(document.info.title);
      }
      if (reading.operations.empty()) coverage.any_operation.push_back(document.info.title);
      if (!verdicts.can_hold) {
        coverage.never.push_back(
            {file.path, document.position.line, document.position.column,
             absl::StrCat("'", document.info.title, "' can never match: no record has ",
                          absl::StrJoin(reading.unknown_fields, ", "),
                          SuggestionsFor(reading.unknown_fields))});
      }
    }
  }
  return coverage;
}

std::string CoverageText(const RuleCoverage& coverage) {
  std::string text = absl::StrCat("ATT&CK: ", Counted(coverage.techniques.size(), "technique"),
                                  ", ", Counted(coverage.rules, "rule"), "\n");
  for (const auto& [uid, tactic] : coverage.tactics) {
    absl::StrAppend(
        &text,
        absl::StrFormat("  %-10s %-24s %s\n", uid, tactic.name,
                        tactic.rules.empty() ? "no rule" : Counted(tactic.rules.size(), "rule")));
  }
  for (const auto& [uid, technique] : coverage.techniques) {
    absl::StrAppend(&text, absl::StrFormat("  %-10s %s: %s\n", uid, technique.name,
                                           absl::StrJoin(technique.rules, "; ")));
  }
  absl::StrAppend(&text, "\nOperations: ", coverage.operations.size(), "\n");
  for (const auto& [name, operation] : coverage.operations) {
    absl::StrAppend(&text,
                    absl::StrFormat("  %-52s %s%s\n", name, Counted(operation.rules.size(), "rule"),
                                    operation.has_row ? "" : ", no row in the mapping"));
  }
  if (!coverage.any_operation.empty()) {
    absl::StrAppend(&text, "  any: ", absl::StrJoin(coverage.any_operation, "; "), "\n");
  }
  absl::StrAppend(&text, "\nRules that can never match: ", coverage.never.size(), "\n");
  for (const sigma::RuleFault& rule : coverage.never) {
    absl::StrAppend(&text, "  ", rule.ToString(), "\n");
  }
  return text;
}

std::string CoverageJson(const RuleCoverage& coverage) {
  std::string text;
  JsonWriter json(&text);
  const auto titles = [&json](const std::vector<std::string>& rules) {
    json.Key("rules").BeginArray();
    for (const std::string& rule : rules) json.Value(rule);
    json.EndArray();
  };
  json.BeginObject().Key("rules").Value(coverage.rules);
  for (const auto* const attack : {&coverage.tactics, &coverage.techniques}) {
    json.Key(attack == &coverage.tactics ? "tactics" : "techniques").BeginArray();
    for (const auto& [uid, covered] : *attack) {
      json.BeginObject().Key("uid").Value(uid).Key("name").Value(covered.name);
      titles(covered.rules);
      json.EndObject();
    }
    json.EndArray();
  }
  json.Key("operations").BeginArray();
  for (const auto& [name, operation] : coverage.operations) {
    json.BeginObject().Key("operation").Value(name).Key("mapped").Value(operation.has_row);
    titles(operation.rules);
    json.EndObject();
  }
  json.EndArray().Key("any_operation").BeginArray();
  for (const std::string& rule : coverage.any_operation) json.Value(rule);
  json.EndArray().Key("never").BeginArray();
  for (const sigma::RuleFault& rule : coverage.never) {
    json.BeginObject().Key("file").Value(rule.file).Key("line").Value(rule.line);
    json.Key("reason").Value(rule.message).EndObject();
  }
  json.EndArray().EndObject();
  return text + "\n";
}

int PrintCoverage(const std::vector<std::string>& paths, bool as_json) {
  std::vector<sigma::RuleFault> faults;
  const RuleCoverage coverage = CoverageOf(ReadRules(paths, faults), faults);
  PrintFaults(faults);
  const std::string text =
      as_json ? CoverageJson(coverage) : PrintableLines(CoverageText(coverage));
  std::fwrite(text.data(), 1, text.size(), stdout);
  return faults.empty() && coverage.never.empty() ? kExitOk : kExitFaultInData;
}

}  // namespace picket
