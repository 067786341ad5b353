#include "cli/command_description.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "cli/command_line.h"

namespace picket {
namespace {

// Sets the fields of `option` that describe its allowed values. In CLI11, the type name of an
// option contains the type and the checks: "TEXT:{text,json}", "INT:INT in [1 - 9]",
// "TEXT:PATH(existing)".
void ReadTypeName(const std::string& type_name, CommandOption& option) {
  std::vector<std::string> parts = absl::StrSplit(type_name, ':');
  option.placeholder = parts.front();
  option.values = CommandOption::Values::kAny;
  for (const std::string& part : parts) {
    if (part.size() > 1 && part.front() == '{' && part.back() == '}') {
      option.values = CommandOption::Values::kChoice;
      option.choices = absl::StrSplit(part.substr(1, part.size() - 2), ',');
    } else if (part.starts_with("FILE") || part.starts_with("PATH")) {
      option.values = CommandOption::Values::kFile;
      option.placeholder = part.substr(0, 4);
    } else if (part.starts_with("DIR") || part == "FOLDER") {
      option.values = CommandOption::Values::kFolder;
      option.placeholder = "FOLDER";
    } else if (part == "COMMAND") {
      option.values = CommandOption::Values::kCommand;
    }
    const size_t open = part.find('[');
    const size_t close = part.rfind(']');
    if (open != std::string::npos && close != std::string::npos) {
      option.limits =
          absl::StrReplaceAll(part.substr(open + 1, close - open - 1), {{" - ", " to "}});
    }
  }
}

CommandOption DescribeOption(const CLI::Option& option) {
  CommandOption described;
  described.description = option.get_description();
  described.default_value = option.get_default_str();
  described.group = option.get_group();
  described.is_required = option.get_required();
  described.may_repeat = option.get_expected_max() > 1 || option.get_items_expected_max() > 1;
  if (option.get_type_size() != 0) ReadTypeName(option.get_type_name(), described);
  if (option.nonpositional()) {
    for (const std::string& name : option.get_snames()) described.names.push_back("-" + name);
    for (const std::string& name : option.get_lnames()) described.names.push_back("--" + name);
  } else {
    described.is_argument = true;
    described.names.push_back(option.get_name(true));
  }
  for (const CLI::Option* const other : option.get_needs()) {
    described.needs.push_back(other->get_name());
  }
  for (const CLI::Option* const other : option.get_excludes()) {
    described.excludes.push_back(other->get_name());
  }
  return described;
}

Command Describe(const CLI::App& app, std::vector<std::string> path) {
  Command command;
  command.path = std::move(path);
  command.description = app.get_description();
  command.group = app.get_group();
  command.footer = app.get_footer();
  for (const CLI::Option* const option : app.get_options()) {
    if (option->get_group().empty()) continue;
    CommandOption described = DescribeOption(*option);
    (described.is_argument ? command.arguments : command.options).push_back(std::move(described));
  }
  for (const CLI::App* const child : app.get_subcommands({})) {
    if (child->get_group().empty()) continue;
    std::vector<std::string> child_path = command.path;
    child_path.push_back(child->get_name());
    command.commands.push_back(Describe(*child, std::move(child_path)));
  }
  return command;
}

}  // namespace

std::string CommandOption::ValueName() const {
  return choices.empty() ? placeholder : absl::StrJoin(choices, "|");
}

std::string CommandOption::FullDescription() const {
  std::vector<std::string> notes;
  if (is_argument && !choices.empty()) notes.push_back(absl::StrJoin(choices, "|"));
  if (!limits.empty()) notes.push_back(limits);
  if (!default_value.empty()) notes.push_back(absl::StrCat("default ", default_value));
  if (is_required && !is_argument) notes.emplace_back("required");
  for (const std::string& option : needs) notes.push_back(absl::StrCat("needs ", option));
  for (const std::string& option : excludes) notes.push_back(absl::StrCat("not with ", option));
  if (notes.empty()) return description;
  return absl::StrCat(description, " (", absl::StrJoin(notes, ", "), ")");
}

std::string Command::FullName() const {
  return path.empty() ? "picket" : absl::StrCat("picket ", absl::StrJoin(path, " "));
}

const Command* Command::Find(std::string_view name) const {
  for (const Command& command : commands) {
    if (command.Name() == name) return &command;
  }
  return nullptr;
}

Command DescribeCommands(const CLI::App& app) { return Describe(app, {}); }

}  // namespace picket
