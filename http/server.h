#pragma once

// An asynchronous HTTP/1.1 server on Boost.Beast, for the admin pages of the services. Only
// server.cc includes Boost.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace picket::http {

// Answers one request. The server calls it on several threads at a time.
using Handler = std::function<Response(const Request&)>;
// Answers a request at once, or returns nullopt to leave it to the handler.
using ImmediateHandler = std::function<std::optional<Response>(const Request&)>;

struct ServerOptions {
  std::string listen;       // host:port or [IPv6 address]:port; port 0 selects a free port
  int handler_threads = 2;  // the number of handlers that run at the same time
  // The server calls this function before the handler, on the thread that serves all connections.
  // The function must not wait for anything. The requests that it answers do not wait for handlers.
  ImmediateHandler immediate;
  // When the limit is reached and another client connects, the server closes a connection that
  // waits for its client. It prefers idle connections to incomplete requests, and incomplete
  // requests to responses that the client does not read. Among equal connections it closes the one
  // that has waited for the longest time. If no connection waits for its client, the server closes
  // the new connection.
  size_t max_connections = 1024;
  size_t max_header_bytes = 8 << 10;  // a larger header is answered with 431
  size_t max_body_bytes = 64 << 10;   // a larger body is answered with 413
  // The time in which a request must arrive completely after its first byte, and the time in which
  // the client must accept the response. Afterwards the server closes the connection.
  absl::Duration request_timeout = absl::Seconds(10);
  // The time that a client may wait before it sends the first byte of a request.
  absl::Duration idle_timeout = absl::Seconds(60);
};

// Threads: One thread calls Start, port and the destructor. Any thread may call connections. One
// thread of the server reads and writes all connections. Handlers run on other threads, so a slow
// handler delays only requests that need a handler.
// Lifetime: The destructor closes all connections and waits for handlers that still run.
// Failure: Start returns InvalidArgument if the address is invalid or does not belong to this
// machine, and AlreadyExists if the address is in use. A client that breaks HTTP or a limit gets
// 400, 413, 431 or a closed connection, and does not affect other clients. If the process reaches
// its limit of file descriptors, the server logs the error, closes a connection that waits for its
// client, and tries again. A handler must not throw.
class Server {
 public:
  static absl::StatusOr<std::unique_ptr<Server>> Start(ServerOptions options, Handler handler);
  ~Server();

  int port() const;
  // Returns the number of open connections.
  size_t connections() const;

 private:
  struct Impl;
  explicit Server(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace picket::http
