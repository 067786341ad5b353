#include "simulator/server/http_server.h"

#include <httplib.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/mutex.h"

namespace picket::simulator {
namespace {

constexpr int kConnectionLimit = 512;
constexpr int kBacklog = 4096;
constexpr time_t kIdleSeconds = 2;

// A thread pool that grows when no thread is idle. cpp-httplib uses one thread per open connection,
// and its own pool has a fixed number of threads.
// Threads: Any thread may use it. Lifetime: the pool belongs to the server, which calls shutdown().
class ConnectionThreads final : public httplib::TaskQueue {
 public:
  // The result type of enqueue. It is void in cpp-httplib 0.11 (Debian 12). In 0.18 (Debian 13), it
  // is a boolean that is true if the job was accepted.
  using Accepted = decltype(std::declval<httplib::TaskQueue&>().enqueue(nullptr));
  Accepted enqueue(std::function<void()> job) override {
    {
      MutexLock lock(mu_);
      jobs_.push_back(std::move(job));
      if (jobs_.size() > idle_ && threads_.size() < kConnectionLimit) {
        threads_.emplace_back([this] { Work(); });
      }
    }
    changed_.notify_one();
    return static_cast<Accepted>(true);
  }

  void shutdown() override {
    std::vector<std::thread> threads;
    {
      MutexLock lock(mu_);
      stopped_ = true;
      threads.swap(threads_);
    }
    changed_.notify_all();
    for (std::thread& thread : threads) thread.join();
  }

 private:
  void Work() {
    while (true) {
      std::function<void()> job;
      {
        MutexLock lock(mu_);
        ++idle_;
        changed_.wait(
            mu_, [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopped_ || !jobs_.empty(); });
        --idle_;
        if (jobs_.empty()) return;
        job = std::move(jobs_.front());
        jobs_.pop_front();
      }
      job();
    }
  }

  Mutex mu_;
  std::condition_variable_any changed_;
  std::deque<std::function<void()>> jobs_ ABSL_GUARDED_BY(mu_);
  std::vector<std::thread> threads_ ABSL_GUARDED_BY(mu_);
  size_t idle_ ABSL_GUARDED_BY(mu_) = 0;
  bool stopped_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace

struct HttpServer::Impl {
  std::unique_ptr<ServerIdentity> identity;
  std::unique_ptr<httplib::Server> server;
  std::string origin;
  absl::Duration delay;
  HttpHandler handler;
  int port = 0;
  std::thread thread;

  Mutex mu;
  std::condition_variable_any stop_changed;
  bool stopping ABSL_GUARDED_BY(mu) = false;

  // Waits for the duration. Returns false if the server stops in the meantime.
  bool Pause(absl::Duration duration) {
    MutexLock lock(mu);
    return !stop_changed.wait_for(mu, absl::ToChronoNanoseconds(duration),
                                  [this]() ABSL_NO_THREAD_SAFETY_ANALYSIS { return stopping; });
  }

  void Serve(const httplib::Request& in, httplib::Response& out) {
    HttpRequest request;
    request.method = in.method;
    request.target = in.target;
    const std::string host = in.get_header_value("Host");
    request.origin =
        host.empty() ? origin : absl::StrCat(identity == nullptr ? "http://" : "https://", host);
    request.authorization = in.get_header_value("Authorization");
    for (const auto& [name, value] : in.headers) {
      // The library adds these entries, which the client has not sent.
      if (name == "REMOTE_ADDR" || name == "REMOTE_PORT" || name == "LOCAL_ADDR" ||
          name == "LOCAL_PORT") {
        continue;
      }
      request.headers.emplace_back(name, value);
    }
    request.remote_address = in.remote_addr;
    request.body = in.body;
    if (delay > absl::ZeroDuration()) Pause(delay);

    HttpResponse response = handler(request);
    if (response.delay > absl::ZeroDuration()) Pause(response.delay);
    out.status = response.status;
    for (const auto& [name, value] : response.headers) out.set_header(name, value);
    auto sending = std::make_shared<Sending>();
    sending->bytes_per_second = response.bytes_per_second;
    sending->stall = response.fault == BodyFault::kStalled ? response.stall : absl::ZeroDuration();
    if (response.source != nullptr) {
      sending->source = response.source();
      sending->size = response.source_bytes.value_or(0);
    } else {
      sending->text = response.body;
      sending->size = response.body == nullptr ? 0 : response.body->size();
      if (sending->text != nullptr) sending->piece = *sending->text;
    }
    if (response.fault != BodyFault::kNone) sending->cut_at = sending->size / 2;
    if (response.source != nullptr && !response.source_bytes.has_value()) {
      out.set_chunked_content_provider(response.content_type,
                                       [this, sending](size_t, httplib::DataSink& sink) {
                                         if (!SendPiece(*sending, sink)) return false;
                                         if (sending->at_end) sink.done();
                                         return true;
                                       });
    } else if (sending->size == 0) {
      out.set_header("Content-Type", response.content_type);
    } else {
      out.set_content_provider(sending->size, response.content_type,
                               [this, sending](size_t, size_t, httplib::DataSink& sink) {
                                 return SendPiece(*sending, sink);
                               });
    }
  }

