#include "detector/matching/field_compiler.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "detector/text/fold.h"

namespace picket::detector {
namespace {

// Returns the paths of the arrays of a field, for a rule that tests whole arrays
// (Expression::Kind::kElements). The name of a Name/Value list, such as `Parameters`, is resolved
// to the paths of the names and values in the list. Without its last segment, such a path leads to
// the list itself.
std::vector<EventPath> ArraysOf(std::vector<EventPath> paths) {
  for (EventPath& path : paths) {
    const std::string last = path.segments.empty() ? "" : LowerAscii(path.segments.back());
    const bool is_member =
        last == "name" || last == "value" || last == "newvalue" || last == "oldvalue";
    if (is_member && paths.size() > 1 && path.segments.size() > 1) path.segments.pop_back();
  }
  return paths;
}

}  // namespace

FieldCompiler::FieldCompiler(RuleSet::Compiled& out, const FieldResolver& resolve)
    : out_(out), resolve_(resolve) {
  out_.paths.emplace_back();
  for (const char* const name : {"product", "service", "category"}) {
    const auto field = static_cast<FieldId>(out_.field_count++);
    AddPath({{name}, "", ""}, field);
  }
  out_.is_address.resize(out_.field_count);
}

FieldId FieldCompiler::InternPlaces(const std::string& name, bool takes_arrays) {
  StringMap<FieldId>& fields = takes_arrays ? array_of_name_ : field_of_name_;
  const auto known = fields.find(name);
  if (known != fields.end()) return known->second;
  const FieldId field =
      FieldAt(takes_arrays ? ArraysOf(resolve_(name)) : resolve_(name), takes_arrays);
  fields[name] = field;
  return field;
}

std::vector<FieldId> FieldCompiler::InternEachPlace(const std::string& name) {
  std::vector<FieldId> fields;
  for (EventPath& path : resolve_(name)) fields.push_back(FieldAt({std::move(path)}, false));
  return fields;
}

FieldId FieldCompiler::FieldAt(const std::vector<EventPath>& paths, bool takes_arrays) {
  std::string places = takes_arrays ? "arrays " : "";
  for (const EventPath& path : paths) {
    for (const std::string& segment : path.segments) {
      absl::StrAppend(&places, segment.size(), ":", segment, "/");
    }
    absl::StrAppend(&places, "[", Folded(path.member), "]", path.member_key,
                    path.is_address ? "@;" : ";");
  }
  const auto [found, is_new] =
      field_of_places_.try_emplace(places, static_cast<FieldId>(out_.field_count));
  if (is_new) {
    ++out_.field_count;
    out_.is_address.resize(out_.field_count);
    out_.is_address[found->second] =
        std::any_of(paths.begin(), paths.end(), [](const EventPath& p) { return p.is_address; });
    for (const EventPath& path : paths) AddPath(path, found->second, takes_arrays);
  }
  return found->second;
}

PathNode& FieldCompiler::NodeAt(const EventPath& path) {
  uint32_t at = 0;
  for (const std::string& segment : path.segments) {
    const auto found = out_.paths[at].children.find(segment);
    if (found != out_.paths[at].children.end()) {
      at = found->second;
      continue;
    }
    const auto next = static_cast<uint32_t>(out_.paths.size());
    out_.paths[at].children[segment] = next;
    out_.paths.emplace_back();
    at = next;
  }
  return out_.paths[at];
}

void FieldCompiler::AddPath(const EventPath& path, FieldId field, bool takes_arrays) {
  PathNode& node = NodeAt(path);
  if (path.member.empty()) {
    std::vector<FieldId>& fields = takes_arrays ? node.arrays : node.fields;
    if (std::find(fields.begin(), fields.end(), field) == fields.end()) fields.push_back(field);
    return;
  }
  const std::string key = path.member_key.empty() ? "Value" : path.member_key;
  auto known = std::find(node.pivot_keys.begin(), node.pivot_keys.end(), key);
  if (known == node.pivot_keys.end()) known = node.pivot_keys.insert(known, key);
  const auto index = static_cast<uint32_t>(known - node.pivot_keys.begin());
  const auto [member, is_new] =
      node.members.try_emplace(Folded(path.member), static_cast<uint32_t>(node.pivots.size()));
  if (is_new) node.pivots.emplace_back();
  node.pivots[member->second].push_back({index, field});
}

void FieldCompiler::BuildKeyTables() {
  if (out_.has_keywords) {
    for (const EventPath& path : resolve_("")) {
      PathNode& node = NodeAt(path);
      node.search = path.is_excluded ? PathNode::Search::kNo : PathNode::Search::kYes;
      node.placeholder = path.placeholder;
    }
  }
  out_.is_address.resize(out_.field_count);
  for (PathNode& node : out_.paths) {
    if (!node.children.empty()) node.keys.Build(node.children);
    if (!node.members.empty()) node.member_names.Build(node.members);
  }
}

}  // namespace picket::detector
