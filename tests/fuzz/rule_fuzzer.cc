// The input is a rule and an event, separated by a line with %%%. Any input must give either rules
// or errors. The matcher must find the same matches as its slow twin (tests/twins/naive_matcher.h).

#include <simdjson.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "common/check.h"
#include "detector/matching/matcher.h"
#include "detector/matching/rule_set.h"
#include "sigma/sigma_document.h"
#include "tests/twins/naive_matcher.h"

namespace picket::detector {
namespace {

// Larger inputs are skipped: the slow twin would need too much time. It tries every position of a
// wildcard, and compiles a regular expression each time it evaluates a test.
constexpr size_t kMaxStars = 6;
constexpr size_t kMaxBytes = 4096;

void Check(std::string_view rule, std::string_view event) {
  std::vector<sigma::RuleFault> faults;
  const std::vector<sigma::RuleFile> files = {{"r.yml", std::string(rule)}};
  const auto rules = RuleSet::Compile(files, LiteralFieldName, faults);
  for (const sigma::RuleFault& fault : faults)
    PICKET_CHECK(!fault.message.empty() && fault.line > 0);
  Matcher matcher(rules);
  const absl::Span<const uint32_t> first = matcher.Match(event);
  const std::vector<uint32_t> found(first.begin(), first.end());
  // Match caches its results for the values of an event in the second call, and uses them in the
  // third call. All calls must return the same matches.
  const bool is_ok = matcher.ok();
  for (int time = 2; time <= 3; ++time) {
    const auto same = matcher.Match(event);
    PICKET_CHECK(matcher.ok() == is_ok);
    PICKET_CHECK(std::equal(found.begin(), found.end(), same.begin(), same.end()));
  }
  Matcher without_index(rules, {.use_index = false});
  const auto all = without_index.Match(event);
  // A matcher notices an invalid value only if it evaluates that value. Therefore, the results can
  // only be compared if neither matcher has found an invalid value.
  if (matcher.ok() && without_index.ok()) {
    PICKET_CHECK(std::equal(found.begin(), found.end(), all.begin(), all.end()));
  }

  // The slow twin supports neither correlations nor filters. RuleSet leaves out documents with
  // errors, such as a duplicate id. In these cases, the results are not compared.
  std::vector<sigma::RuleFault> again;
  std::vector<sigma::SigmaDocument> documents = sigma::ReadSigma(files[0], again);
  const bool is_plain = std::all_of(documents.begin(), documents.end(), [](const auto& document) {
    return document.kind == sigma::SigmaDocument::Kind::kDetection;
  });
  if (!is_plain || documents.size() != rules->rules().size()) return;
  if (static_cast<size_t>(std::count(rule.begin(), rule.end(), '*')) > kMaxStars) return;
  const std::optional<Json> json = ParseJson(event);
  if (!json.has_value() || json->type != Json::Type::kObject ||
      !simdjson::validate_utf8(event.data(), event.size())) {
    return;
  }
  PICKET_CHECK(matcher.ok());
  std::vector<uint32_t> expected;
  for (uint32_t i = 0; i < documents.size(); ++i) {
    if (NaivelyMatches(*documents[i].expression, *json)) expected.push_back(i);
  }
  PICKET_CHECK(std::equal(found.begin(), found.end(), expected.begin(), expected.end()));
}

}  // namespace
}  // namespace picket::detector

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > picket::detector::kMaxBytes) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const size_t cut = text.find("\n%%%\n");
  if (cut == std::string_view::npos) {
    picket::detector::Check(text, "{}");
  } else {
    picket::detector::Check(text.substr(0, cut + 1), text.substr(cut + 5));
  }
  return 0;
}