  // The state of a body that is being sent.
  struct Sending {
    std::shared_ptr<const std::string> text;
    std::unique_ptr<BodySource> source;
    std::string_view piece;  // the bytes of the current piece that were not sent yet
    uint64_t size = 0;       // of the whole body; 0 if it is not known
    uint64_t sent = 0;
    std::optional<uint64_t> cut_at;  // the connection is closed after this number of bytes
    absl::Duration stall;
    int64_t bytes_per_second = 0;
    bool at_end = false;
  };

  // Sends the next bytes. Returns false to close the connection.
  bool SendPiece(Sending& sending, httplib::DataSink& sink) {
    if (sending.cut_at.has_value() && sending.sent >= *sending.cut_at) {
      Pause(sending.stall);
      return false;
    }
    if (sending.piece.empty() && sending.source != nullptr) sending.piece = sending.source->Next();
    if (sending.piece.empty()) {
      sending.at_end = true;
      return true;
    }
    size_t bytes = sending.piece.size();
    if (sending.cut_at.has_value()) {
      bytes = std::min<uint64_t>(bytes, *sending.cut_at - sending.sent);
    }
    if (sending.bytes_per_second > 0) {
      // Sends ten portions per second, or single bytes at low speeds.
      const auto portion = std::max<int64_t>(1, sending.bytes_per_second / 10);
      bytes = std::min<size_t>(bytes, static_cast<size_t>(portion));
      const double seconds =
          static_cast<double>(bytes) / static_cast<double>(sending.bytes_per_second);
      if (!Pause(absl::Seconds(seconds))) return false;
    }
    if (!sink.write(sending.piece.data(), bytes)) return false;
    sending.piece.remove_prefix(bytes);
    sending.sent += bytes;
    return true;
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

HttpServer::~HttpServer() {
  {
    MutexLock lock(impl_->mu);
    impl_->stopping = true;
  }
  impl_->stop_changed.notify_all();
  impl_->server->stop();
  if (impl_->thread.joinable()) impl_->thread.join();
}

int HttpServer::port() const { return impl_->port; }

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(
    const std::string& host, int port, std::unique_ptr<ServerIdentity> identity,
    absl::Duration delay, HttpHandler handler) {
  auto impl = std::make_unique<Impl>();
  impl->delay = delay;
  impl->handler = std::move(handler);
  if (identity == nullptr) {
    impl->server = std::make_unique<httplib::Server>();
  } else {
    impl->server =
        std::make_unique<httplib::SSLServer>(identity->certificate.get(), identity->key.get());
    if (!impl->server->is_valid()) {
      return absl::InternalError("the HTTPS server does not accept its certificate");
    }
  }
  impl->identity = std::move(identity);

  httplib::Server& server = *impl->server;
  int descriptor = -1;
  server.new_task_queue = [] { return new ConnectionThreads; };
  server.set_keep_alive_max_count(1'000'000);
  server.set_keep_alive_timeout(kIdleSeconds);
  server.set_tcp_nodelay(true);
  // By default, the library sets SO_REUSEPORT, with which another process could listen on the same
  // port. Therefore, this function replaces the default and sets only SO_REUSEADDR.
  server.set_socket_options([&descriptor](int socket) {
    const int yes = 1;
    setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    descriptor = socket;
  });
  Impl* const self = impl.get();
  const auto serve = [self](const httplib::Request& in, httplib::Response& out) {
    self->Serve(in, out);
  };
  server.Get(".*", serve);
  server.Post(".*", serve);
  server.Delete(".*", serve);
  impl->port = port == 0                         ? server.bind_to_any_port(host)
               : server.bind_to_port(host, port) ? port
                                                 : -1;
  if (impl->port <= 0) {
    return absl::InvalidArgumentError(
        absl::StrCat("cannot listen on ", host, ":", port,
                     ": the address is in use or does not belong to this machine"));
  }
  // The library already listens, but lets only five connections wait to be accepted. If a hundred
  // clients connected at once, some would fail. This call raises the limit.
  ::listen(descriptor, kBacklog);
  impl->origin =
      absl::StrCat(impl->identity == nullptr ? "http://" : "https://", host, ":", impl->port);
  impl->thread = std::thread([&server] { server.listen_after_bind(); });
  // The destructor calls stop(), which would have no effect before the server runs.
  while (!server.is_running()) std::this_thread::yield();
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

}  // namespace picket::simulator
