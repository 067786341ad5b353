#pragma once

// An asynchronous HTTP/1.1 server on Boost.Beast, for admin pages and the console. Only server.cc
// includes Boost.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "http/message.h"

namespace picket::http {

// Answers one request. The server calls it on its own threads, from several threads at a time. It
// must return soon, because its thread serves no other client in the meantime.
using Handler = std::function<Response(const Request&)>;

struct ServerOptions {
  std::string listen;  // host:port or [IPv6 address]:port; port 0 selects a free port
  int threads = 2;
  // When the limit is reached and another client connects, the server closes the connection that
  // has been idle for the longest time. If no connection is idle, the server closes the new
  // connection.
  size_t max_connections = 1024;
  size_t max_header_bytes = 8 << 10;  // a larger header is answered with 431
  size_t max_body_bytes = 64 << 10;   // a larger body is answered with 413
  // The time in which a request must arrive completely after its first byte, and the time in which
  // the client must accept the response. Afterwards the server closes the connection.
  absl::Duration request_timeout = absl::Seconds(10);
  // The time that a client may wait before it sends the first byte of a request.
  absl::Duration idle_timeout = absl::Seconds(60);
};

// Threads: One thread calls Start, port and the destructor. The handler runs on the server's
// threads. Lifetime: The destructor closes all connections and waits for handlers that still run.
// Failure: Start returns InvalidArgument if the address is invalid, does not belong to this machine
// or is in use. A client that breaks HTTP or a limit gets 400, 413, 431 or a closed connection, and
// does not affect other clients. A handler must not throw.
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
