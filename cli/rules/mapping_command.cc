// `picket mapping list|explain`

#include "model/mapping.h"

#include <cstdio>
#include <memory>
#include <string>

#include "cli/commands.h"
#include "model/mapping_text.h"

namespace picket {

void AddMapping(CLI::App& app, int& exit_status) {
  CLI::App* const command =
      app.add_subcommand("mapping", "How audit operations and fields stand in events");
  command->require_subcommand(1);

  auto format = std::make_shared<std::string>("text");
  CLI::App* const list = command->add_subcommand("list", "Print the whole mapping");
  list->add_option("--format", *format, "text, json or markdown (docs/mapping.md)")
      ->check(CLI::IsMember({"text", "json", "markdown"}))
      ->capture_default_str();
  list->callback([format, &exit_status] {
    const std::string text = *format == "json"       ? MappingAsJson()
                             : *format == "markdown" ? MappingAsMarkdown()
                                                     : MappingAsText();
    std::fputs(text.c_str(), stdout);
    exit_status = 0;
  });

  auto operation = std::make_shared<std::string>();
  auto workload = std::make_shared<std::string>();
  CLI::App* const explain =
      command->add_subcommand("explain", "Tell what becomes of records of one operation");
  explain->add_option("OPERATION", *operation, "As records write it: \"Add member to role.\"")
      ->required();
  explain->add_option("--workload", *workload, "As records write it: Exchange, MicrosoftTeams, …");
  explain->callback([operation, workload, &exit_status] {
    std::fputs(ExplainOperation(*operation, *workload).c_str(), stdout);
    exit_status = 0;
  });
}

}  // namespace picket
