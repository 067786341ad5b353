#include "common/admin_server.h"

#include <httplib.h>

#include "absl/strings/numbers.h"
#include "common/strings.h"
#include "common/version.h"

namespace picket {

struct AdminServer::Impl {
  httplib::Server server;
  int port = 0;
  std::jthread thread;
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

AdminServer::~AdminServer() {
  impl_->server.stop();
  impl_->thread.join();
}

int AdminServer::port() const { return impl_->port; }

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    const std::string& listen, const Metrics& metrics, std::function<Readiness()> readiness,
    const AdminPages& pages) {
  const size_t colon = listen.rfind(':');
  int port = 0;
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port)) {
    return absl::InvalidArgumentError(
        absl::StrCat("listen address '", listen, "' is not host:port, e.g. 127.0.0.1:9464"));
  }
  const std::string host = listen.substr(0, colon);

  auto impl = std::make_unique<Impl>();
  httplib::Server& server = impl->server;
  server.new_task_queue = [] { return new httplib::ThreadPool(2); };
  server.Get("/metrics", [&metrics](const httplib::Request&, httplib::Response& response) {
    response.set_content(metrics.Render(), "text/plain; version=0.0.4");
  });
  server.Get("/healthz", [](const httplib::Request&, httplib::Response& response) {
    response.set_content("ok\n", "text/plain");
  });
  server.Get("/version", [](const httplib::Request&, httplib::Response& response) {
    response.set_content(absl::StrCat(kVersion, "\n"), "text/plain");
  });
  server.Get("/readyz", [readiness](const httplib::Request&, httplib::Response& response) {
    const Readiness state = readiness();
    response.status = state.ready ? 200 : 503;
    response.set_content(absl::StrCat(state.ready ? "ready" : state.reason, "\n"), "text/plain");
  });
  for (const auto& [path, page] : pages) {
    server.Get(path, [page = page](const httplib::Request&, httplib::Response& response) {
      response.set_content(page(), "application/json");
    });
  }
  impl->port = port == 0                         ? server.bind_to_any_port(host)
               : server.bind_to_port(host, port) ? port
                                                 : -1;
  if (impl->port <= 0) {
    return absl::InvalidArgumentError(absl::StrCat(
        "cannot listen on ", listen, ": the address is in use or does not belong to this machine"));
  }
  impl->thread = std::jthread([&server] { server.listen_after_bind(); });
  while (!server.is_running())
    std::this_thread::yield();  // stop() has no effect on a server that is not running yet
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

}  // namespace picket
