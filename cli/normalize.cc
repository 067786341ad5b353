#include <cstdio>
#include <memory>

#include "cli/audit_input.h"
#include "cli/commands.h"

namespace picket {
namespace {

// Prints each event as a line.
class EventPrinter final : public AuditSink {
 public:
  explicit EventPrinter(StandardOutput& out) : out_(out) {}

  bool TakeEvent(const parser::NormalizedBatch& batch,
                 const parser::NormalizedBatch::Event& event) override {
    out_.text().append(batch.Json(event)).push_back('\n');
    return true;
  }

 private:
  StandardOutput& out_;
};

int Normalize(const AuditInputOptions& options) {
  StandardOutput out;
  EventPrinter printer(out);
  const absl::StatusOr<AuditTotals> totals = ReadAuditInput(options, out, printer);
  absl::Status status = totals.status();
  if (status.ok() && !options.stats.empty()) status = WriteStats(options.stats, *totals, -1);
  if (!status.ok()) {
    std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
    return 2;
  }
  std::fprintf(stderr, "%s\n", totals->Summary().c_str());
  return totals->ExitStatus();
}

}  // namespace

void AddNormalize(CLI::App& app, int& exit_status) {
  auto options = std::make_shared<AuditInputOptions>();
  CLI::App* const command =
      app.add_subcommand("normalize", "Print exported audit records as OCSF events, one a line");
  AddAuditInputOptions(*command, *options);
  command->callback([options, &exit_status] { exit_status = Normalize(*options); });
}

}  // namespace picket
