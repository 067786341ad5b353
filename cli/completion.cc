#include "cli/completion.h"

#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/strings.h"

namespace picket {
namespace {

using Values = CommandOption::Values;

// Returns `text` in single quotes, so that a shell reads it as one word.
std::string Quoted(std::string_view text) {
  return absl::StrCat("'", absl::StrReplaceAll(ToAbsl(text), {{"'", "'\\''"}}), "'");
}

std::vector<std::string> NamesOf(const std::vector<Command>& commands) {
  std::vector<std::string> names;
  for (const Command& command : commands) names.push_back(command.Name());
  return names;
}

// Calls `visit` with the command and every command below it.
template <typename Visit>
void ForEachCommand(const Command& command, const Visit& visit) {
  visit(command);
  for (const Command& child : command.commands) ForEachCommand(child, visit);
}

std::string PathOf(const Command& command) { return absl::StrJoin(command.path, " "); }

// Returns the bash command that completes one value, or an empty string if nothing can be
// completed.
std::string BashValues(const CommandOption& option) {
  switch (option.values) {
    case Values::kChoice:
      return absl::StrCat("_picket_words ", Quoted(absl::StrJoin(option.choices, " ")));
    case Values::kFile:
      return "_picket_files -f";
    case Values::kFolder:
      return "_picket_files -d";
    case Values::kNone:
    case Values::kAny:
    case Values::kCommand:
      break;
  }
  return "";
}

constexpr char kBashBeginning[] =
    R"(# bash completion of picket, printed by `picket completion bash`.

_picket_words() {
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen -W "$1" -- "$current")
}

_picket_files() {
  compopt -o filenames 2> /dev/null
  mapfile -t -O "${#COMPREPLY[@]}" COMPREPLY < <(compgen "$1" -- "$current")
}

_picket() {
  local current=${COMP_WORDS[COMP_CWORD]} previous='' path='' describes=no i
  COMPREPLY=()
  [ "$COMP_CWORD" -gt 0 ] && previous=${COMP_WORDS[COMP_CWORD - 1]}
  # bash splits --format=json into three words.
  if [ "$current" = '=' ]; then
    current=''
  elif [ "$previous" = '=' ]; then
    previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    if [ "$i" = 1 ] && [ "${COMP_WORDS[i]}" = help ]; then
      describes=yes
      continue
    fi
    case "$path/${COMP_WORDS[i]}" in
)";

}  // namespace

std::string BashCompletion(const Command& root) {
  std::string steps, values, words;
  ForEachCommand(root, [&](const Command& command) {
    const std::string path = PathOf(command);
    for (const Command& child : command.commands) {
      absl::StrAppend(&steps, "      ", Quoted(absl::StrCat(path, "/", child.Name())),
                      ") path=", Quoted(PathOf(child)), " ;;\n");
    }
    std::vector<std::string> options;
    for (const CommandOption& option : command.options) {
      std::vector<std::string> patterns;
      for (const std::string& name : option.names) {
        options.push_back(name);
        patterns.push_back(Quoted(absl::StrCat(path, "/", name)));
      }
      if (option.values == Values::kNone) continue;
      const std::string complete = BashValues(option);
      absl::StrAppend(&values, "    ", absl::StrJoin(patterns, " | "), ") ", complete,
                      complete.empty() ? "" : "; ", "return ;;\n");
    }
    absl::StrAppend(&words, "    ", Quoted(path), ")\n");
    absl::StrAppend(&words, "      case $current in\n        -*) _picket_words ",
                    Quoted(absl::StrJoin(options, " ")), "; return ;;\n      esac\n");
    if (!command.commands.empty()) {
      absl::StrAppend(&words, "      _picket_words ",
                      Quoted(absl::StrJoin(NamesOf(command.commands), " ")), "\n");
    }
    for (const CommandOption& argument : command.arguments) {
      const std::string complete = BashValues(argument);
      if (!complete.empty()) absl::StrAppend(&words, "      ", complete, "\n");
    }
    absl::StrAppend(&words, "      ;;\n");
  });
  std::string descriptions;
  ForEachCommand(root, [&](const Command& command) {
    if (command.commands.empty()) return;
    absl::StrAppend(&descriptions, "      ", Quoted(PathOf(command)), ") _picket_words ",
                    Quoted(absl::StrJoin(NamesOf(command.commands), " ")), " ;;\n");
  });
  return absl::StrCat(kBashBeginning, steps, "    esac\n  done\n",
                      "  if [ \"$describes\" = yes ]; then\n    case $current in\n"
                      "      -*) _picket_words '-h --help'; return ;;\n    esac\n"
                      "    case $path in\n",
                      descriptions, "    esac\n    return\n  fi\n",
                      "  case \"$path/$previous\" in\n", values, "  esac\n", "  case $path in\n",
                      words, "  esac\n}\n\n", "complete -F _picket picket\n");
}

