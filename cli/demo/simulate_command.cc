// `picket simulate` serves a simulated Management Activity API.

#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "cli/command_line.h"
#include "cli/commands.h"
#include "cli/demo/simulate_verify.h"
#include "cli/exit_status.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "simulator/faults/fault_file.h"
#include "simulator/simulator.h"

namespace picket {
namespace {

struct SimulateOptions {
  std::string listen = "127.0.0.1:0";
  // The number of tenants to invent. If the number is 0 and --records names a file, the tenants in
  // this file are simulated. If the number is 0 without --records, one tenant is invented.
  int tenants = 0;
  int64_t delay_ms = 0;
  std::string expectations_file;
  std::string published_ids_file;
  std::string config_dir;
  simulator::SimulatorOptions simulator;
  simulator::FeedOptions feed;
  bool list_faults = false;
  std::vector<std::string> faults;
  std::string faults_file;
  std::string steady_interval;
  std::string steady_backlog;
  std::vector<std::string> certificates;  // files, or TENANT=FILE
  std::vector<std::string> federations;   // ISSUER,SUBJECT,FILE
  // The values of most options for common faults, such as --server-errors.
  simulator::Faults shares;
};

void AddSimulateOptions(CLI::App& command, SimulateOptions& o) {
  command
      .add_option("--listen", o.listen,
                  "Address to listen on, host:port; port 0 chooses a free port")
      ->capture_default_str();
  command.add_flag("--https", o.simulator.https,
                   "Serve HTTPS with a certificate of an authority that is created at the start");
  command
      .add_option("--ca-file", o.simulator.ca_file,
                  "File for the authority's certificate (default: ca.pem in --write-config)")
      ->type_name("FILE");
  command
      .add_option("--tenants", o.tenants,
                  "Number of tenants (default: those of the records file, or 1)")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--seed", o.feed.seed, "Seed of all random choices")->capture_default_str();
  command
      .add_option("--write-config", o.config_dir,
                  "Write tenants.d/ and secrets/ for `picket fetch` into this folder")
      ->type_name("FOLDER");
  command
      .add_option("--expectations", o.expectations_file,
                  "Write the alerts that the attacks must raise to this file, as JSON")
      ->type_name("FILE");
  command
      .add_option(
          "--published-ids", o.published_ids_file,
          "Write the Ids of all records, by tenant, to this file when all are published and "
          "at the end")
      ->type_name("FILE");

  command
      .add_option("--publish-log", o.simulator.publish_log,
                  "Append a row for each published blob to this file, for `picket simulate verify`")
      ->type_name("FILE");

  const std::string kContent = "Content of the tenants' logs";
  command
      .add_option("--records", o.feed.records_file,
                  "Serve the records of this file, JSON lines, plain or gzip, instead of generated "
                  "ones")
      ->type_name("FILE")
      ->group(kContent);
  command
      .add_option("--total-records", o.feed.total_records,
                  "Repeat the file, with new Ids, until there are this many records")
      ->group(kContent);
  command
      .add_option("--records-per-tenant", o.feed.records_per_tenant,
                  "Number of records to generate for each tenant")
      ->capture_default_str()
      ->group(kContent);
  command.add_option("--campaigns", o.feed.campaigns, "Number of times that each attack happens")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000))
      ->group(kContent);
  command
      .add_flag("--forever", o.feed.forever,
                "Continue work and attacks in real time; content expires after an hour")
      ->group(kContent);
  command
      .add_option("--rate", o.feed.records_per_second,
                  "Records per second of all tenants together; 0 publishes everything at once")
      ->capture_default_str()
      ->group(kContent);
  command.add_option("--blob-records", o.feed.blob_records, "Number of records in a content blob")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000))
      ->group(kContent);

  command
      .add_option("--steady", o.steady_interval,
                  "Publish only steady content: one blob for each tenant and content type in this "
                  "time, such as 1m; it takes no memory")
      ->type_name("TIME")
      ->group(kContent);
  command
      .add_option("--backlog", o.steady_backlog,
                  "The age of the oldest steady content at the start, such as 7d")
      ->type_name("TIME")
      ->group(kContent);

  const std::string kApi = "Behaviour of the API";
  command
      .add_option("--page-size", o.simulator.cloud.page_size, "Number of entries on a listing page")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000))
      ->group(kApi);
  command
      .add_option("--quota", o.simulator.cloud.quota_per_minute,
                  "Requests per minute and tenant; 0 for no quota")
      ->capture_default_str()
      ->group(kApi);
  command
      .add_option("--throttle-status", o.simulator.cloud.throttle_status,
                  "HTTP status of the error AF429")
      ->capture_default_str()
      ->check(CLI::IsMember({403, 429}))
      ->group(kApi);
  command
      .add_flag("--strict", o.simulator.cloud.strict,
                "Reject calls without PublisherIdentifier, and links to pages that were changed")
      ->group(kApi);
  command.add_option("--delay-ms", o.delay_ms, "Delay of each response in milliseconds")
      ->capture_default_str()
      ->group(kApi);

  command
      .add_option("--certificate", o.certificates,
                  "Register this certificate (PEM) for the application of all tenants or, with "
                  "TENANT=FILE, of one")
      ->type_name("FILE")
      ->group(kApi);

  command
      .add_option("--federation", o.federations,
                  "Trust assertions of this issuer about this subject, signed with the key of this "
                  "PEM file, as a federated credential of all tenants")
      ->type_name("ISSUER,SUBJECT,FILE")
      ->group(kApi);

  const std::string kScript = "Faults (docs/simulator.md)";
  command.add_flag("--list-faults", o.list_faults, "Print all kinds of faults, and end")
      ->group(kScript);
  command
      .add_option("--fault", o.faults,
                  "Inject a fault, such as html=404:on=blob,from=10s,for=1m,share=5%; may be "
                  "repeated")
      ->type_name("FAULT")
      ->allow_extra_args(false)
      ->group(kScript);
  command
      .add_option("--faults", o.faults_file,
                  "Inject the faults of this file: one in each line, JSON lines, or YAML")
      ->type_name("FILE")
      ->group(kScript);

  const std::string kFaults = "Common faults, each as a share from 0 to 1";
  const auto share = [&](const char* name, double& value, const char* sentence) {
    command.add_option(name, value, sentence)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0))
        ->group(kFaults);
  };
  share("--server-errors", o.shares.server_error_share, "Requests that fail with HTTP status 500");
  share("--truncated", o.shares.truncated_share, "Blobs that end half-way");
  share("--stalled", o.shares.stalled_share, "Blobs that pause half-way for 30 seconds");
  share("--listed-late", o.feed.listed_late_share, "Blobs that are listed late");
  share("--republished", o.feed.republished_share, "Records that are published twice");
  command
      .add_flag("--bad-content-uri", o.shares.bad_content_uri, "Serve contentUris that do not work")
      ->group(kFaults);
  command.add_flag("--duplicate-entries", o.shares.duplicate_entries, "List each blob twice")
      ->group(kFaults);
}

