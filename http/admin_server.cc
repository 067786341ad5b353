#include "http/admin_server.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/strings.h"
#include "common/version.h"
#include "http/server.h"

namespace picket::http {
namespace {

bool IsLoopback(std::string_view peer) {
  return peer == "::1" || peer.starts_with("127.") || peer.starts_with("::ffff:127.");
}

bool IsSameInConstantTime(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  unsigned difference = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  }
  return difference == 0;
}

Response Text(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.body = absl::StrCat(ToAbsl(text), "\n");
  return response;
}

}  // namespace

bool MayReadPages(std::string_view peer, std::string_view authorization, std::string_view token) {
  if (IsLoopback(peer)) return true;
  constexpr std::string_view kScheme = "Bearer ";
  return !token.empty() && authorization.size() > kScheme.size() &&
         EqualsIgnoreCase(authorization.substr(0, kScheme.size()), kScheme) &&
         IsSameInConstantTime(authorization.substr(kScheme.size()), token);
}

struct AdminServer::Impl {
  Response Answer(const Request& request) const {
    if (request.method != "GET" && request.method != "HEAD") {
      Response response = Text(405, "only GET and HEAD are supported");
      response.headers.emplace_back("Allow", "GET, HEAD");
      return response;
    }
    if (request.path == "/healthz") return Text(200, "ok");
    if (request.path == "/version") return Text(200, kVersion);
    if (request.path == "/readyz") {
      const Readiness state = readiness();
      return Text(state.ready ? 200 : 503, state.ready ? "ready" : state.reason);
    }
    Response response;
    if (request.path == "/metrics") {
      response.content_type = "text/plain; version=0.0.4";
      response.body = metrics.Render();
      return response;
    }
    const auto page = pages.find(request.path);
    if (page == pages.end()) return Text(404, "no such page");
    if (!MayReadPages(request.peer, request.FindHeader("Authorization"), options.page_token)) {
      return Text(403, "this page is for clients on this machine, or with the token");
    }
    response.content_type = "application/json";
    response.body = page->second();
    return response;
  }

  const AdminOptions options;
  const Metrics& metrics;
  const std::function<Readiness()> readiness;
  const AdminPages pages;
  std::unique_ptr<Server> server;  // last: its threads use the members above
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

int AdminServer::port() const { return impl_->server->port(); }

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    AdminOptions options, const Metrics& metrics, std::function<Readiness()> readiness,
    AdminPages pages) {
  ServerOptions server_options;
  server_options.listen = options.listen;
  std::unique_ptr<Impl> impl(
      new Impl{std::move(options), metrics, std::move(readiness), std::move(pages), nullptr});
  auto server = Server::Start(
      std::move(server_options),
      [state = impl.get()](const Request& request) { return state->Answer(request); });
  if (!server.ok()) return server.status();
  impl->server = *std::move(server);
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

}  // namespace picket::http
