// `picket normalize`

#include <unistd.h>

#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cli/investigations/audit_input.h"
#include "cli/investigations/side_by_side.h"
#include "cli/terminal_text.h"

namespace picket {
namespace {

struct NormalizeOptions {
  AuditInputOptions input;
  std::string to = "ocsf";
  std::string format = "text";  // of --beside
  bool beside = false;
};

// Prints what became of each record.
class EventPrinter final : public AuditSink {
 public:
  EventPrinter(const NormalizeOptions& options, StandardOutput& out)
      : options_(options), colours_(WantsColours(STDOUT_FILENO)), out_(out) {}

  bool TakeEvent(const parser::NormalizedBatch& batch,
                 const parser::NormalizedBatch::Event& event) override {
    std::string& text = out_.text();
    if (options_.beside) {
      const EventWithoutRaw split = SplitRawData(batch.Json(event));
      if (options_.format == "json") {
        AppendBesideJson(split.record, split.event, text);
      } else {
        AppendBesideText(split.record, split.event, colours_, text);
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
  options.input.raw_data |= options.beside;  // the record comes with its event
  StandardOutput out;
  EventPrinter printer(options, out);
  const absl::StatusOr<AuditTotals> totals = ReadAuditInput(options.input, out, printer);
  absl::Status status = totals.status();
  if (out.reader_is_gone()) return 0;  // as `| head`: it has what it wanted
  if (status.ok() && !options.input.stats.empty()) {
    status = WriteStats(options.input.stats, *totals, -1);
  }
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return 2;
  }
  std::fprintf(stderr, "%s\n", totals->Summary().c_str());
  return totals->ExitStatus();
}

}  // namespace

void AddNormalize(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<NormalizeOptions>();
  CLI::App* const command = app.add_subcommand(
      "normalize", "Print exported audit records as events, one a line, as the parser makes them");
  AddAuditInputOptions(*command, options->input);
  CLI::Option* const to =
      command
          ->add_option("--to", options->to,
                       "ocsf: OCSF 1.8.0; ecs: Elastic Common Schema; both: {\"ocsf\":…,\"ecs\":…} "
                       "for each record")
          ->check(CLI::IsMember({"ocsf", "ecs", "both"}))
          ->capture_default_str();
  command->add_flag("--raw-data", options->input.raw_data,
                    "Put the record's own text into each OCSF event");
  CLI::Option* const beside =
      command
          ->add_flag("--beside", options->beside,
                     "Print each record next to its OCSF event, field by field: '->' where a field "
                     "went, '.' what is kept under its own name, '+' what the mapping adds")
          ->excludes(to);
  command
      ->add_option(
          "--format", options->format,
          "How --beside prints: text for people, or json, a line {\"record\":…,\"event\":…,"
          "\"fields\":…} each")
      ->check(CLI::IsMember({"text", "json"}))
      ->needs(beside)
      ->capture_default_str();
  command->footer(kAuditInputFooter);
  command->callback([options, &exit_status] { exit_status = Normalize(*options); });
}

}  // namespace picket