absl::StatusOr<absl::Duration> SpanOption(const char* name, const std::string& text) {
  const std::optional<absl::Duration> span = simulator::ParseSpan(text);
  if (!span.has_value()) {
    return absl::InvalidArgumentError(
        absl::StrCat(name, " ", text, ": not a time such as 100ms, 60s, 5m, 2h or 7d"));
  }
  return *span;
}

absl::Status ReadFaultOptions(SimulateOptions& options) {
  if (!options.faults_file.empty()) {
    ASSIGN_OR_RETURN(const std::string text, ReadFile(options.faults_file));
    ASSIGN_OR_RETURN(options.simulator.faults, simulator::ReadFaults(text, options.faults_file));
  }
  for (const std::string& text : options.faults) {
    ASSIGN_OR_RETURN(simulator::Fault fault, simulator::ParseFault(text));
    options.simulator.faults.push_back(std::move(fault));
  }
  return absl::OkStatus();
}

absl::Status ReadSteadyOptions(SimulateOptions& options) {
  simulator::SteadyOptions& steady = options.simulator.cloud.steady;
  steady.seed = options.feed.seed;
  steady.records = options.feed.blob_records;
  if (!options.steady_interval.empty()) {
    ASSIGN_OR_RETURN(steady.interval, SpanOption("--steady", options.steady_interval));
    if (steady.interval <= absl::ZeroDuration()) {
      return absl::InvalidArgumentError("--steady must be longer than 0");
    }
  }
  if (!options.steady_backlog.empty()) {
    if (options.steady_interval.empty()) {
      return absl::InvalidArgumentError("--backlog needs --steady");
    }
    ASSIGN_OR_RETURN(steady.backlog, SpanOption("--backlog", options.steady_backlog));
  }
  return absl::OkStatus();
}

