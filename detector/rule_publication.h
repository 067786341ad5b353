#pragma once

// Plans what to write to the topic `rules` so that it contains the rules of given files.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket::detector {

// The content of the topic: rule id → document.
using PublishedRules = std::map<std::string, std::string, std::less<>>;

struct RulePublication {
  PublishedRules added;
  PublishedRules changed;
  std::vector<std::string> removed;  // ids
  std::vector<std::string> kept;     // ids on the topic that are in no file and stay there
  size_t unchanged = 0;

  bool IsEmpty() const { return added.empty() && changed.empty() && removed.empty(); }
};

// Compares the files with the topic. Rules that are in no file are removed if `prune`; otherwise
// they stay. The rules that the topic would then contain are compiled together. If there is any
// fault, nothing may be written; each fault names its file or its place on the topic.
RulePublication PlanPublication(const std::vector<sigma::RuleFile>& files,
                                const PublishedRules& on_topic, bool prune,
                                std::vector<sigma::RuleFault>& faults);

// Splits a file into its documents, each as written. Returns none, with a fault, if a document is
// incomplete on its own (because it shares parts by `action: global`) or has no id.
PublishedRules SplitDocuments(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults);

}  // namespace picket::detector
