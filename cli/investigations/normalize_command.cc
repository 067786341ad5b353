// `picket normalize` prints the events of audit records.

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/exit_status.h"
#include "cli/investigations/audit_input.h"
#include "cli/investigations/side_by_side.h"
#include "cli/terminal_text.h"

namespace picket {
namespace {

struct NormalizeOptions {
  AuditInputOptions input;
  std::string to = "ocsf";
  std::string format = "text";  // format of --beside
  bool side_by_side = false;    // whether --beside is given
};

// Prints every event in the format that the options choose.
class EventPrinter final : public AuditSink {
 public:
  EventPrinter(const NormalizeOptions& options, StandardOutput& out)
      : options_(options), colours_(WantsColours(STDOUT_FILENO)), out_(out) {}

  bool AddEvent(const parser::NormalizedBatch& batch,
                const parser::NormalizedBatch::Event& event) override {
    std::string& text = out_.text();
    if (options_.side_by_side) {
      const EventWithoutRaw split = SplitRawData(batch.Json(event));
      if (options_.format == "json") {
        AppendSideBySideJson(split.record, split.event, text);
      } else {
        AppendSideBySideText(split.record, split.event, colours_, text);
      }
    } else if (options_.to == "both") {
      text.append("{\"ocsf\":").append(batch.Json(event));
      text.append(",\"ecs\":").append(batch.Ecs(event)).append("}\n");
    } else {
      text.append(options_.to == "ecs" ? batch.Ecs(event) : batch.Json(event)).push_back('\n');
    }
    return true;
  }

 private:
  const NormalizeOptions& options_;
  const bool colours_;
  StandardOutput& out_;
};

int Normalize(NormalizeOptions options) {
  options.input.ecs = options.to != "ocsf";
  // The comparison needs the original record, so each event must contain the text of its record.
  options.input.raw_data |= options.side_by_side;
  StandardOutput out;
  EventPrinter printer(options, out);
  const absl::StatusOr<AuditTotals> totals = ReadAuditInput(options.input, out, printer);
  absl::Status status = totals.status();
  if (out.reader_is_gone()) return kExitOk;  // `picket normalize … | head` is not an error
  if (status.ok() && !options.input.stats.empty()) {
    status = WriteStats(options.input.stats, *totals, -1);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return kExitWrongUsage;
  }
  if (!totals->IsEmptyFailure()) std::fprintf(stderr, "%s\n", totals->Summary().c_str());
  return totals->ExitStatus();
}

}  // namespace

void AddNormalize(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<NormalizeOptions>();
  CLI::App* const command = app.add_subcommand(
      "normalize", "Convert exported audit records to events, and print one event on each line");
  command->group(kInvestigationCommands);
  AddAuditInputOptions(*command, options->input);
  CLI::Option* const to =
      command
          ->add_option("--to", options->to,
                       "Schema of the events: OCSF 1.8.0, Elastic Common Schema, or both as "
                       "{\"ocsf\":...,\"ecs\":...}")
          ->check(CLI::IsMember({"ocsf", "ecs", "both"}))
          ->capture_default_str();
  command->add_flag("--raw-data", options->input.raw_data,
                    "Put the record's own text into each OCSF event");
  CLI::Option* const side_by_side =
      command
          ->add_flag(
              "--beside", options->side_by_side,
              "Print each record next to its OCSF event, field by field: '->' for a field that "
              "was mapped, '.' for one that is kept under its own name, '+' for one that the "
              "mapping added")
          ->excludes(to);
  command
      ->add_option("--format", options->format,
                   "Format of --beside: text, or json with a line {\"record\":...,\"event\":...,"
                   "\"fields\":...} for each record")
      ->check(CLI::IsMember({"text", "json"}))
      ->needs(side_by_side)
      ->capture_default_str();
  command->footer(kAuditInputFooter);
  command->callback([options, &exit_status] { exit_status = Normalize(*options); });
}

}  // namespace picket
