#pragma once

// Plans the changes to the topic `rules` that publish the rules of a set of files.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "detector/matching/rule_set.h"

namespace picket::detector {

// The content of the topic, as a map from rule ids to documents.
using PublishedRules = std::map<std::string, std::string, std::less<>>;

struct RulePublication {
  PublishedRules added;
  PublishedRules changed;
  std::vector<std::string> removed;  // ids of the rules to remove
  std::vector<std::string> kept;     // ids of the rules that are in no file but stay on the topic
  size_t unchanged = 0;

  bool IsEmpty() const { return added.empty() && changed.empty() && removed.empty(); }
};

// Compares the files with the topic. Rules on the topic that are in no file are removed if `prune`
// is true; otherwise they stay. All rules that the topic would contain after the changes are
// compiled together. If there is any error, the caller must not write anything. Each error names a
// file, or a document on the topic.
RulePublication PlanPublication(const std::vector<sigma::RuleFile>& files,
                                const PublishedRules& on_topic, bool prune,
                                std::vector<sigma::RuleFault>& faults);

// Splits a file into its documents without changing their text. Each document must have an id, and
// must be complete without the other documents, so `action: global` is not allowed. Otherwise, adds
// an error to `faults` and returns no documents.
PublishedRules SplitDocuments(const sigma::RuleFile& file, std::vector<sigma::RuleFault>& faults);

}  // namespace picket::detector
