#include "cli/help_text.h"

#include <algorithm>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/strings.h"

namespace picket {
namespace {

constexpr size_t kLineWidth = 80;
constexpr size_t kOptionColumn = 28;  // column in which the descriptions of options begin

// Appends `name`, followed by `description` from `column` onwards, in as many lines as necessary.
// If `name` is empty, appends `description` as a plain paragraph.
void AppendEntry(std::string_view name, std::string_view description, size_t column,
                 std::string& text) {
  std::string line = name.empty() ? "" : absl::StrCat("  ", ToAbsl(name));
  if (!line.empty() && line.size() + 2 > column) {
    absl::StrAppend(&text, line, "\n");
    line.clear();
  }
  bool is_first = true;
  for (const absl::string_view word : absl::StrSplit(ToAbsl(description), ' ')) {
    if (!is_first && line.size() + 1 + word.size() > kLineWidth) {
      absl::StrAppend(&text, line, "\n");
      line.clear();
      is_first = true;
    }
    if (is_first) {
      line.resize(column, ' ');
    } else {
      line.push_back(' ');
    }
    line.append(word.data(), word.size());
    is_first = false;
  }
  absl::StrAppend(&text, line, "\n");
}

std::string Usage(const Command& command) {
  std::string text = absl::StrCat("Usage: ", command.FullName(), " [OPTIONS]");
  if (!command.commands.empty()) {
    absl::StrAppend(&text, command.path.empty() ? " [COMMAND]" : " COMMAND");
  }
  for (const CommandOption& argument : command.arguments) {
    const std::string name = absl::StrCat(argument.names.front(), argument.may_repeat ? "..." : "");
    absl::StrAppend(&text, " ", argument.is_required ? name : absl::StrCat("[", name, "]"));
  }
  return text + "\n";
}

// Returns the headings of `entries`, in the order of their first occurrence.
template <typename Entry>
std::vector<std::string> GroupsOf(const std::vector<Entry>& entries) {
  std::vector<std::string> groups;
  for (const Entry& entry : entries) {
    if (std::find(groups.begin(), groups.end(), entry.group) == groups.end()) {
      groups.push_back(entry.group);
    }
  }
  return groups;
}

}  // namespace

std::string HelpText(const Command& command) {
  std::string text = absl::StrCat(Usage(command), "\n");
  AppendEntry("", command.description + ".", 0, text);
  if (!command.commands.empty()) absl::StrAppend(&text, "\n", CommandList(command));
  if (!command.arguments.empty()) absl::StrAppend(&text, "\nArguments:\n");
  for (const CommandOption& argument : command.arguments) {
    AppendEntry(absl::StrCat(argument.names.front(), argument.may_repeat ? "..." : ""),
                argument.FullDescription(), kOptionColumn, text);
  }
  for (const std::string& group : GroupsOf(command.options)) {
    absl::StrAppend(&text, "\n", group, ":\n");
    for (const CommandOption& option : command.options) {
      if (option.group != group) continue;
      const std::string value = option.ValueName();
      AppendEntry(absl::StrCat(absl::StrJoin(option.names, ", "), value.empty() ? "" : " ", value),
                  option.FullDescription(), kOptionColumn, text);
    }
  }
  if (command.footer.empty()) return text;
  text.push_back('\n');
  for (const std::string& paragraph :
       std::vector<std::string>(absl::StrSplit(command.footer, '\n'))) {
    AppendEntry("", paragraph, 0, text);
  }
  return text;
}

std::string CommandList(const Command& command) {
  size_t width = 0;
  for (const Command& each : command.commands) width = std::max(width, each.Name().size());
  std::string text;
  for (const std::string& group : GroupsOf(command.commands)) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", group, ":\n");
    for (const Command& each : command.commands) {
      if (each.group == group) AppendEntry(each.Name(), each.description, width + 4, text);
    }
  }
  return text;
}

}  // namespace picket
