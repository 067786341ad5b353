// Defines `picket mapping list` and `picket mapping explain`.

#include <cstdio>
#include <memory>
#include <string>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "model/mapping.h"
#include "model/mapping_text.h"

namespace picket {

void AddMapping(CLI::App& app, int& exit_status) {
  CLI::App* const command =
      app.add_subcommand("mapping", "Show how audit operations and fields are mapped to events");
  command->require_subcommand(1);

  auto format = std::make_shared<std::string>("text");
  CLI::App* const list = command->add_subcommand("list", "Print the whole mapping");
  list->add_option("--format", *format, "Format of the output; markdown is docs/mapping.md")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->capture_default_str();
  list->callback([format, &exit_status] {
    const std::string text = *format == "json"       ? MappingAsJson()
                             : *format == "markdown" ? MappingAsMarkdown()
                                                     : MappingAsText();
    std::fputs(text.c_str(), stdout);
    exit_status = kExitOk;
  });

  auto operation = std::make_shared<std::string>();
  auto workload = std::make_shared<std::string>();
  CLI::App* const explain =
      command->add_subcommand("explain", "Show how the records of one operation are mapped");
  explain
      ->add_option("OPERATION", *operation,
                   "The operation as records write it: \"Add member to role.\"")
      ->required();
  explain->add_option("--workload", *workload,
                      "The workload as records write it: Exchange, MicrosoftTeams, ...");
  explain->callback([operation, workload, &exit_status] {
    std::fputs(ExplainOperation(*operation, *workload).c_str(), stdout);
    exit_status = kExitOk;
  });
  // The group is the heading in the list of commands. It is set last, because sub-commands that are
  // added later would inherit it.
  command->group(kRuleCommands);
}

}  // namespace picket