namespace {

// Escapes `text` for an argument of the zsh function _arguments. In such an argument, brackets and
// colons are special characters.
std::string ZshText(std::string_view text) {
  return absl::StrReplaceAll(ToAbsl(text),
                             {{"\\", "\\\\"}, {"[", "\\["}, {"]", "\\]"}, {":", "\\:"}});
}

// Returns text that describes to _arguments how the value of the option is completed, such as
// ":FILE:_files". Returns an empty string for a flag.
std::string ZshValues(const CommandOption& option) {
  std::string action;
  switch (option.values) {
    case Values::kNone:
      return "";
    case Values::kChoice:
      action = absl::StrCat("(", absl::StrJoin(option.choices, " "), ")");
      break;
    case Values::kFile:
      action = "_files";
      break;
    case Values::kFolder:
      action = "_files -/";
      break;
    case Values::kAny:
    case Values::kCommand:
      action = " ";
      break;
  }
  return absl::StrCat(":", ZshText(option.placeholder), ":", action);
}

std::string ZshFunctionName(const Command& command) {
  return absl::StrCat("_picket", command.path.empty() ? "" : "_", absl::StrJoin(command.path, "_"));
}

std::string ZshFunction(const Command& command) {
  std::vector<std::string> specifications;
  for (const CommandOption& option : command.options) {
    for (const std::string& name : option.names) {
      const bool is_long_value = option.values != Values::kNone && name.size() > 2;
      specifications.push_back(
          Quoted(absl::StrCat(option.may_repeat ? "*" : "", name, is_long_value ? "=" : "", "[",
                              ZshText(option.description), "]", ZshValues(option))));
    }
  }
  int position = 0;
  for (const CommandOption& argument : command.arguments) {
    CommandOption named = argument;
    named.placeholder = argument.names.front();
    specifications.push_back(Quoted(
        absl::StrCat(argument.may_repeat ? "*" : absl::StrCat(++position), ZshValues(named))));
  }
  std::string text = absl::StrCat(ZshFunctionName(command), "() {\n");
  if (command.commands.empty()) {
    absl::StrAppend(&text, "  _arguments \\\n    ", absl::StrJoin(specifications, " \\\n    "),
                    "\n}\n\n");
    return text;
  }
  specifications.push_back("'1: :->command'");
  specifications.push_back("'*:: :->rest'");
  absl::StrAppend(&text, "  local context state state_descr line\n  typeset -A opt_args\n",
                  "  _arguments -C \\\n    ", absl::StrJoin(specifications, " \\\n    "),
                  "\n  case $state in\n    command)\n      local -a commands=(\n");
  for (const Command& child : command.commands) {
    absl::StrAppend(&text, "        ",
                    Quoted(absl::StrCat(child.Name(), ":", ZshText(child.description))), "\n");
  }
  absl::StrAppend(&text, "      )\n      _describe command commands\n      ;;\n    rest)\n",
                  "      case $words[1] in\n");
  for (const Command& child : command.commands) {
    absl::StrAppend(&text, "        ", child.Name(), ") ", ZshFunctionName(child), " ;;\n");
  }
  absl::StrAppend(&text, "      esac\n      ;;\n  esac\n}\n\n");
  return text;
}

}  // namespace

std::string ZshCompletion(const Command& root) {
  std::string text =
      "#compdef picket\n# zsh completion of picket, printed by `picket completion zsh`.\n\n";
  ForEachCommand(root, [&](const Command& command) {
    if (!command.arguments.empty() &&
        command.arguments.front().values == CommandOption::Values::kCommand) {
      // After `picket help`, zsh offers the names of the top-level commands.
      absl::StrAppend(&text, ZshFunctionName(command), "() {\n  _arguments '*:COMMAND:(",
                      absl::StrJoin(NamesOf(root.commands), " "), ")'\n}\n\n");
      return;
    }
    absl::StrAppend(&text, ZshFunction(command));
  });
  return absl::StrCat(text,
                      "if [ \"$funcstack[1]\" = _picket ]; then\n  _picket \"$@\"\n"
                      "else\n  compdef _picket picket\nfi\n");
}

}  // namespace picket