absl::Status RegisterCertificates(SimulateOptions& options) {
  for (const std::string& text : options.certificates) {
    const size_t equals = text.find('=');
    const std::string path = equals == std::string::npos ? text : text.substr(equals + 1);
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(path));
    const absl::StatusOr<simulator::TrustedKey> key = simulator::ReadTrustedKey(pem);
    if (!key.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--certificate ", path, ": ", key.status().message()));
    }
    std::vector<simulator::Tenant>& tenants = options.simulator.tenants;
    if (equals == std::string::npos) {
      for (simulator::Tenant& tenant : tenants) tenant.certificates.push_back(*key);
      continue;
    }
    const simulator::Tenant* const found = simulator::FindTenant(tenants, text.substr(0, equals));
    if (found == nullptr) {
      return absl::InvalidArgumentError(
          absl::StrCat("--certificate ", text, ": there is no tenant ", text.substr(0, equals)));
    }
    tenants[static_cast<size_t>(found - tenants.data())].certificates.push_back(*key);
  }
  return absl::OkStatus();
}

absl::Status RegisterFederations(SimulateOptions& options) {
  for (const std::string& text : options.federations) {
    const std::vector<std::string> parts = absl::StrSplit(text, ',');
    if (parts.size() != 3) {
      return absl::InvalidArgumentError(
          absl::StrCat("--federation ", text, ": not ISSUER,SUBJECT,FILE"));
    }
    ASSIGN_OR_RETURN(const std::string pem, ReadFile(parts[2]));
    const absl::StatusOr<simulator::TrustedKey> key = simulator::ReadTrustedKey(pem);
    if (!key.ok()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--federation ", parts[2], ": ", key.status().message()));
    }
    simulator::FederatedCredential credential;
    credential.issuer = parts[0];
    credential.subject = parts[1];
    credential.key = *key;
    for (simulator::Tenant& tenant : options.simulator.tenants) {
      tenant.federated.push_back(credential);
    }
  }
  return absl::OkStatus();
}

absl::Status WriteFiles(simulator::Simulator& simulator, const SimulateOptions& options) {
  if (simulator.feed() == nullptr) return absl::OkStatus();
  if (!options.expectations_file.empty()) {
    RETURN_IF_ERROR(WriteFile(options.expectations_file,
                              simulator::ExpectationsJson(simulator.feed()->Expected())));
  }
  if (!options.published_ids_file.empty()) {
    RETURN_IF_ERROR(WriteFile(options.published_ids_file, simulator.PublishedIdsJson()));
  }
  return absl::OkStatus();
}

