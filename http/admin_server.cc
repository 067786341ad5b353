#include "http/admin_server.h"

#include <arpa/inet.h>
#include <openssl/crypto.h>

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/descriptors.h"
#include "common/mutex.h"
#include "common/strings.h"
#include "common/version.h"
#include "http/server.h"

namespace picket::http {
namespace {

constexpr size_t kMostConnections = 512;
constexpr size_t kFewestConnections = 8;

bool IsLoopback(std::string_view peer) {
  return peer == "::1" || peer.starts_with("127.") || peer.starts_with("::ffff:127.");
}

// Compares every byte of two strings of the same length, so that the time does not reveal how many
// bytes are right.
bool IsSameInConstantTime(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

// Returns the host of a `Host` header or a listen address, without the port and without brackets.
std::string_view HostOf(std::string_view address) {
  if (address.starts_with('[')) {
    return address.substr(1, address.find(']') == std::string_view::npos ? std::string_view::npos
                                                                         : address.find(']') - 1);
  }
  return address.substr(0, address.rfind(':'));
}

bool IsIpv4Loopback(std::string_view host) {
  in_addr address;
  return inet_pton(AF_INET, std::string(host).c_str(), &address) == 1 &&
         (ntohl(address.s_addr) >> 24) == 127;
}

// Returns true if the host is localhost, a loopback address or `own_host`. A browser sends the host
// that is in the URL. If a web page uses a DNS name that an attacker has made resolve to this
// machine (DNS rebinding), the host is that name, and this function returns false.
bool IsOwnName(std::string_view host, std::string_view own_host) {
  if (host.empty()) return false;
  return EqualsIgnoreCase(host, "localhost") || EqualsIgnoreCase(host, own_host) || host == "::1" ||
         IsIpv4Loopback(host);
}

Response Text(int status, std::string_view text) {
  Response response;
  response.status = status;
  response.body = absl::StrCat(ToAbsl(text), "\n");
  return response;
}

}  // namespace

std::string_view RefusalOfPage(const Request& request, std::string_view token,
                               std::string_view own_host) {
  if (!token.empty()) {
    constexpr std::string_view kScheme = "Bearer ";
    const std::string_view given = request.FindHeader("Authorization");
    const bool has_token = given.size() > kScheme.size() &&
                           EqualsIgnoreCase(given.substr(0, kScheme.size()), kScheme) &&
                           IsSameInConstantTime(given.substr(kScheme.size()), token);
    return has_token ? "" : "this page needs the token: Authorization: Bearer TOKEN";
  }
  if (!IsLoopback(request.peer)) {
    return "this page is for clients on this machine; admin.token_file allows others";
  }
  for (const std::string_view header : {"Forwarded", "X-Forwarded-For", "X-Real-IP", "Via"}) {
    if (!request.FindHeader(header).empty()) {
      return "this page is not served through a proxy; admin.token_file allows it";
    }
  }
  const std::string_view site = request.FindHeader("Sec-Fetch-Site");
  if (site == "cross-site" || site == "same-site") {
    return "this page is not served to pages of other sites";
  }
  if (!IsOwnName(HostOf(request.FindHeader("Host")), own_host)) {
    return "this page is served only under the name localhost or a loopback address";
  }
  return "";
}

struct AdminServer::Impl {
  // Answers /healthz, /version and unsupported methods. The other pages may wait for locks, so
  // Answer answers them on the threads of the handlers.
  static std::optional<Response> AnswerAtOnce(const Request& request) {
    if (request.method != "GET" && request.method != "HEAD") {
      Response response = Text(405, "only GET and HEAD are supported");
      response.headers.emplace_back("Allow", "GET, HEAD");
      return response;
    }
    if (request.path == "/healthz") return Text(200, "ok");
    if (request.path == "/version") return Text(200, kVersion);
    return std::nullopt;
  }

  Response Answer(const Request& request) const {
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
    const std::string token = Token();
    const std::string_view refusal = RefusalOfPage(request, token, own_host);
    if (!refusal.empty()) {
      response = Text(token.empty() ? 403 : 401, refusal);
      if (!token.empty()) response.headers.emplace_back("WWW-Authenticate", "Bearer");
      return response;
    }
    response.content_type = "application/json";
    response.headers.emplace_back("X-Content-Type-Options", "nosniff");
    response.headers.emplace_back("Cache-Control", "no-store");
    response.body = page->second();
    return response;
  }

  std::string Token() const {
    MutexLock lock(mu);
    return page_token;
  }

  const Metrics& metrics;
  const std::function<Readiness()> readiness;
  const AdminPages pages;
  const std::string own_host;
  mutable Mutex mu;
  std::string page_token ABSL_GUARDED_BY(mu);
  std::unique_ptr<Server> server;  // destroyed first, because its threads use the members above
};

AdminServer::AdminServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
AdminServer::~AdminServer() = default;

int AdminServer::port() const { return impl_->server->port(); }

void AdminServer::SetPageToken(std::string token) {
  MutexLock lock(impl_->mu);
  impl_->page_token = std::move(token);
}

absl::StatusOr<std::unique_ptr<AdminServer>> AdminServer::Start(
    AdminOptions options, const Metrics& metrics, std::function<Readiness()> readiness,
    AdminPages pages) {
  ServerOptions server_options;
  server_options.immediate = Impl::AnswerAtOnce;
  // The pages must not use up the file descriptors of the service.
  server_options.max_connections =
      std::clamp(static_cast<size_t>(DescriptorLimit()) / 4, kFewestConnections, kMostConnections);
  std::unique_ptr<Impl> impl(new Impl{metrics,
                                      std::move(readiness),
                                      std::move(pages),
                                      std::string(HostOf(options.listen)),
                                      {},
                                      std::move(options.page_token),
                                      nullptr});
  server_options.listen = std::move(options.listen);
  auto server = Server::Start(
      std::move(server_options),
      [state = impl.get()](const Request& request) { return state->Answer(request); });
  if (!server.ok()) return server.status();
  impl->server = *std::move(server);
  return std::unique_ptr<AdminServer>(new AdminServer(std::move(impl)));
}

}  // namespace picket::http
