#include "simulator/simulator.h"

#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status_macros.h"
#include "simulator/http_server.h"

namespace picket::simulator {

absl::StatusOr<std::unique_ptr<Simulator>> Simulator::Start(SimulatorOptions options,
                                                            const Clock& clock) {
  auto simulator = std::unique_ptr<Simulator>(new Simulator);
  simulator->cloud_ = std::make_unique<Cloud>(options.cloud, std::move(options.tenants), clock);

  std::unique_ptr<ServerIdentity> identity;
  if (options.https) {
    if (options.ca_file.empty()) {
      return absl::InvalidArgumentError(
          "HTTPS needs a file to write the authority's certificate to");
    }
    ASSIGN_OR_RETURN(ServerIdentity made,
                     MakeServerIdentity({options.host, "localhost", "127.0.0.1", "::1"}));
    identity = std::make_unique<ServerIdentity>(std::move(made));
    RETURN_IF_ERROR(WriteFile(options.ca_file, identity->ca_pem));
  }
  Cloud* const cloud = simulator->cloud_.get();
  ASSIGN_OR_RETURN(
      simulator->server_,
      HttpServer::Start(options.host, options.port, std::move(identity), options.response_delay,
                        [cloud](const HttpRequest& request) { return cloud->Handle(request); }));
  simulator->url_ = absl::StrCat(options.https ? "https://" : "http://", options.host, ":",
                                 simulator->server_->port());
  return simulator;
}

Simulator::~Simulator() = default;

int Simulator::port() const { return server_->port(); }

}  // namespace picket::simulator
