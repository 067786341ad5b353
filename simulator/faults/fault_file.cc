#include "simulator/faults/fault_file.h"

#include <yaml-cpp/yaml.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/status_macros.h"
#include "common/strings.h"

namespace picket::simulator {
namespace {

// Reads a fault from a mapping of YAML or JSON, or from a string with the text of a fault.
absl::StatusOr<Fault> ReadFault(const YAML::Node& node) {
  if (node.IsScalar()) return ParseFault(node.Scalar());
  if (!node.IsMap()) {
    return absl::InvalidArgumentError("a fault is an object with the key kind, or its text");
  }
  if (!node["kind"].IsDefined() || !node["kind"].IsScalar()) {
    return absl::InvalidArgumentError("the key kind is missing; see picket simulate --list-faults");
  }
  Fault fault;
  const auto set = [&](std::string_view key, const YAML::Node& value) -> absl::Status {
    if (!value.IsScalar()) {
      return absl::InvalidArgumentError(
          absl::StrCat("the value of \"", ToAbsl(key), "\" is not a string or a number"));
    }
    return SetFaultProperty(fault, key, value.Scalar());
  };
  RETURN_IF_ERROR(set("kind", node["kind"]));
  if (node["value"].IsDefined()) RETURN_IF_ERROR(set("value", node["value"]));
  for (const auto& pair : node) {
    if (!pair.first.IsScalar()) return absl::InvalidArgumentError("a key is not a string");
    const std::string& key = pair.first.Scalar();
    if (key == "kind" || key == "value") continue;
    RETURN_IF_ERROR(set(key, pair.second));
  }
  if (RowOf(fault.kind).form != FaultValue::kNone && fault.value.empty()) {
    RETURN_IF_ERROR(SetFaultProperty(fault, "value", ""));
  }
  return fault;
}

absl::Status At(std::string_view name, int line, const absl::Status& status) {
  return absl::InvalidArgumentError(absl::StrCat(ToAbsl(name), ":", line, ": ", status.message()));
}

// Reads a fault from each line, which contains a JSON object or the text of a fault.
absl::StatusOr<std::vector<Fault>> ReadLines(std::string_view text, std::string_view name) {
  std::vector<Fault> faults;
  int number = 0;
  for (const absl::string_view raw : absl::StrSplit(ToAbsl(text), '\n')) {
    ++number;
    const std::string_view line = TrimBlanks(ToStd(raw));
    if (line.empty() || line.front() == '#') continue;
    absl::StatusOr<Fault> fault = absl::InvalidArgumentError("");
    if (line.front() == '{') {
      try {
        fault = ReadFault(YAML::Load(std::string(line)));
      } catch (const YAML::Exception& error) {
        fault = absl::InvalidArgumentError(absl::StrCat("not a JSON object: ", error.msg));
      }
    } else {
      fault = ParseFault(line);
    }
    if (!fault.ok()) return At(name, number, fault.status());
    faults.push_back(*std::move(fault));
  }
  return faults;
}

}  // namespace

absl::StatusOr<std::vector<Fault>> ReadFaults(std::string_view text, std::string_view name) {
  std::string_view first;
  for (const absl::string_view raw : absl::StrSplit(ToAbsl(text), '\n')) {
    first = TrimBlanks(ToStd(raw));
    if (!first.empty() && first.front() != '#') break;
  }
  const bool is_yaml = first.starts_with("- ") || first == "-" || first.starts_with("---") ||
                       first.starts_with("[") || first.starts_with("faults:");
  if (!is_yaml) return ReadLines(text, name);

  std::vector<Fault> faults;
  try {  // yaml-cpp reports errors as exceptions
    YAML::Node list = YAML::Load(std::string(text));
    if (list.IsMap()) list = list["faults"];
    if (!list.IsSequence()) {
      return At(name, 1, absl::InvalidArgumentError("not a list of faults"));
    }
    for (const YAML::Node& node : list) {
      absl::StatusOr<Fault> fault = ReadFault(node);
      if (!fault.ok()) return At(name, node.Mark().line + 1, fault.status());
      faults.push_back(*std::move(fault));
    }
  } catch (const YAML::Exception& error) {
    return At(name, error.mark.line + 1, absl::InvalidArgumentError(error.msg));
  }
  return faults;
}

}  // namespace picket::simulator
