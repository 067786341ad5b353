#include "detector/correlation/correlations.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "common/sha256.h"

namespace picket::detector {
namespace {

bool Holds(const sigma::CountCondition& condition, int64_t count) {
  switch (condition.comparison) {
    case sigma::Comparison::kGreater:
      return count > condition.value;
    case sigma::Comparison::kGreaterEqual:
      return count >= condition.value;
    case sigma::Comparison::kLess:
      return count < condition.value;
    case sigma::Comparison::kLessEqual:
      return count <= condition.value;
    case sigma::Comparison::kEqual:
      return count == condition.value;
    case sigma::Comparison::kNotEqual:
      return count != condition.value;
  }
  return false;
}

}  // namespace

Correlations MakeCorrelations(absl::Span<const CorrelationRule> correlations,
                              absl::Span<const DetectionRule> rules) {
  Correlations made;
  for (const CorrelationRule& rule : correlations) {
    std::string versions;
    for (const uint32_t index : rule.rules) {
      if (index < rules.size()) versions += rules[index].info.version;
      versions += ' ';
    }
    const Sha256Digest digest = Sha256Of({rule.info.id, rule.info.version, versions});
    made.entries.push_back({rule, HexPrefix(digest, 16)});
  }
  return made;
}

namespace correlation {

Specs MakeSpecs(Correlations correlations) {
  Specs specs;
  uint32_t index = 0;
  for (Correlations::Entry& entry : correlations.entries) {
    auto spec = std::make_unique<Spec>();
    spec->rule = std::move(entry.rule);
    spec->hash = std::move(entry.hash);
    ParseHex64(spec->hash, &spec->id);
    spec->index = index++;
    spec->span = absl::ToInt64Milliseconds(spec->rule.timespan);
    spec->threshold = 1;
    for (const sigma::CountCondition& condition : spec->rule.conditions) {
      if (condition.comparison == sigma::Comparison::kGreater) {
        spec->threshold = std::max(spec->threshold, condition.value + 1);
      } else if (condition.comparison == sigma::Comparison::kGreaterEqual) {
        spec->threshold = std::max(spec->threshold, condition.value);
      } else {
        spec->immediate = false;
      }
    }
    specs.push_back(std::move(spec));
  }
  return specs;
}

const Spec* FindSpec(const Specs& specs, std::string_view hash) {
  for (const auto& spec : specs) {
    if (spec->hash == hash) return spec.get();
  }
  return nullptr;
}

bool AreSame(const Specs& specs, const Correlations& correlations) {
  if (specs.size() != correlations.entries.size()) return false;
  for (size_t i = 0; i < specs.size(); ++i) {
    if (specs[i]->hash != correlations.entries[i].hash) return false;
  }
  return true;
}

bool Fulfils(const CorrelationRule& rule, int64_t count) {
  return std::all_of(
      rule.conditions.begin(), rule.conditions.end(),
      [count](const sigma::CountCondition& condition) { return Holds(condition, count); });
}

bool ParseHex64(std::string_view text, uint64_t* number) {
  if (text.size() != 16) return false;
  const auto result = std::from_chars(text.data(), text.data() + 16, *number, 16);
  return result.ec == std::errc() && result.ptr == text.data() + 16;
}

}  // namespace correlation
}  // namespace picket::detector
