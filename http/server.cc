#include "http/server.h"

#include <algorithm>
#include <atomic>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <chrono>
#include <list>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
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

// Holds the open connections. Idle connections are those that wait for a request. They are ordered
// by the time at which they began to wait.
// Threads: Any thread may use it.
class Connections {
 public:
  explicit Connections(size_t max) : max_(max) {}

  // Adds a connection. If the limit is reached, closes the connection that has been idle for the
  // longest time. Returns false if no connection is idle.
  bool Add(const std::shared_ptr<Connection>& connection);
  void Remove(Connection* connection);
  void SetIdle(const std::shared_ptr<Connection>& connection, bool is_idle);
  void CloseAll();
  size_t size() const {
    MutexLock lock(mu_);
    return open_.size();
  }

 private:
  const size_t max_;
  mutable Mutex mu_;
  std::list<std::weak_ptr<Connection>> idle_ ABSL_GUARDED_BY(mu_);  // longest idle first
  std::vector<std::pair<Connection*, std::weak_ptr<Connection>>> open_ ABSL_GUARDED_BY(mu_);
};

// Serves one client: reads a request, calls the handler, writes the response, and repeats.
// Threads: Every step runs on the connection's strand.
// Lifetime: The pending asynchronous operation keeps the connection alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(tcp::socket socket, const ServerOptions& options, const Handler& handler,
             Connections& connections)
      : stream_(std::move(socket)),
        options_(options),
        handler_(handler),
        connections_(connections) {
    beast::error_code error;
    const tcp::endpoint peer = stream_.socket().remote_endpoint(error);
    if (!error) peer_ = peer.address().to_string();
  }
  ~Connection() { connections_.Remove(this); }

  void Run() {
    asio::dispatch(stream_.get_executor(), [self = shared_from_this()] { self->WaitForRequest(); });
  }
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
    connections_.SetIdle(shared_from_this(), true);
    stream_.expires_after(Chrono(options_.idle_timeout));
    stream_.async_read_some(buffer_.prepare(2048),
                            [self = shared_from_this()](beast::error_code error, size_t size) {
                              self->connections_.SetIdle(self, false);
                              if (error) return;
                              self->buffer_.commit(size);
                              self->ReadRequest();
                            });
  }

  void ReadRequest() {
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
    if (error) return;  // the client closed the connection or was too slow
    const BeastRequest message = parser_->release();
    Request request;
    request.method = View(message.method_string());
    const std::string_view target = View(message.target());
    const size_t query = target.find('?');
    request.path = target.substr(0, query);
    if (query != std::string_view::npos) request.query = target.substr(query + 1);
    for (const auto& field : message) {
      request.headers.emplace_back(View(field.name_string()), View(field.value()));
    }
    request.body = message.body();
    request.peer = peer_;
    Write(handler_(request), message.method() == beast::http::verb::head, message.keep_alive());
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
    if (is_head)
      response_->body().clear();  // Content-Length keeps the size of the body that GET returns
    stream_.expires_after(Chrono(options_.request_timeout));
    beast::http::async_write(stream_, *response_,
                             [self = shared_from_this()](beast::error_code error, size_t) {
                               if (error) return;
                               if (self->response_->keep_alive()) {
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
  Connections& connections_;
  std::string peer_;
  beast::flat_buffer buffer_;
  std::optional<beast::http::request_parser<beast::http::string_body>> parser_;
  std::optional<BeastResponse> response_;
  size_t discarded_ = 0;
};

bool Connections::Add(const std::shared_ptr<Connection>& connection) {
  std::shared_ptr<Connection> evicted;  // destroyed after the lock is released
  {
    MutexLock lock(mu_);
    if (open_.size() >= max_) {
      while (!idle_.empty() && evicted == nullptr) {
        evicted = idle_.front().lock();
        idle_.pop_front();
      }
      if (evicted == nullptr) return false;
    }
    open_.emplace_back(connection.get(), connection);
  }
  if (evicted != nullptr) evicted->Close();
  return true;
}

void Connections::Remove(Connection* connection) {
  MutexLock lock(mu_);
  std::erase_if(open_, [connection](const auto& entry) { return entry.first == connection; });
}

void Connections::SetIdle(const std::shared_ptr<Connection>& connection, bool is_idle) {
  MutexLock lock(mu_);
  if (is_idle) {
    idle_.push_back(connection);
  } else {
    std::erase_if(idle_, [&connection](const auto& entry) {
      return !entry.owner_before(connection) && !connection.owner_before(entry);
    });
  }
}

void Connections::CloseAll() {
  std::vector<std::shared_ptr<Connection>> all;
  {
    MutexLock lock(mu_);
    for (const auto& [pointer, weak] : open_) {
      if (std::shared_ptr<Connection> connection = weak.lock())
        all.push_back(std::move(connection));
    }
  }
  for (const std::shared_ptr<Connection>& connection : all) connection->Close();
}

// Splits `host:port`. An IPv6 address is in brackets. Returns false if the text has another form.
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
        io(options.threads),
        acceptor(asio::make_strand(io)) {}

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
    const tcp::endpoint endpoint = found.begin()->endpoint();
    acceptor.open(endpoint.protocol(), error);
    // Lets a restarted service use the port while old connections end. A port that another process
    // listens on is still an error.
    if (!error) acceptor.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor.bind(endpoint, error);
    if (!error) acceptor.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return absl::InvalidArgumentError(absl::StrCat(
          "cannot listen on ", options.listen, ": ", error.message(),
          error == asio::error::address_in_use
              ? "; another process uses this port: choose another one or stop that process"
              : ""));
    }
    port = acceptor.local_endpoint().port();
    return absl::OkStatus();
  }

  void Accept() {
    acceptor.async_accept(
        asio::make_strand(io), [this](beast::error_code error, tcp::socket socket) {
          if (is_stopping) return;
          if (!error) {
            auto connection =
                std::make_shared<Connection>(std::move(socket), options, handler, connections);
            if (connections.Add(connection)) connection->Run();
            Accept();
            return;
          }
          // The process has probably reached its limit of file descriptors. Waiting avoids a busy
          // loop.
          retry.expires_after(std::chrono::milliseconds(50));
          retry.async_wait([this](beast::error_code) {
            if (!is_stopping) Accept();
          });
        });
  }

  const ServerOptions options;
  const Handler handler;
  Connections connections;  // outlives the io_context, whose pending operations hold connections
  asio::io_context io;
  tcp::acceptor acceptor;
  asio::steady_timer retry{acceptor.get_executor()};
  std::atomic<bool> is_stopping = false;
  int port = 0;
  std::vector<std::jthread> threads;
};

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Server::~Server() {
  impl_->is_stopping = true;
  impl_->connections.CloseAll();
  impl_->io.stop();
  impl_->threads.clear();
}

int Server::port() const { return impl_->port; }

size_t Server::connections() const { return impl_->connections.size(); }

absl::StatusOr<std::unique_ptr<Server>> Server::Start(ServerOptions options, Handler handler) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(handler));
  if (absl::Status status = impl->Listen(); !status.ok()) return status;
  impl->Accept();
  for (int i = 0; i < impl->options.threads; ++i) {
    impl->threads.emplace_back([io = &impl->io] { io->run(); });
  }
  return std::unique_ptr<Server>(new Server(std::move(impl)));
}

}  // namespace picket::http
