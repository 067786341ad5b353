#include "http/server.h"

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <map>
#include <optional>
#include <thread>
#include <unordered_map>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/error.h"
#include "common/log.h"
#include "common/mutex.h"
#include "common/strings.h"

namespace picket::http {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
using tcp = asio::ip::tcp;
using BeastRequest = beast::http::request<beast::http::string_body>;
using BeastResponse = beast::http::response<beast::http::string_body>;

std::string_view View(beast::string_view text) { return {text.data(), text.size()}; }
beast::string_view BeastView(std::string_view text) { return {text.data(), text.size()}; }

std::chrono::steady_clock::duration Chrono(absl::Duration duration) {
  return std::chrono::nanoseconds(absl::ToInt64Nanoseconds(duration));
}

class Connection;

// What a connection waits for. The order is the order in which waiting connections are closed to
// make room for new ones.
enum class Wait { kRequest, kRestOfRequest, kClientToRead, kHandler };

// Holds the open connections and knows which of them wait for their clients.
// Threads: Any thread may use it.
class Connections {
 public:
  explicit Connections(size_t max) : max_(max) {}

  // Adds a connection, which waits for a request. If the limit is reached, closes a connection that
  // waits for its client. Returns false if the limit is reached and no connection waits for its
  // client.
  bool Add(const std::shared_ptr<Connection>& connection);
  void Remove(Connection* connection);
  void SetWait(Connection* connection, Wait wait);
  // Closes the first connection of `waiting_`. Returns false if there is none.
  bool CloseLongestWaiting();
  size_t size() const {
    MutexLock lock(mu_);
    return open_.size();
  }

 private:
  struct Open {
    std::weak_ptr<Connection> connection;
    Wait wait = Wait::kRequest;
    uint64_t turn = 0;  // sequence number of the current wait; a lower number is an earlier wait
  };
  using WaitingKey = std::pair<Wait, uint64_t>;

  std::shared_ptr<Connection> PopLongestWaiting() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_);

  const size_t max_;
  mutable Mutex mu_;
  uint64_t last_turn_ ABSL_GUARDED_BY(mu_) = 0;
  std::unordered_map<Connection*, Open> open_ ABSL_GUARDED_BY(mu_);
  // The connections that wait for their clients, in the order in which they are closed.
  std::map<WaitingKey, Connection*> waiting_ ABSL_GUARDED_BY(mu_);
};

