#include "sigma/rule_file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/strings.h"

namespace picket::sigma {

std::string RuleFault::ToString() const {
  const std::string_view kind = severity == Severity::kWarning ? "warning: " : "";
  if (line == 0) return absl::StrCat(file, ": ", ToAbsl(kind), message);
  return absl::StrCat(file, ":", line, ":", column, ": ", ToAbsl(kind), message);
}

std::vector<RuleFile> ReadRuleFiles(const std::string& path, std::vector<RuleFault>& faults) {
  namespace fs = std::filesystem;
  std::vector<std::string> paths;
  std::error_code error;
  if (fs::is_directory(path, error)) {
    fs::recursive_directory_iterator it(path, error);
    for (; !error && it != fs::recursive_directory_iterator(); it.increment(error)) {
      const std::string name = it->path().filename().string();
      // Skip hidden names, because editors and mounted volumes use them for copies of files.
      if (name.starts_with('.')) {
        it.disable_recursion_pending();
        continue;
      }
      const std::string lower = LowerAscii(name);
      if ((lower.ends_with(".yml") || lower.ends_with(".yaml")) && !lower.ends_with(".test.yml") &&
          !lower.ends_with(".test.yaml") && !it->is_directory()) {
        paths.push_back(it->path().string());
      }
    }
    if (error) faults.push_back({path, 0, 0, error.message()});
    std::sort(paths.begin(), paths.end());
  } else {
    paths.push_back(path);
  }
  return ReadRuleFilesAt(paths, faults);
}

std::vector<RuleFile> ReadRuleFilesAt(const std::vector<std::string>& paths,
                                      std::vector<RuleFault>& faults) {
  std::vector<RuleFile> files;
  for (const std::string& each : paths) {
    absl::StatusOr<std::string> text = ReadFile(each);
    if (!text.ok()) {
      faults.push_back({each, 0, 0, std::string(ToStd(text.status().message()))});
      continue;
    }
    files.push_back({each, *std::move(text)});
  }
  return files;
}

}  // namespace picket::sigma
