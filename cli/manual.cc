#include "cli/manual.h"

#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "common/strings.h"
#include "common/version.h"

namespace picket {
namespace {

// Escapes `text`, so that roff prints it unchanged. Writes characters outside ASCII as escape
// sequences, so that the page does not depend on the reader's locale.
std::string Roff(std::string_view text) {
  std::string escaped;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte == '\\') {
      escaped += "\\e";
    } else if (byte == '-') {
      escaped += "\\-";
    } else if (byte == '\'') {
      escaped += "\\(aq";
    } else if (byte == '.' && (i == 0 || text[i - 1] == '\n')) {
      escaped += "\\&.";
    } else if (byte >= 0xc0) {
      const int more = byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : 1;
      uint32_t code = byte & (0x3f >> more);
      for (int k = 0; k < more && i + 1 < text.size(); ++k) {
        code = code << 6 | (static_cast<unsigned char>(text[++i]) & 0x3f);
      }
      absl::StrAppendFormat(&escaped, "\\[u%04X]", code);
    } else {
      escaped += text[i];
    }
  }
  return escaped;
}

// Returns `text` with a full stop at the end, unless it already has one.
std::string Sentence(std::string_view text) {
  std::string sentence(text);
  if (!sentence.empty() && sentence.back() != '.') sentence += '.';
  return sentence;
}

std::string PageName(const Command& command) {
  return command.path.empty() ? "picket" : absl::StrCat("picket-", command.path.front());
}

std::string Bold(std::string_view text) { return absl::StrCat("\\fB", Roff(text), "\\fR"); }
std::string Italic(std::string_view text) { return absl::StrCat("\\fI", Roff(text), "\\fR"); }

std::string Synopsis(const Command& command) {
  std::string text = absl::StrCat(".B ", Roff(command.FullName()), "\n");
  if (!command.options.empty()) absl::StrAppend(&text, "[", Italic("options"), "]\n");
  if (!command.commands.empty()) absl::StrAppend(&text, Italic("command"), "\n");
  for (const CommandOption& argument : command.arguments) {
    const std::string name =
        absl::StrCat(Italic(argument.names.front()), argument.may_repeat ? "..." : "");
    absl::StrAppend(&text, argument.is_required ? name : absl::StrCat("[", name, "]"), "\n");
  }
  return text;
}

std::string Options(const Command& command) {
  std::string text;
  for (const CommandOption& argument : command.arguments) {
    absl::StrAppend(&text, ".TP\n", Italic(argument.names.front()), "\n",
                    Roff(Sentence(argument.FullDescription())), "\n");
  }
  for (const CommandOption& option : command.options) {
    std::vector<std::string> names;
    for (const std::string& name : option.names) names.push_back(Bold(name));
    const std::string value = option.ValueName();
    absl::StrAppend(&text, ".TP\n", absl::StrJoin(names, ", "),
                    value.empty() ? "" : absl::StrCat(" ", Italic(value)), "\n");
    absl::StrAppend(&text, Roff(Sentence(option.FullDescription())), "\n");
  }
  return text;
}

std::string Footer(const Command& command) {
  if (command.footer.empty()) return "";
  return absl::StrCat(".PP\n", absl::StrReplaceAll(Roff(command.footer), {{"\n", "\n.PP\n"}}),
                      "\n");
}

std::string List(const Command& command) {
  std::string text, group;
  for (const Command& child : command.commands) {
    if (child.group != group && command.path.empty()) {
      absl::StrAppend(&text, ".SS ", Roff(child.group), "\n");
      group = child.group;
    }
    absl::StrAppend(&text, ".TP\n", Bold(child.Name()), "\n", Roff(Sentence(child.description)),
                    "\n");
  }
  return text;
}

constexpr char kFiles[] =
    ".SH FILES\n"
    ".TP\n.I ./picket.yaml\n.TQ\n.I /etc/picket/picket.yaml\n"
    "Where service and operator commands look for the configuration, in this order, unless\n"
    "\\fB\\-\\-config\\fR names a file. A file found here is refused if its group or others may\n"
    "write to it, or if it belongs neither to root nor to the user who runs the command.\n";

constexpr char kExitStatuses[] =
    ".SH EXIT STATUS\n"
    ".TP\n.B 0\nSuccess.\n"
    ".TP\n.B 1\nSomething is wrong in the data: records, rules, topics or alerts.\n"
    ".TP\n.B 2\nWrong usage or configuration, or a file or the Kafka cluster failed.\n";

}  // namespace

std::string ManualPage(const Command& root, const Command& command) {
  const bool is_root = command.path.empty();
  const std::string page = PageName(command);
  std::string text =
      absl::StrCat(".\\\" Printed by `picket manual`.\n", ".TH ", Roff(absl::AsciiStrToUpper(page)),
                   " 1 \"\" \"picket ", Roff(kVersion), "\" \"Picket\"\n", ".SH NAME\n", Roff(page),
                   " \\- ", Roff(command.description), "\n", ".SH SYNOPSIS\n", Synopsis(command));
  if (is_root) {
    absl::StrAppend(&text, ".SH DESCRIPTION\n",
                    "The services \\fBfetch\\fR, \\fBparse\\fR and \\fBdetect\\fR meet on Kafka "
                    "topics: the first\ncollects the audit log of every tenant, the second turns "
                    "its records into OCSF events, and\nthe third evaluates the rules and raises "
                    "alerts. The other commands work without them.\n",
                    ".SH COMMANDS\n", List(command));
    absl::StrAppend(&text, ".SH OPTIONS\n", Options(command));
  } else if (command.commands.empty()) {
    absl::StrAppend(&text, ".SH OPTIONS\n", Options(command), Footer(command));
  } else {
    absl::StrAppend(&text, ".SH COMMANDS\n");
    for (const Command& child : command.commands) {
      absl::StrAppend(&text, ".SS ", Roff(child.Name()), "\n", Roff(Sentence(child.description)),
                      "\n.PP\n", Synopsis(child), Options(child), Footer(child));
    }
  }
  absl::StrAppend(&text, kFiles, kExitStatuses, ".SH SEE ALSO\n");
  std::vector<std::string> pages;
  if (!is_root) {
    pages.push_back("\\fBpicket\\fR(1)");
  } else {
    for (const Command& child : root.commands) {
      pages.push_back(absl::StrCat("\\fB", Roff(PageName(child)), "\\fR(1)"));
    }
  }
  absl::StrAppend(&text, absl::StrJoin(pages, ",\n"), "\n");
  return text;
}

absl::Status WriteManualPages(const Command& root, const std::string& folder) {
  const auto write = [&](const Command& command) {
    return WriteFile(absl::StrCat(folder, "/", PageName(command), ".1"), ManualPage(root, command));
  };
  RETURN_IF_ERROR(write(root));
  for (const Command& command : root.commands) RETURN_IF_ERROR(write(command));
  return absl::OkStatus();
}

}  // namespace picket