// Serves one client: reads a request, calls the handler, writes the response, and repeats.
// Threads: Every step runs on the server's thread, except for the handler.
// Lifetime: The pending asynchronous operation keeps the connection alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const ServerOptions& options, const Handler& handler,
             asio::thread_pool& handlers, Connections& connections)
      : stream_(std::move(socket)),
        options_(options),
        handler_(handler),
        handlers_(handlers),
        connections_(connections) {
    beast::error_code error;
    const tcp::endpoint peer = stream_.socket().remote_endpoint(error);
    if (!error) peer_ = peer.address().to_string();
  }
  ~Connection() { connections_.Remove(this); }

  void Run() { WaitForRequest(); }
  void Close() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->stream_.close(); });
  }

 private:
  // Waits for the first byte of a request. The connection is idle in the meantime.
  void WaitForRequest() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(options_.max_header_bytes));
    parser_->body_limit(options_.max_body_bytes);
    if (buffer_.size() > 0) {  // the client sent this request together with the previous request
      ReadRequest();
      return;
    }
    connections_.SetWait(this, Wait::kRequest);
    stream_.expires_after(Chrono(options_.idle_timeout));
    stream_.async_read_some(buffer_.prepare(2048),
                            [self = shared_from_this()](beast::error_code error, size_t size) {
                              if (error) return;
                              self->buffer_.commit(size);
                              self->ReadRequest();
                            });
  }

  void ReadRequest() {
    connections_.SetWait(this, Wait::kRestOfRequest);
    stream_.expires_after(Chrono(options_.request_timeout));
    beast::http::async_read(
        stream_, buffer_, *parser_,
        [self = shared_from_this()](beast::error_code error, size_t) { self->OnRequest(error); });
  }

  void OnRequest(beast::error_code error) {
    using HttpError = beast::http::error;
    if (error == HttpError::end_of_stream) {
      beast::error_code ignored;
      stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
      return;
    }
    if (error == HttpError::header_limit) return Refuse(431, "the header is too large");
    if (error == HttpError::body_limit) return Refuse(413, "the body is too large");
    if (error && error.category() == make_error_code(HttpError::bad_method).category()) {
      return Refuse(400, "this is not a valid HTTP request");
    }
    if (error) return;  // the client was too slow, or one side has closed the connection
    BeastRequest message = parser_->release();
    Request request;
    request.method = View(message.method_string());
    const std::string_view target = View(message.target());
    const size_t query = target.find('?');
    request.path = target.substr(0, query);
    if (query != std::string_view::npos) request.query = target.substr(query + 1);
    for (const auto& field : message) {
      request.headers.emplace_back(View(field.name_string()), View(field.value()));
    }
    request.body = std::move(message.body());
    request.peer = peer_;
    Answer(std::move(request), message.method() == beast::http::verb::head, message.keep_alive());
  }

  void Answer(Request request, bool is_head, bool keep_alive) {
    if (options_.immediate) {
      if (std::optional<Response> response = options_.immediate(request)) {
        return Write(*std::move(response), is_head, keep_alive);
      }
    }
    connections_.SetWait(this, Wait::kHandler);
    stream_.expires_never();  // the connection reads and writes nothing while the handler runs
    asio::post(handlers_, [self = shared_from_this(), request = std::move(request), is_head,
                           keep_alive]() mutable {
      Response response = self->handler_(request);
      const auto executor = self->stream_.get_executor();
      asio::post(executor,
                 [self = std::move(self), response = std::move(response), is_head,
                  keep_alive]() mutable { self->Write(std::move(response), is_head, keep_alive); });
    });
  }

  void Refuse(int status, std::string_view reason) {
    Response response;
    response.status = status;
    response.body = absl::StrCat(ToAbsl(reason), "\n");
    Write(std::move(response), false, false);
  }

  void Write(Response response, bool is_head, bool keep_alive) {
    response_.emplace();
    response_->version(11);
    response_->result(static_cast<unsigned>(response.status));
    response_->set(beast::http::field::content_type, BeastView(response.content_type));
    for (const auto& [name, value] : response.headers) {
      response_->insert(BeastView(name), BeastView(value));
    }
    response_->keep_alive(keep_alive);
    response_->body() = std::move(response.body);
    response_->prepare_payload();
    // Content-Length keeps the size of the body that GET returns.
    if (is_head) response_->body().clear();
    connections_.SetWait(this, Wait::kClientToRead);
    stream_.expires_after(Chrono(options_.request_timeout));
    beast::http::async_write(stream_, *response_,
                             [self = shared_from_this()](beast::error_code error, size_t) {
                               if (error) return;
                               if (self->response_->keep_alive()) {
                                 self->response_.reset();
                                 self->WaitForRequest();
                               } else {
                                 self->CloseAfterResponse();
                               }
                             });
  }

  // Reads and discards the bytes that the client still sends. Closing a connection with unread
  // bytes would reset it, and the client might lose the response.
  void CloseAfterResponse() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    buffer_.clear();
    Discard();
  }
  void Discard() {
    if (discarded_ > options_.max_body_bytes) return;
    stream_.async_read_some(buffer_.prepare(4096),
                            [self = shared_from_this()](beast::error_code error, size_t size) {
                              if (error) return;
                              self->discarded_ += size;
                              self->Discard();
                            });
  }

  beast::tcp_stream stream_;
  const ServerOptions& options_;
  const Handler& handler_;
  asio::thread_pool& handlers_;
  Connections& connections_;
  std::string peer_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<BeastResponse> response_;
  size_t discarded_ = 0;
};

std::shared_ptr<Connection> Connections::PopLongestWaiting() {
  while (!waiting_.empty()) {
    const auto first = waiting_.begin();
    const auto place = open_.find(first->second);
    waiting_.erase(first);
    place->second.wait = Wait::kHandler;  // the state of a connection that is not in `waiting_`
    if (std::shared_ptr<Connection> connection = place->second.connection.lock()) {
      return connection;
    }
  }
  return nullptr;
}

bool Connections::Add(const std::shared_ptr<Connection>& connection) {
  std::shared_ptr<Connection> evicted;  // outlives the lock, because ~Connection locks `mu_`
  {
    MutexLock lock(mu_);
    if (open_.size() >= max_) {
      evicted = PopLongestWaiting();
      if (evicted == nullptr) return false;
    }
    Open open{connection, Wait::kRequest, ++last_turn_};
    waiting_.emplace(WaitingKey(open.wait, open.turn), connection.get());
    open_.emplace(connection.get(), std::move(open));
  }
  if (evicted != nullptr) evicted->Close();
  return true;
}

void Connections::Remove(Connection* connection) {
  MutexLock lock(mu_);
  const auto place = open_.find(connection);
  if (place == open_.end()) return;  // Add refused it
  waiting_.erase(WaitingKey(place->second.wait, place->second.turn));
  open_.erase(place);
}

void Connections::SetWait(Connection* connection, Wait wait) {
  MutexLock lock(mu_);
  const auto place = open_.find(connection);
  if (place == open_.end()) return;
  Open& open = place->second;
  waiting_.erase(WaitingKey(open.wait, open.turn));
  open.wait = wait;
  open.turn = ++last_turn_;
  if (wait != Wait::kHandler) waiting_.emplace(WaitingKey(open.wait, open.turn), connection);
}