absl::Status Simulate(SimulateOptions& options) {
  const size_t colon = options.listen.rfind(':');
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(options.listen.substr(colon + 1), &options.simulator.port)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen ", options.listen, ": not host:port, e.g. 127.0.0.1:8365"));
  }
  options.simulator.host = options.listen.substr(0, colon);
  options.simulator.response_delay = absl::Milliseconds(options.delay_ms);
  options.simulator.cloud.seed = options.feed.seed;
  RETURN_IF_ERROR(ReadFaultOptions(options));
  RETURN_IF_ERROR(ReadSteadyOptions(options));
  if (options.feed.forever) options.simulator.cloud.retention = absl::Hours(1);
  if (options.simulator.https && options.simulator.ca_file.empty()) {
    if (options.config_dir.empty()) {
      return absl::InvalidArgumentError(
          "--https needs --ca-file or --write-config, for the authority's certificate");
    }
    options.simulator.ca_file = options.config_dir + "/ca.pem";
  }
  if (options.tenants == 0 && !options.feed.records_file.empty()) {
    ASSIGN_OR_RETURN(options.simulator.tenants,
                     simulator::TenantsOfFile(options.feed.records_file, options.feed.seed));
  } else {
    options.simulator.tenants =
        simulator::InventTenants(std::max(1, options.tenants), options.feed.seed);
  }
  RETURN_IF_ERROR(RegisterCertificates(options));
  RETURN_IF_ERROR(RegisterFederations(options));
  // This call creates the folder. With --https, the simulator writes ca.pem to this folder when it
  // starts (unless --ca-file names another path), so the folder must exist before the start.
  if (!options.config_dir.empty()) {
    RETURN_IF_ERROR(simulator::WriteTenantFiles(options.config_dir, {}, ""));
  }

  // The signals are blocked before the first thread starts, because each thread inherits the
  // blocked signals. Therefore, only sigtimedwait at the end of this function receives the signals.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  SystemClock clock;
  if (options.steady_interval.empty()) options.simulator.feed = options.feed;
  ASSIGN_OR_RETURN(const std::unique_ptr<simulator::Simulator> simulator,
                   simulator::Simulator::Start(options.simulator, clock));
  simulator->cloud().SetFaults(options.shares);
  if (!options.config_dir.empty()) {
    RETURN_IF_ERROR(
        simulator::WriteTenantFiles(options.config_dir, simulator->tenants(), simulator->url()));
  }
  RETURN_IF_ERROR(WriteFiles(*simulator, options));
  if (simulator->feed() != nullptr) simulator->feed()->Start();
  std::printf("listening %s\n", simulator->url().c_str());
  std::fflush(stdout);

  bool has_printed = false;
  const timespec a_while = {.tv_sec = 0, .tv_nsec = 100'000'000};
  while (sigtimedwait(&stop_signals, nullptr, &a_while) < 0) {
    simulator->LogSteadyContent();
    if (simulator->feed() == nullptr) continue;
    if (has_printed || !simulator->feed()->AllPublished()) continue;
    has_printed = true;
    RETURN_IF_ERROR(WriteFiles(*simulator, options));
    std::printf("published %lu records in %lu blobs\n",
                static_cast<unsigned long>(simulator->feed()->records_published()),
                static_cast<unsigned long>(simulator->cloud().blobs_published()));
    std::fflush(stdout);
  }
  RETURN_IF_ERROR(WriteFiles(*simulator, options));
  std::fprintf(stderr, "%s\n", simulator->StatusJson().c_str());
  return absl::OkStatus();
}

}  // namespace

void AddSimulate(CLI::App& app, int& exit_status) {
  CLI::App* const command = app.add_subcommand(
      "simulate", "Serve simulated Microsoft 365 tenants until SIGTERM, for trials and tests");
  command->group(kDemoCommands);
  const auto options = std::make_shared<SimulateOptions>();
  AddSimulateOptions(*command, *options);
  AddSimulateVerify(*command, exit_status);
  command->callback([options, command, &exit_status] {
    if (!command->get_subcommands().empty()) return;  // the sub-command has its own callback
    if (options->list_faults) {
      std::fputs(simulator::FaultKindList().c_str(), stdout);
      return;
    }
    const absl::Status status = Simulate(*options);
    if (status.ok()) return;
    std::fprintf(stderr, "picket simulate: %s\n", std::string(status.message()).c_str());
    exit_status = kExitWrongUsage;
  });
}

}  // namespace picket
