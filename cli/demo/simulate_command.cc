#include <csignal>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "cli/commands.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "simulator/simulator.h"

namespace picket {
namespace {

struct Options {
  std::string listen = "127.0.0.1:0";
  int tenants = 0;  // 0: those of the records file, else one
  int64_t delay_ms = 0;
  std::string expectations_file;
  std::string published_ids_file;
  std::string config_dir;
  simulator::SimulatorOptions simulator;
  simulator::FeedOptions feed;
  simulator::Faults faults;
};

void AddOptions(CLI::App& command, Options& o) {
  command.add_option("--listen", o.listen, "host:port; port 0 takes a free one")
      ->capture_default_str();
  command.add_flag("--https", o.simulator.https,
                   "Serve HTTPS with a certificate of an authority made at the start");
  command.add_option("--ca-file", o.simulator.ca_file,
                     "Where the authority's certificate goes (default: ca.pem in --write-config)");
  command
      .add_option("--tenants", o.tenants,
                  "How many tenants (default: those of the records file, else 1)")
      ->check(CLI::Range(1, 100'000));
  command.add_option("--seed", o.feed.seed, "What everything invented follows from")
      ->capture_default_str();
  command.add_option("--write-config", o.config_dir,
                     "Folder that gets tenants.d/ and secrets/ for `picket fetch`");
  command.add_option("--expectations", o.expectations_file,
                     "File that gets the alerts which the attacks deserve, as JSON");
  command.add_option("--published-ids", o.published_ids_file,
                     "File that gets the Ids of all records, by tenant, when all are published and "
                     "at the end");

  const std::string kContent = "What the tenants' logs hold";
  command
      .add_option("--records", o.feed.records_file,
                  "Records from a file, newline-delimited JSON, plain or gzip, in place of "
                  "generated ones")
      ->group(kContent);
  command
      .add_option("--total-records", o.feed.total_records,
                  "Repeat the file, with new Ids, until there are so many records")
      ->group(kContent);
  command.add_option("--records-per-tenant", o.feed.records_per_tenant, "How many are generated")
      ->capture_default_str()
      ->group(kContent);
  command.add_option("--campaigns", o.feed.campaigns, "How often each attack is told; 0 = never")
      ->capture_default_str()
      ->check(CLI::Range(0, 1000))
      ->group(kContent);
  command
      .add_flag("--forever", o.feed.forever,
                "Go on with work and attacks in real time; content expires after an hour")
      ->group(kContent);
  command
      .add_option("--rate", o.feed.records_per_second,
                  "Records a second, all tenants together; 0 = everything at once")
      ->capture_default_str()
      ->group(kContent);
  command.add_option("--blob-records", o.feed.blob_records, "Records in a blob")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000))
      ->group(kContent);

  const std::string kApi = "How the API behaves";
  command.add_option("--page-size", o.simulator.cloud.page_size, "Entries of a listing page")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000'000))
      ->group(kApi);
  command
      .add_option("--quota", o.simulator.cloud.quota_per_minute,
                  "Requests a minute and tenant; 0 = no quota")
      ->capture_default_str()
      ->group(kApi);
  command
      .add_option("--throttle-status", o.simulator.cloud.throttle_status, "HTTP status of AF429")
      ->capture_default_str()
      ->check(CLI::IsMember({403, 429}))
      ->group(kApi);
  command
      .add_flag("--strict", o.simulator.cloud.strict,
                "Refuse calls without PublisherIdentifier and page links that were changed")
      ->group(kApi);
  command.add_option("--delay-ms", o.delay_ms, "Time that passes before each answer")
      ->capture_default_str()
      ->group(kApi);

  const std::string kFaults = "What goes wrong, as a share from 0 to 1";
  const auto share = [&](const char* name, double& value, const char* sentence) {
    command.add_option(name, value, sentence)
        ->capture_default_str()
        ->check(CLI::Range(0.0, 1.0))
        ->group(kFaults);
  };
  share("--server-errors", o.faults.server_error_share, "Requests that are answered 500");
  share("--truncated", o.faults.truncated_share, "Blobs that end half-way");
  share("--stalled", o.faults.stalled_share, "Blobs that stop half-way for 30 seconds");
  share("--listed-late", o.feed.listed_late_share, "Blobs that are listed late");
  share("--republished", o.feed.republished_share, "Records that come twice");
  command.add_flag("--bad-content-uri", o.faults.bad_content_uri, "Serve contentUris of no use")
      ->group(kFaults);
  command.add_flag("--duplicate-entries", o.faults.duplicate_entries, "List each blob twice")
      ->group(kFaults);
}

absl::Status WriteFiles(simulator::Simulator& simulator, const Options& options) {
  if (!options.expectations_file.empty()) {
    RETURN_IF_ERROR(WriteFile(options.expectations_file,
                              simulator::ExpectationsJson(simulator.feed()->Expected())));
  }
  if (!options.published_ids_file.empty()) {
    RETURN_IF_ERROR(WriteFile(options.published_ids_file, simulator.PublishedIdsJson()));
  }
  return absl::OkStatus();
}

absl::Status Simulate(Options& options) {
  const size_t colon = options.listen.rfind(':');
  if (colon == std::string::npos ||
      !absl::SimpleAtoi(options.listen.substr(colon + 1), &options.simulator.port)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--listen ", options.listen, ": not host:port, e.g. 127.0.0.1:8365"));
  }
  options.simulator.host = options.listen.substr(0, colon);
  options.simulator.response_delay = absl::Milliseconds(options.delay_ms);
  options.simulator.cloud.seed = options.feed.seed;
  if (options.feed.forever) options.simulator.cloud.retention = absl::Hours(1);
  if (options.simulator.https && options.simulator.ca_file.empty()) {
    if (options.config_dir.empty()) {
      return absl::InvalidArgumentError(
          "--https: --ca-file or --write-config must say where the authority's certificate goes");
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
  // The folder must be there before the authority's certificate goes into it.
  if (!options.config_dir.empty()) {
    RETURN_IF_ERROR(simulator::WriteTenantFiles(options.config_dir, {}, ""));
  }

  // Blocked before the first thread begins, so that the signal comes to the wait below.
  sigset_t stop_signals;
  sigemptyset(&stop_signals);
  sigaddset(&stop_signals, SIGTERM);
  sigaddset(&stop_signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &stop_signals, nullptr);

  SystemClock clock;
  options.simulator.feed = options.feed;
  ASSIGN_OR_RETURN(const std::unique_ptr<simulator::Simulator> simulator,
                   simulator::Simulator::Start(options.simulator, clock));
  simulator->cloud().SetFaults(options.faults);
  if (!options.config_dir.empty()) {
    RETURN_IF_ERROR(
        simulator::WriteTenantFiles(options.config_dir, simulator->tenants(), simulator->url()));
  }
  RETURN_IF_ERROR(WriteFiles(*simulator, options));
  simulator->feed()->Start();
  std::printf("listening %s\n", simulator->url().c_str());
  std::fflush(stdout);

  bool told = false;
  const timespec a_while = {.tv_sec = 0, .tv_nsec = 100'000'000};
  while (sigtimedwait(&stop_signals, nullptr, &a_while) < 0) {
    if (told || !simulator->feed()->AllPublished()) continue;
    told = true;
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
      "simulate", "Serve simulated Microsoft 365 tenants until SIGTERM, to try or test against");
  const auto options = std::make_shared<Options>();
  AddOptions(*command, *options);
  command->callback([options, &exit_status] {
    const absl::Status status = Simulate(*options);
    if (status.ok()) return;
    std::fprintf(stderr, "picket simulate: %s\n", std::string(status.message()).c_str());
    exit_status = 2;
  });
}

}  // namespace picket