bool Connections::CloseLongestWaiting() {
  std::shared_ptr<Connection> evicted;
  {
    MutexLock lock(mu_);
    evicted = PopLongestWaiting();
  }
  if (evicted == nullptr) return false;
  evicted->Close();
  return true;
}

// Splits `host:port` and removes the brackets around an IPv6 address. Returns false if `listen` has
// another form.
bool SplitAddress(const std::string& listen, std::string& host, int& port) {
  const size_t colon = listen.rfind(':');
  if (colon == std::string::npos || !absl::SimpleAtoi(listen.substr(colon + 1), &port))
    return false;
  host = listen.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return !host.empty() && port >= 0 && port <= 65535;
}

}  // namespace

struct Server::Impl {
  Impl(ServerOptions server_options, Handler server_handler)
      : options(std::move(server_options)),
        handler(std::move(server_handler)),
        connections(options.max_connections),
        acceptor(io),
        handlers(static_cast<size_t>(options.handler_threads)) {}

  absl::Status Listen() {
    std::string host;
    int wanted = 0;
    if (!SplitAddress(options.listen, host, wanted)) {
      return absl::InvalidArgumentError(absl::StrCat("listen address '", options.listen,
                                                     "' is not host:port, e.g. 127.0.0.1:9464"));
    }
    beast::error_code error;
    tcp::resolver resolver(io);
    const auto found =
        resolver.resolve(host, std::to_string(wanted), tcp::resolver::passive, error);
    if (error || found.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("cannot listen on ", options.listen,
                                                     ": no such host (", error.message(), ")"));
    }
    for (const auto& entry : found) {
      error = Bind(entry.endpoint());
      // A name such as localhost may also have an address of a family that this machine lacks.
      if (error != asio::error::address_family_not_supported &&
          error != beast::errc::address_not_available) {
        break;
      }
    }
    if (error == asio::error::address_in_use) {
      return absl::AlreadyExistsError(absl::StrCat("cannot listen on ", options.listen,
                                                   ": another process uses this port (",
                                                   error.message(), ")"));
    }
    if (error) {
      return absl::InvalidArgumentError(
          absl::StrCat("cannot listen on ", options.listen, ": ", error.message()));
    }
    port = acceptor.local_endpoint().port();
    return absl::OkStatus();
  }

  beast::error_code Bind(const tcp::endpoint& endpoint) {
    beast::error_code error, ignored;
    acceptor.close(ignored);
    acceptor.open(endpoint.protocol(), error);
    // Lets a restarted service use the port while old connections end. A port that another process
    // listens on is still an error.
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor.non_blocking(true, error);
    return error;
  }

  // At the limit of file descriptors, accept() fails even if no client waits, so the server waits
  // for a client before it calls accept().
  void WaitForClient() {
    acceptor.async_wait(tcp::acceptor::wait_read, [this](beast::error_code error) {
      if (!error) Accept();
    });
  }

  void Accept() {
    beast::error_code error;
    tcp::socket socket = acceptor.accept(io, error);
    if (!error) {
      auto connection =
          std::make_shared<Connection>(std::move(socket), options, handler, handlers, connections);
      if (connections.Add(connection)) connection->Run();
      return WaitForClient();
    }
    if (error == asio::error::would_block || error == asio::error::connection_aborted) {
      return WaitForClient();  // the client has gone
    }
    // Usually, the process has reached its limit of file descriptors.
    LogWarning("http_accept_failed",
               {{"listen", options.listen}, {"error", ErrnoText(error.value())}});
    connections.CloseLongestWaiting();
    retry.expires_after(std::chrono::milliseconds(50));  // avoids a busy loop
    retry.async_wait([this](beast::error_code cancelled) {
      if (!cancelled) Accept();
    });
  }

  const ServerOptions options;
  const Handler handler;
  Connections connections;  // outlives the io_context, whose pending operations hold connections
  asio::io_context io{1};
  tcp::acceptor acceptor;
  asio::steady_timer retry{io};
  asio::thread_pool handlers;  // destroyed before the io_context, which the handlers' tasks use
  int port = 0;
  std::jthread thread;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->handlers.stop();  // drops the requests whose handler has not begun
  impl_->handlers.join();
  impl_->io.stop();
  impl_->thread = std::jthread();
  // The pending operations are destroyed with the io_context. They hold the connections.
}

int Server::port() const { return impl_->port; }

size_t Server::connections() const { return impl_->connections.size(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (absl::Status status = impl->Listen(); !status.ok()) return status;
  impl->WaitForClient();
  impl->thread = std::jthread([io = &impl->io] { io->run(); });
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace picket::http
