#pragma once

// What must be written so that the topic `rules` holds the rules of some files.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket::detector {

// Rule id → document: what the topic holds.
using PublishedRules = std::map<std::string, std::string, std::less<>>;

struct RulePublication {
  PublishedRules added;
  PublishedRules changed;
  std::vector<std::string> removed;  // ids
  std::vector<std::string> kept;     // ids on the topic that no file has and that stay
  size_t unchanged = 0;

  bool IsEmpty() const { return added.empty() && changed.empty() && removed.empty(); }
};

// Compares the files with the topic. With `prune` what no file has is removed, else it stays. The rules that the topic
// would hold then are compiled together: with any fault, which names its file or its place on the topic, nothing is to
// be written.
RulePublication PlanPublication(const std::vector<sigma::RuleFile>& files,
                                const PublishedRules& on_topic, bool prune,
                                std::vector<sigma::RuleFault>& faults);

// The documents of a file, each as it is written there. Empty, with a fault, when one cannot stand alone (parts shared by
// `action: global`) or has no id.
PublishedRules SplitDocuments(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults);

}  // namespace picket::detector
